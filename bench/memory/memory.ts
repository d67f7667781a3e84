/**
 * `memory`: resident memory of the processes of `npm start` after ten idle seconds, and of a process with a PoP's
 * tunnels after a thousand connectors shook hands with it. Nothing is collected by force.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../src/io/random.ts';
import { HostProcess } from '../../test/lab/host-process.ts';
import { residentBytes } from '../../test/lab/process-figures.ts';
import { startNetwork } from '../network.ts';
import { CannotRun, type Figures, figure } from '../report.ts';
import { type PublicNode, publicNode } from '../tunnel/grant.ts';
import type { PopSettings } from '../tunnel/pop-process.ts';

const IDLE_MS = 10_000;
const TUNNELS = 1_000;
const TUNNELS_TIMEOUT_MS = 60_000;
const PORT_BASE = 27_443;
const POP_PORT = 27_460;
const MEGABYTE = 1e6;

export async function memory(say: (line: string) => void): Promise<Figures> {
  if (process.platform !== 'linux') throw new CannotRun('resident memory is read from /proc, which only Linux has');
  const idle = await idleNetwork(say);
  return { ...idle, ...(await manyTunnels(say)) };
}

async function idleNetwork(say: (line: string) => void): Promise<Figures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'manis-bench-memory-'));
  try {
    const network = await startNetwork({ dataDir, portBase: PORT_BASE });
    say(`the network is ready; ${IDLE_MS / 1000} idle seconds`);
    await sleep(IDLE_MS);
    const { pops, connector, control } = network.ready;
    const pop = Math.max(...pops.map(({ pid }) => megabytes(pid)));
    const figures = {
      popIdle: figure(pop, { unit: 'MB', target: 150, better: 'less' }),
      connectorIdle: figure(megabytes(connector.pid), { unit: 'MB', target: 110, better: 'less' }),
      controlIdle: figure(megabytes(control.pid), { unit: 'MB', better: 'less' }),
    };
    await network.stop();
    return figures;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function manyTunnels(say: (line: string) => void): Promise<Figures> {
  const pop = nodeProcess('bench/tunnel/pop-process.ts');
  const dialling = nodeProcess('bench/memory/dialling-process.ts');
  try {
    const privateKey = createRandom().bytes(32);
    const { wireguardKey } = await publicNode(privateKey);
    const nodes = await dialling.call<PublicNode[]>('make', TUNNELS);
    await pop.call('up');
    const before = megabytes(pop.pid);
    await pop.call('open', settings(privateKey, nodes));
    await dialling.call('dial', wireguardKey, `127.0.0.1:${POP_PORT}`);
    await allUp(pop, dialling);
    say(`${TUNNELS} tunnels are up; ${IDLE_MS / 1000} idle seconds`);
    await sleep(IDLE_MS);
    const up = await pop.call<number>('up');
    if (up !== TUNNELS) throw new Error(`only ${up} of ${TUNNELS} tunnels stayed up`);
    const after = megabytes(pop.pid);
    return {
      tunnels1000: figure(after, { unit: 'MB', target: 220, better: 'less' }),
      kilobytesPerTunnel: figure(((after - before) * 1000) / TUNNELS, { unit: 'kB', better: 'less' }),
    };
  } finally {
    await Promise.all([pop.stop(), dialling.stop()]);
  }
}

function settings(privateKey: Uint8Array, nodes: readonly PublicNode[]): PopSettings {
  const connectors = nodes.map((node, i) => ({ id: `c${i}`, name: `c${i}`, siteId: 'site', ...node }));
  return {
    privateKey: Buffer.from(privateKey).toString('base64'),
    address: '127.0.0.1',
    port: POP_PORT,
    mtu: 1280,
    udp: 'offload',
    connectors: connectors.map((one) => ({ kind: 'connector', ...one })),
    door: null,
  };
}

async function allUp(pop: HostProcess, dialling: HostProcess): Promise<void> {
  for (let waited = 0; waited < TUNNELS_TIMEOUT_MS; waited += 250) {
    const up = Math.min(await pop.call<number>('up'), await dialling.call<number>('up'));
    if (up === TUNNELS) return;
    await sleep(250);
  }
  throw new Error(`${await pop.call('up')} of ${TUNNELS} tunnels came up`);
}

function nodeProcess(file: string): HostProcess {
  const args = ['--disable-warning=ExperimentalWarning', file];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  return new HostProcess(child, file);
}

function megabytes(pid: number): number {
  const bytes = residentBytes(pid);
  if (bytes === undefined) throw new Error(`process ${pid} is gone`);
  return bytes / MEGABYTE;
}
