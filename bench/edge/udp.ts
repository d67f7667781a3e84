/**
 * `udp`: datagrams of 128 bytes that are answered, through a UDP resource (PoP, tunnel, connector, and a target that says
 * back what it hears), against the same through a tunnel of two wireguard-go, which has no resource, policy or session. The
 * two ends are in hosts of their own, joined by a link.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectorRecord } from '../../src/core/link/index.ts';
import { createRandom } from '../../src/io/random.ts';
import type { Host } from '../../test/lab/host.ts';
import type { HostProcess } from '../../test/lab/host-process.ts';
import type { Lab } from '../../test/lab/lab.ts';
import { startWireguardGoPair } from '../../test/lab/wireguard-go.ts';
import { type Figures, measuredPairs, pairedFigure } from '../report.ts';
import type { ConnectorSettings } from '../tunnel/connector-process.ts';
import { enrolled, publicNode } from '../tunnel/grant.ts';
import { tunnelUp } from '../tunnel/setups.ts';
import type { UdpPopSettings } from './udp-pop-process.ts';
import type { AskOptions, AskResult } from './udp-process.ts';

const PAIRS = 5;
const SECONDS = 3;
const WARM_UP_SECONDS = 3;
const LOAD = { sockets: 16, window: 16, bytes: 128 } as const;
const PEER = 'wireguard-go, no resource';
const UDP_PORT = 51_820;
const CLIENT_PORT = 20_053;
const OVERLAY_PORT = 20_000;
const LOOPBACK = '127.0.0.1';
const INNER_MTU = 1_420;

/** A way for datagrams, and the processes that carry them: without load and target. */
interface Route {
  readonly client: HostProcess;
  readonly to: Pick<AskOptions, 'address' | 'port'>;
  readonly carriers: readonly HostProcess[];
}

interface Run extends AskResult {
  /** Of all carriers, for a datagram and its answer. */
  readonly cpuMicroseconds: number;
}

export async function udp(lab: Lab, say: (line: string) => void): Promise<Figures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'manis-bench-udp-'));
  try {
    const ours = await oursRoute(lab, dataDir);
    const peer = await peerRoute(lab);
    for (const route of [ours, peer]) await run(route, WARM_UP_SECONDS);
    const measure = { ours: () => run(ours, SECONDS), peer: () => run(peer, SECONDS) };
    const pairs = await measuredPairs(PAIRS, measure, (pair, which) =>
      say(`udp ${which}: manis ${shown(pair.ours)}, wireguard-go ${shown(pair.peer)}`),
    );
    return figures(pairs);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function oursRoute(lab: Lab, dataDir: string): Promise<Route> {
  const [left, right] = [lab.host(), lab.host()];
  const link = lab.link(left, right, { mtu: 1_500 });
  const port = await echo(right, LOOPBACK);
  const privateKey = createRandom().bytes(32);
  const node = await enrolled({
    dataDir,
    pop: await publicNode(privateKey),
    popEndpoint: `${link.left.address}:${UDP_PORT}`,
    targets: [{ id: 'echo', overlayPort: OVERLAY_PORT, host: LOOPBACK, port, transport: 'udp' }],
  });
  const connector: ConnectorRecord = {
    kind: 'connector',
    id: 'connector',
    name: 'connector',
    siteId: 'site-1',
    ...node,
  };
  const pop = left.spawnNode('bench/edge/udp-pop-process.ts');
  const carried = right.spawnNode('bench/tunnel/connector-process.ts');
  const settings: UdpPopSettings = {
    privateKey: Buffer.from(privateKey).toString('base64'),
    ...{ address: link.left.address, port: UDP_PORT, connector, clientPort: CLIENT_PORT, overlayPort: OVERLAY_PORT },
  };
  await pop.call('open', settings);
  await carried.call('open', { dataDir, mtu: INNER_MTU, udp: 'offload' } satisfies ConnectorSettings);
  await tunnelUp(pop);
  await pop.call('publish', settings);
  const client = left.spawnNode('bench/edge/udp-process.ts');
  return { client, to: { address: LOOPBACK, port: CLIENT_PORT }, carriers: [pop, carried] };
}

async function peerRoute(lab: Lab): Promise<Route> {
  const [left, right] = [lab.host(), lab.host()];
  const link = lab.link(left, right, { mtu: 1_500 });
  const pair = await startWireguardGoPair({ host: left, end: link.left }, { host: right, end: link.right }, INNER_MTU);
  const port = await echo(right, pair.rightAddress);
  const client = left.spawnNode('bench/edge/udp-process.ts');
  return { client, to: { address: pair.rightAddress, port }, carriers: [pair.left.process, pair.right.process] };
}

function echo(host: Host, address: string): Promise<number> {
  return host.spawnNode('bench/edge/udp-process.ts').call<number>('echo', address);
}

async function run({ client, to, carriers }: Route, seconds: number): Promise<Run> {
  const used = (): number => carriers.reduce((sum, carrier) => sum + carrier.cpuSeconds(), 0);
  const before = used();
  const result = await client.call<AskResult>('ask', { ...to, ...LOAD, seconds } satisfies AskOptions);
  return { ...result, cpuMicroseconds: ((used() - before) * 1e6) / (result.answersPerSecond * seconds) };
}

const shown = ({ answersPerSecond, p99Ms, cpuMicroseconds, lostShare }: Run): string =>
  `${answersPerSecond.toFixed(0)}/s (p99 ${p99Ms.toFixed(1)} ms, ${cpuMicroseconds.toFixed(0)} us CPU, ${(100 * lostShare).toFixed(1)} % lost)`;

function figures(pairs: readonly { readonly ours: Run; readonly peer: Run }[]): Figures {
  const paired = (take: (one: Run) => number, unit: string, better: 'more' | 'less') =>
    pairedFigure(
      pairs.map((pair) => ({ ours: take(pair.ours), peer: take(pair.peer) })),
      PEER,
      { unit, better },
    );
  return {
    udp: paired((one) => one.answersPerSecond, 'answers/s', 'more'),
    udpP99: paired((one) => one.p99Ms, 'ms', 'less'),
    udpCpuPerAnswer: paired((one) => one.cpuMicroseconds, 'us', 'less'),
  };
}
