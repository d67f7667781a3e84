/**
 * `edge`: what a PoP's own side costs, against nginx as a plain TLS proxy in the same run, and Caddy where its binary is
 * found. Both lead to the same application on loopback; ours knows who is asking and judges the request besides. What a
 * tunnel adds, `http` measures.
 *
 * A further figure is one more line in MEASURES; `--only NAME` measures one of them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Host } from '../../test/lab/host.ts';
import type { HostProcess } from '../../test/lab/host-process.ts';
import { Lab } from '../../test/lab/lab.ts';
import { NGINX_REQUIREMENTS } from '../../test/lab/nginx.ts';
import { cpuSeconds } from '../../test/lab/process-figures.ts';
import { WIREGUARD_GO_REQUIREMENTS } from '../../test/lab/wireguard-go.ts';
import { runWrk, WRK_REQUIREMENTS } from '../../test/lab/wrk.ts';
import { selfSigned } from '../http/certificate.ts';
import { CannotRun, type Figures, figure, pairedFigure } from '../report.ts';
import { floods } from './floods.ts';
import { callGrpc, GRPC_PORT, GRPC_REQUIREMENTS } from './grpc.ts';
import { H2LOAD_REQUIREMENTS, type LoadResult, runH2load } from './h2load.ts';
import type { OpenedPop } from './pop-process.ts';
import { type Edge, openEdge, type Route } from './routes.ts';
import { udp } from './udp.ts';
import type { TalkResult } from './web-socket-process.ts';

type Say = (line: string) => void;
type Measure = (edge: Edge, say: Say) => Promise<Figures>;

const MEASURES: Readonly<Record<string, Measure>> = {
  h1: requestsOverHttp1,
  h2: requestsOverHttp2,
  grpc: calls,
  tlsHandshakes: handshakes,
  websocket: messages,
  floods,
  udp: ({ lab }, say) => udp(lab, say),
  websocketIdleKilobytes: idleWebSockets,
};

const PAIRS = 5;
const SECONDS = 3;
const WARM_UP_SECONDS = 3;
/** Requests under way at once, over either version. */
const CONNECTIONS = 32;
const HTTP2_CONNECTIONS = 4;
const MESSAGE_BYTES = 128;
const IDLE = 10_000;
/** Files that a PoP has open beside two sockets for each WebSocket; a tunnel's streams would need none. */
const OTHER_FILES = 200;
const IDLE_WARM_UP = 200;
const KILOBYTE = 1_000;

/** @param only the name of one measure; left out: all of them. */
export async function edge(say: Say, { only }: { readonly only?: string } = {}): Promise<Figures> {
  const measures = Object.entries(MEASURES).filter(([name]) => only === undefined || name === only);
  if (measures.length === 0) throw new CannotRun(`--only takes one of ${Object.keys(MEASURES).join(', ')}`);
  const tools = [
    'openssl',
    ...NGINX_REQUIREMENTS,
    ...WRK_REQUIREMENTS,
    ...H2LOAD_REQUIREMENTS,
    ...GRPC_REQUIREMENTS,
    ...WIREGUARD_GO_REQUIREMENTS,
  ];
  await using lab = Lab.open(tools);
  const open = await openEdge(lab, lab.host());
  let figures: Figures = {};
  for (const [, measure] of measures) figures = { ...figures, ...(await measure(open, say)) };
  return figures;
}

/** Runs that take turns, as the machine's speed drifts; the first round is a warm-up. */
async function turns<Result>(
  what: string,
  routes: readonly Route[],
  run: (route: Route, seconds: number) => Promise<Result>,
  say: Say,
  shown: (result: Result) => string,
): Promise<Result[][]> {
  for (const route of routes) await run(route, WARM_UP_SECONDS);
  const rounds: Result[][] = [];
  for (let i = 1; i <= PAIRS; i++) {
    const round: Result[] = [];
    for (const route of routes) round.push(await run(route, SECONDS));
    rounds.push(round);
    say(`${what} ${i}/${PAIRS}: ${round.map((one, at) => `${routes[at]?.name} ${shown(one)}`).join(', ')}`);
  }
  return rounds;
}

interface Run extends LoadResult {
  readonly cpuMicroseconds: number;
}

const shownLoad = ({ requestsPerSecond, p99Ms, cpuMicroseconds }: Run): string =>
  `${requestsPerSecond.toFixed(0)}/s (p99 ${p99Ms.toFixed(1)} ms, ${cpuMicroseconds.toFixed(0)} us CPU)`;

async function loadFigures(
  name: string,
  { ours, nginx, caddy }: Edge,
  run: (route: Route, seconds: number) => Promise<LoadResult>,
  say: Say,
): Promise<Figures> {
  const routes = caddy ? [ours, nginx, caddy] : [ours, nginx];
  const timed = async (route: Route, seconds: number): Promise<Run> => {
    const before = cpuSeconds(route.pid) ?? 0;
    const result = await run(route, seconds);
    const used = (cpuSeconds(route.pid) ?? 0) - before;
    return { ...result, cpuMicroseconds: (used * 1e6) / (result.requestsPerSecond * seconds) };
  };
  const rounds = await turns(name, routes, timed, say, shownLoad);
  const against = (at: number, take: (one: Run) => number) =>
    rounds.map((round) => ({ ours: take(round[0] as Run), peer: take(round[at] as Run) }));
  const rate = (one: Run): number => one.requestsPerSecond;
  const better = { unit: 'req/s', better: 'more' } as const;
  return {
    [name]: pairedFigure(against(1, rate), 'nginx', { ...better, target: 0.3 }),
    [`${name}P99`]: pairedFigure(
      against(1, (one) => one.p99Ms),
      'nginx',
      { unit: 'ms', better: 'less' },
    ),
    [`${name}CpuPerRequest`]: pairedFigure(
      against(1, (one) => one.cpuMicroseconds),
      'nginx',
      { unit: 'us', better: 'less' },
    ),
    ...(caddy && { [`${name}Caddy`]: pairedFigure(against(2, rate), 'caddy', better) }),
  };
}

function requestsOverHttp1(open: Edge, say: Say): Promise<Figures> {
  const run = ({ origin, headers }: Route, seconds: number): Promise<LoadResult> =>
    runWrk(open.host, { url: `${origin}/1k`, headers, connections: CONNECTIONS, seconds });
  return loadFigures('h1', open, run, say);
}

function requestsOverHttp2(open: Edge, say: Say): Promise<Figures> {
  const run = ({ origin, headers }: Route, seconds: number): Promise<LoadResult> =>
    runH2load(open.host, {
      ...{ url: `${origin}/1k`, headers, seconds },
      ...{ connections: HTTP2_CONNECTIONS, streams: CONNECTIONS / HTTP2_CONNECTIONS },
    });
  return loadFigures('h2', open, run, say);
}

/** Unary calls of gRPC, with a target that takes part in it over plain HTTP/2. */
async function calls(open: Edge, say: Say): Promise<Figures> {
  await open.pop.call('leadHttp2', GRPC_PORT);
  const load = { connections: HTTP2_CONNECTIONS, streams: CONNECTIONS / HTTP2_CONNECTIONS };
  const routes = { ...open, caddy: undefined };
  const run = (route: Route, seconds: number): Promise<LoadResult> => callGrpc(open.host, route, { ...load, seconds });
  const figures = await loadFigures('grpc', routes, run, say);
  await open.pop.call('lead', open.filePort);
  return figures;
}

/** A connection for every request, none of them resumed. */
async function handshakes(open: Edge, say: Say): Promise<Figures> {
  const { ours, nginx } = open;
  const run = async ({ origin, headers }: Route, seconds: number): Promise<number> => {
    const closing = { ...headers, Connection: 'close' };
    const load = { url: `${origin}/1k`, headers: closing, connections: CONNECTIONS, seconds };
    return (await runWrk(open.host, load)).requestsPerSecond;
  };
  const rounds = await turns('tlsHandshakes', [ours, nginx], run, say, (one) => `${one.toFixed(0)}/s`);
  const pairs = rounds.map(([mine = 0, peer = 0]) => ({ ours: mine, peer }));
  return { tlsHandshakes: pairedFigure(pairs, 'nginx', { unit: 'handshakes/s', better: 'more' }) };
}

/** Messages that come back before the next is said. */
async function messages(open: Edge, say: Say): Promise<Figures> {
  const { host, pop, socketPort, ours, nginx } = open;
  await pop.call('lead', socketPort);
  const talking = host.spawnNode('bench/edge/web-socket-process.ts');
  const run = ({ origin, headers }: Route, seconds: number): Promise<TalkResult> => {
    const url = `${origin.replace('https', 'wss')}/socket`;
    const load = { address: '127.0.0.1', connections: CONNECTIONS, messageBytes: MESSAGE_BYTES };
    return talking.call('talk', { url, headers, seconds, ...load });
  };
  const shown = ({ messagesPerSecond, p99Ms }: TalkResult): string =>
    `${messagesPerSecond.toFixed(0)}/s (p99 ${p99Ms.toFixed(1)} ms)`;
  const rounds = await turns('websocket', [ours, nginx], run, say, shown);
  await talking.stop();
  const against = (take: (one: TalkResult) => number) =>
    rounds.map((round) => ({ ours: take(round[0] as TalkResult), peer: take(round[1] as TalkResult) }));
  return {
    websocket: pairedFigure(
      against((one) => one.messagesPerSecond),
      'nginx',
      { unit: 'messages/s', better: 'more' },
    ),
    websocketP99: pairedFigure(
      against((one) => one.p99Ms),
      'nginx',
      { unit: 'ms', better: 'less' },
    ),
  };
}

function openFilesMax(): number {
  return Number(/^Max open files\s+(?:\d+)\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? IDLE);
}

/**
 * What a WebSocket that says nothing costs the PoP's process: its TLS connection, its stream to the target, and ours. The
 * first of these, all alone in a process that does nothing with it, is what no server on Node can go below.
 */
async function idleWebSockets({ host, pop, socketPort, opened }: Edge, say: Say): Promise<Figures> {
  await pop.call('lead', socketPort);
  const ours = await idleKilobytes(host, pop, opened, say);
  const bare = host.spawnNode('bench/edge/bare-tls-process.ts', [], ['--expose-gc']);
  const { key, certificate: cert } = selfSigned(opened.host);
  const caFile = `${opened.caFile}.bare`;
  writeFileSync(caFile, cert);
  const port = await bare.call<number>('serve', { key, cert });
  const least = await idleKilobytes(host, bare, { ...opened, port, caFile }, say);
  await bare.stop();
  return {
    websocketIdleKilobytes: figure(ours, { unit: 'kB', target: 40, better: 'less' }),
    bareTlsIdleKilobytes: figure(least, { unit: 'kB', better: 'less' }),
  };
}

async function idleKilobytes(host: Host, at: HostProcess, opened: OpenedPop, say: Say): Promise<number> {
  const silent = host.spawnNode('bench/edge/web-socket-process.ts');
  const { port, host: name, caFile, cookie } = opened;
  const open = (count: number) => silent.call<number>('silence', { port, host: name, caFile, cookie, count });
  await open(IDLE_WARM_UP);
  const before = await at.call<number>('resident');
  const count = await open(Math.min(IDLE, Math.floor((openFilesMax() - OTHER_FILES) / 2) - IDLE_WARM_UP));
  const after = await at.call<number>('resident');
  await silent.stop();
  say(`${count} silent connections: ${((after - before) / 1e6).toFixed(0)} MB more`);
  return (after - before) / count / KILOBYTE;
}
