/**
 * `npm run bench -- auth`: what deciding on a request costs, how soon an edit of a policy is in force, and what a large
 * snapshot costs a PoP.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostProcess } from '../../test/lab/host-process.ts';
import { residentBytes } from '../../test/lab/process-figures.ts';
import { type Figures, figure } from '../report.ts';
import { casbinTimes } from './casbin-peer.ts';
import { decisionTimes } from './decision.ts';
import { editTimes } from './edits.ts';
import { makeFrames, RESOURCES, USERS } from './large-snapshot.ts';
import { publicationTimes } from './publication.ts';

const DELTAS = 40;
const SETTLING_MS = 10_000;
const MEGABYTE = 1e6;

export async function auth(say: (line: string) => void): Promise<Figures> {
  say('decisions on requests');
  const own = await decisionTimes();
  const casbin = await casbinTimes();
  const peer = (share: number) => ({ name: 'casbin 5, 50 policies, no session', value: quantile(casbin, share) });
  say('edits of a policy at three PoPs');
  const edits = await editTimes();
  return {
    // Asked of our own number; the peer is there to compare.
    decisionP50: {
      ...figure(quantile(own, 0.5), { unit: 'us', better: 'less', peer: peer(0.5) }),
      ...asked(own, 0.5, 20),
    },
    decisionP99: {
      ...figure(quantile(own, 0.99), { unit: 'us', better: 'less', peer: peer(0.99) }),
      ...asked(own, 0.99, 60),
    },
    policyEditP50: figure(quantile(edits, 0.5), { unit: 'ms', better: 'less' }),
    policyEditP99: figure(quantile(edits, 0.99), { unit: 'ms', target: 1_000, better: 'less' }),
    ...(await publication(say)),
    ...(await largeSnapshot(say)),
  };
}

async function publication(say: (line: string) => void): Promise<Figures> {
  say(`changes where there are ${RESOURCES} resources with certificates`);
  const { change, add, policy } = await publicationTimes(RESOURCES);
  const median = (times: readonly number[], target: number) =>
    figure(quantile(times, 0.5), { unit: 'ms', target, better: 'less' });
  return { publishChange: median(change, 100), publishAdd: median(add, 200), publishPolicy: median(policy, 100) };
}

function asked(times: ArrayLike<number>, share: number, target: number) {
  return { target, holds: quantile(times, share) <= target };
}

async function largeSnapshot(say: (line: string) => void): Promise<Figures> {
  say(`a snapshot of ${RESOURCES} resources and ${USERS} users`);
  const folder = await mkdtemp(join(tmpdir(), 'manis-bench-frames-'));
  const args = ['--disable-warning=ExperimentalWarning', 'bench/auth/pop-process.ts'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const pop = new HostProcess(child, 'the PoP');
  try {
    const { rootKey, snapshot, deltas } = makeFrames(Date.now(), DELTAS);
    await writeFile(join(folder, 'whole'), snapshot);
    await writeFile(join(folder, 'edits'), JSON.stringify(deltas));
    await pop.call('open', rootKey);
    const before = resident(pop.pid);
    const buildMs = await pop.call<number>('whole', join(folder, 'whole'));
    const { tookMs, stallMs } = await pop.call<{ tookMs: number[]; stallMs: number }>('edits', join(folder, 'edits'));
    await sleep(SETTLING_MS);
    const after = resident(pop.pid);
    tookMs.sort((a, b) => a - b);
    return {
      snapshotBuild: figure(buildMs / 1000, { unit: 's', target: 5, better: 'less' }),
      snapshotDeltaP50: figure(quantile(tookMs, 0.5), { unit: 'ms', better: 'less' }),
      snapshotDeltaP99: figure(quantile(tookMs, 0.99), { unit: 'ms', target: 50, better: 'less' }),
      snapshotStall: figure(stallMs, { unit: 'ms', better: 'less' }),
      snapshotMegabytes: figure(snapshot.length / MEGABYTE, { unit: 'MB', better: 'less' }),
      popBefore: figure(before, { unit: 'MB', better: 'less' }),
      popMemory: figure(after, { unit: 'MB', target: 400, better: 'less' }),
    };
  } finally {
    await pop.call('close').catch(() => undefined);
    await pop.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of ascending numbers. */
function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

function resident(pid: number): number {
  const bytes = residentBytes(pid);
  if (bytes === undefined) throw new Error(`process ${pid} is gone`);
  return bytes / MEGABYTE;
}
