/**
 * `tunnel`: TCP streams through our PoP and connector, against the same through two wireguard-go.
 *
 * Download is backend -> browser side (the iperf3 server, beside the connector, sends), upload the other way.
 * `stream1420` is the download. The inner packets are IPv6 in both, so a packet carries the same payload. Runs are
 * pairs right after one another, so that a busy machine harms both; a ratio is the median of the pairs' ratios.
 */
import { IPERF_REQUIREMENTS, type IperfOptions, runIperf } from '../../test/lab/iperf.ts';
import { Lab } from '../../test/lab/lab.ts';
import { WIREGUARD_GO_REQUIREMENTS } from '../../test/lab/wireguard-go.ts';
import { type Figure, type FigureOptions, type Figures, pairedFigure } from '../report.ts';
import { oursSetup, peerSetup, type Setup } from './setups.ts';

const PAIRS = 5;
const SECONDS = 3;
const PEER = 'wireguard-go';
const RATE = { unit: 'Mbit/s', better: 'more' } as const;
const CPU = { unit: 'us', better: 'less' } as const;
/** IPv6 and TCP headers with timestamps. */
const HEADER_BYTES = 40 + 32;
const NORMAL = { linkMtu: 1500, innerMtu: 1420 } as const;
/** Jumbo frames; 80 bytes for IPv6, UDP and WireGuard as `wg` reckons. */
const LARGE = { linkMtu: 9000, innerMtu: 8920 } as const;

/** One run: rate, and CPU microseconds a packet of both ends of the tunnel, without and with iperf3's own. */
interface Run {
  readonly rate: number;
  readonly tunnelMicroseconds: number;
  readonly wholeMicroseconds: number;
}

interface Pair {
  readonly ours: Run;
  readonly peer: Run;
}

export async function tunnel(say: (line: string) => void): Promise<Figures> {
  await using lab = Lab.open([...WIREGUARD_GO_REQUIREMENTS, ...IPERF_REQUIREMENTS]);
  const normal = await compared(lab, NORMAL, say);
  const plain = await plainRuns(lab, say);
  const large = await compared(lab, LARGE, say, ['download', 'upload']);
  return { ...normal, stream1420Plain: plain, ...large };
}

type Kind = 'download' | 'upload' | 'streams10';

async function compared(
  lab: Lab,
  path: typeof NORMAL | typeof LARGE,
  say: (line: string) => void,
  kinds: readonly Kind[] = ['download', 'upload', 'streams10'],
): Promise<Figures> {
  const ours = await oursSetup(lab, { ...path, udp: 'offload' });
  const peer = await peerSetup(lab, path);
  const payloadBytes = path.innerMtu - HEADER_BYTES;
  const pairs = new Map<Kind, Pair[]>(kinds.map((kind) => [kind, []]));
  for (const kind of kinds) await warmUp(ours, peer, kind);
  for (let i = 0; i < PAIRS; i++) {
    for (const kind of kinds) {
      const pair = { ours: await run(ours, kind, payloadBytes), peer: await run(peer, kind, payloadBytes) };
      pairs.get(kind)?.push(pair);
      say(`${path.innerMtu} ${kind} ${i + 1}/${PAIRS}: ours ${shown(pair.ours)}, ${PEER} ${shown(pair.peer)}`);
    }
  }
  await Promise.all([ours.close(), peer.close()]);
  return path === NORMAL ? normalFigures(pairs) : largeFigures(pairs);
}

function normalFigures(pairs: ReadonlyMap<Kind, readonly Pair[]>): Figures {
  const [download, upload, streams] = [of(pairs, 'download'), of(pairs, 'upload'), of(pairs, 'streams10')];
  return {
    stream1420: rates(download, 1.5),
    stream1420Upload: rates(upload),
    streams10: rates(streams),
    cpuPerPacket: paired(download, (one) => one.tunnelMicroseconds, CPU),
    cpuPerPacketUpload: paired(upload, (one) => one.tunnelMicroseconds, CPU),
    cpuPerPacketWithIperf: paired(download, (one) => one.wholeMicroseconds, CPU),
  };
}

function largeFigures(pairs: ReadonlyMap<Kind, readonly Pair[]>): Figures {
  return { streamLarge: rates(of(pairs, 'download')), streamLargeUpload: rates(of(pairs, 'upload')) };
}

/** Ours with one datagram a call, against wireguard-go anew. */
async function plainRuns(lab: Lab, say: (line: string) => void): Promise<Figure> {
  const ours = await oursSetup(lab, { ...NORMAL, udp: 'plain' });
  const peer = await peerSetup(lab, NORMAL);
  await warmUp(ours, peer, 'download');
  const pairs: Pair[] = [];
  for (let i = 0; i < PAIRS; i++) {
    const payload = NORMAL.innerMtu - HEADER_BYTES;
    const pair = { ours: await run(ours, 'download', payload), peer: await run(peer, 'download', payload) };
    pairs.push(pair);
    say(`plain download ${i + 1}/${PAIRS}: ours ${shown(pair.ours)}, ${PEER} ${shown(pair.peer)}`);
  }
  await Promise.all([ours.close(), peer.close()]);
  return rates(pairs, 1);
}

async function warmUp(ours: Setup, peer: Setup, kind: Kind): Promise<void> {
  for (const setup of [ours, peer]) await runIperf(setup.client, iperfOptions(setup, kind, 1));
}

async function run(setup: Setup, kind: Kind, payloadBytes: number): Promise<Run> {
  const before = setup.left.cpuSeconds() + setup.right.cpuSeconds();
  const result = await runIperf(setup.client, iperfOptions(setup, kind, SECONDS));
  const tunnelSeconds = setup.left.cpuSeconds() + setup.right.cpuSeconds() - before;
  const packets = result.bytes / payloadBytes;
  return {
    rate: result.megabitsPerSecond,
    tunnelMicroseconds: (tunnelSeconds * 1e6) / packets,
    wholeMicroseconds: ((tunnelSeconds + result.cpuSeconds) * 1e6) / packets,
  };
}

function iperfOptions(setup: Setup, kind: Kind, seconds: number): IperfOptions {
  const direction = kind === 'upload' ? 'upload' : 'download';
  return { ...setup.target, seconds, direction, streams: kind === 'streams10' ? 10 : 1 };
}

function of(pairs: ReadonlyMap<Kind, readonly Pair[]>, kind: Kind): readonly Pair[] {
  return pairs.get(kind) ?? [];
}

function rates(pairs: readonly Pair[], target?: number): Figure {
  return paired(pairs, (one) => one.rate, { ...RATE, ...(target !== undefined && { target }) });
}

function paired(pairs: readonly Pair[], take: (run: Run) => number, options: Omit<FigureOptions, 'peer'>): Figure {
  const values = pairs.map((pair) => ({ ours: take(pair.ours), peer: take(pair.peer) }));
  return pairedFigure(values, PEER, options);
}

function shown(one: Run): string {
  return `${one.rate.toFixed(0)} Mbit/s at ${one.tunnelMicroseconds.toFixed(1)} us a packet`;
}
