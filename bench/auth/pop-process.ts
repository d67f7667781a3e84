/** A PoP without connectors, links and clients: it takes snapshots as control sends them, and says how long that took. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fromBase64Url } from '../../src/base/index.ts';
import { decodeControlToPop } from '../../src/core/link/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { loadIdentity } from '../../src/io/identity.ts';
import { createLog } from '../../src/io/log.ts';
import { createRandom } from '../../src/io/random.ts';
import { NodeSessionCrypto } from '../../src/io/session-crypto.ts';
import { type LinkEvents, type RunningPop, startPop } from '../../src/pop/start-pop.ts';
import { answerCalls } from '../../test/lab/calls.ts';
import { POP_ID } from './large-snapshot.ts';

let dataDir = '';
let pop: RunningPop | undefined;
let events: LinkEvents | undefined;
let answers: unknown[] = [];

/** Takes a frame as the link does; gives milliseconds. */
function take(text: string): number {
  const startedMs = performance.now();
  const decoded = decodeControlToPop(text);
  if (!decoded.ok) throw new Error(`the frame is refused: ${decoded.reason} ${decoded.path}`);
  const { value } = decoded;
  if (value.type !== 'snapshot' && value.type !== 'delta') throw new Error('not a snapshot');
  events?.received(value);
  const took = performance.now() - startedMs;
  if (JSON.stringify(answers.at(-1))?.includes('applied') !== true)
    throw new Error(`not applied: ${JSON.stringify(answers.at(-1))}`);
  return took;
}

answerCalls({
  async open(rootKey: unknown): Promise<void> {
    dataDir = await mkdtemp(join(tmpdir(), 'manis-bench-auth-'));
    const unreachable = () => Promise.reject(new Error('no connectors'));
    pop = await startPop({
      ...{ dataDir, popId: POP_ID, identity: await loadIdentity(dataDir) },
      ...{ rootKey: fromBase64Url(String(rootKey)) ?? new Uint8Array(), crypto: new NodeSessionCrypto() },
      ...{ clock: createClock(), random: createRandom(), log: createLog({ level: 'silent' }) },
      dialer: {
        connect: unreachable,
        state: () => 'down',
        isRelayed: () => false,
        isDraining: () => false,
        isPopLost: () => false,
      },
      https: [{ host: '127.0.0.1', port: 0 }],
      openLink: (given) => {
        events = given;
        return {
          link: undefined,
          start: () => undefined,
          stop: () => undefined,
          send: (message) => answers.push(message) > 0,
        };
      },
    });
  },
  async whole(file: unknown): Promise<number> {
    return take(await readFile(String(file), 'utf8'));
  },
  /** Milliseconds of each, and the longest time for which nothing else had a turn meanwhile. */
  async edits(file: unknown): Promise<{ tookMs: number[]; stallMs: number }> {
    const frames = JSON.parse(await readFile(String(file), 'utf8')) as string[];
    const tookMs: number[] = [];
    let [stallMs, lastMs] = [0, performance.now()];
    for (const frame of frames) {
      tookMs.push(take(frame));
      for (let i = 0; i < 10; i++) {
        await setImmediate();
        const nowMs = performance.now();
        stallMs = Math.max(stallMs, nowMs - lastMs);
        lastMs = nowMs;
      }
    }
    answers = [];
    return { tookMs, stallMs };
  },
  async close(): Promise<void> {
    await pop?.stop(0);
    await rm(dataDir, { recursive: true, force: true });
  },
});
