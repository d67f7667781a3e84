/**
 * `http`: signed-in GET of 1 KiB over HTTPS keep-alive, 32 connections, through a whole local network (PoP, policy,
 * tunnel, connector, nginx), against nginx (TLS) that proxies through a wireguard-go tunnel to the same nginx with the
 * same file. Ours runs as `npm start` runs it; the peer's two ends are in hosts of their own, joined by a link.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../test/lab/host.ts';
import { Lab } from '../../test/lab/lab.ts';
import { NGINX_REQUIREMENTS, startNginx } from '../../test/lab/nginx.ts';
import { cpuSeconds } from '../../test/lab/process-figures.ts';
import { startWireguardGoPair, WIREGUARD_GO_REQUIREMENTS } from '../../test/lab/wireguard-go.ts';
import { runWrk, WRK_REQUIREMENTS, type WrkResult } from '../../test/lab/wrk.ts';
import { startNetwork } from '../network.ts';
import { type FigureOptions, type Figures, figure, measuredPairs, pairedFigure } from '../report.ts';
import { authenticationMicroseconds } from './authentication.ts';
import { selfSigned } from './certificate.ts';

const PAIRS = 5;
const SECONDS = 3;
const WARM_UP_SECONDS = 3;
const CONNECTIONS = 32;
const PORT_BASE = 8443;
const BACKEND_PORT = 8080;
const PEER = 'nginx over wireguard-go';
const FILE = { '1k': 'x'.repeat(1024) } as const;
const BACKEND = `server { listen ${BACKEND_PORT}; listen [::]:${BACKEND_PORT}; root {folder}; }`;

/** A way to the file, and the processes that carry it: without backend and load. */
interface Route {
  readonly host: Host;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly pids: readonly number[];
}

interface Run extends WrkResult {
  readonly cpuMicroseconds: number;
}

export async function http(say: (line: string) => void): Promise<Figures> {
  const tools = ['openssl', ...WIREGUARD_GO_REQUIREMENTS, ...NGINX_REQUIREMENTS, ...WRK_REQUIREMENTS];
  await using lab = Lab.open(tools);
  const dataDir = await mkdtemp(join(tmpdir(), 'manis-bench-http-'));
  try {
    const ours = await oursRoute(lab, dataDir);
    const peer = await peerRoute(lab);
    for (const route of [ours, peer]) await run(route, WARM_UP_SECONDS);
    const measure = { ours: () => run(ours, SECONDS), peer: () => run(peer, SECONDS) };
    const pairs = await measuredPairs(PAIRS, measure, (pair, which) =>
      say(`${which}: ours ${shown(pair.ours)}, ${PEER} ${shown(pair.peer)}`),
    );
    return figures(pairs);
  } finally {
    await lab.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function oursRoute(lab: Lab, dataDir: string): Promise<Route> {
  const host = lab.host();
  await startNginx(host, BACKEND, FILE);
  const app = `http://127.0.0.1:${BACKEND_PORT}`;
  const start = (command: string, args: readonly string[]) => host.spawn(command, args);
  const { ready } = await startNetwork({ dataDir, portBase: PORT_BASE, app, start });
  const url = ready.apps[0]?.url ?? '';
  const { setupUrl } = ready.admin;
  if (setupUrl === null) throw new Error('a new network has no set-up link');
  const browser = host.spawnNode('bench/http/sign-in-process.ts');
  const appUrl = `${url}/1k`;
  const signIn = { setupUrl, appUrl, caFile: ready.caFile, address: '127.0.0.1' };
  const cookie = await browser.call<string>('signIn', signIn);
  await browser.stop();
  host.nameHosts({ [new URL(url).hostname]: '127.0.0.1' });
  const pids = [...ready.pops.map((pop) => pop.pid), ready.connector.pid];
  return { host, url: appUrl, headers: { Cookie: cookie }, pids };
}

async function peerRoute(lab: Lab): Promise<Route> {
  const [left, right] = [lab.host(), lab.host()];
  const link = lab.link(left, right, { mtu: 1500 });
  const pair = await startWireguardGoPair({ host: left, end: link.left }, { host: right, end: link.right }, 1420);
  await startNginx(right, BACKEND, FILE);
  const { key, certificate } = selfSigned('localhost');
  const proxy = `
    upstream backend { server [${pair.rightAddress6}]:${BACKEND_PORT}; keepalive 64; }
    server {
      listen 443 ssl;
      ssl_certificate {folder}/certificate.pem;
      ssl_certificate_key {folder}/key.pem;
      location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; }
    }`;
  const nginx = await startNginx(left, proxy, { 'certificate.pem': certificate, 'key.pem': key });
  const pids = [nginx.process.pid, pair.left.process.pid, pair.right.process.pid];
  return { host: left, url: 'https://127.0.0.1/1k', headers: {}, pids };
}

async function run(route: Route, seconds: number): Promise<Run> {
  const used = (): number => route.pids.reduce((sum, pid) => sum + (cpuSeconds(pid) ?? 0), 0);
  const before = used();
  const { url, headers } = route;
  const result = await runWrk(route.host, { url, headers, connections: CONNECTIONS, seconds });
  return { ...result, cpuMicroseconds: ((used() - before) * 1e6) / result.requests };
}

function figures(pairs: readonly { readonly ours: Run; readonly peer: Run }[]): Figures {
  const paired = (take: (one: Run) => number, options: Omit<FigureOptions, 'peer'>) =>
    pairedFigure(
      pairs.map((pair) => ({ ours: take(pair.ours), peer: take(pair.peer) })),
      PEER,
      options,
    );
  const authentication = authenticationMicroseconds();
  return {
    signedInGet1k: paired((one) => one.requestsPerSecond, { unit: 'req/s', target: 0.35, better: 'more' }),
    p50: paired((one) => one.p50Ms, { unit: 'ms', better: 'less' }),
    p99: paired((one) => one.p99Ms, { unit: 'ms', better: 'less' }),
    cpuPerRequest: paired((one) => one.cpuMicroseconds, { unit: 'us', better: 'less' }),
    authMicroseconds: figure(authentication.warm, { unit: 'us', target: 10, better: 'less' }),
    authMicrosecondsCold: figure(authentication.cold, { unit: 'us', target: 200, better: 'less' }),
    signatureMicroseconds: figure(authentication.signatures, { unit: 'us', better: 'less' }),
  };
}

function shown(one: Run): string {
  const [p50, p99, cpu] = [one.p50Ms.toFixed(2), one.p99Ms.toFixed(2), one.cpuMicroseconds.toFixed(0)];
  return `${one.requestsPerSecond.toFixed(0)} req/s (p50 ${p50} ms, p99 ${p99} ms, ${cpu} us CPU)`;
}
