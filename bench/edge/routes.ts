/** The ways to one application: by a PoP, and by others as plain TLS proxies, each a process of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { missingRequirement } from '../../test/interop/requirements.ts';
import type { Host } from '../../test/lab/host.ts';
import type { HostProcess } from '../../test/lab/host-process.ts';
import type { Lab } from '../../test/lab/lab.ts';
import { startNginx } from '../../test/lab/nginx.ts';
import { selfSigned } from '../http/certificate.ts';
import { GRPC_PORT, startGrpcServer } from './grpc.ts';
import type { OpenedPop } from './pop-process.ts';

/** A way to the application. */
export interface Route {
  readonly name: string;
  /** `https://host:port`. */
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The process that carries it. */
  readonly pid: number;
}

export interface Edge {
  readonly lab: Lab;
  readonly host: Host;
  /** Where the file is, and who says back what WebSockets say. */
  readonly filePort: number;
  readonly socketPort: number;
  readonly sockets: HostProcess;
  readonly pop: HostProcess;
  readonly opened: OpenedPop;
  readonly ours: Route;
  readonly nginx: Route;
  /** Where its binary is found. */
  readonly caddy: Route | undefined;
}

const FILE_PORT = 8_080;
const NGINX_PORT = 8_443;
const CADDY_PORT = 8_444;
const FILE = { '1k': 'x'.repeat(1_024) } as const;
const CADDY_START_MS = 5_000;
const TICK_MS = 50;

export async function openEdge(lab: Lab, host: Host): Promise<Edge> {
  await startNginx(host, `server { listen ${FILE_PORT}; root {folder}; }`, FILE);
  await startGrpcServer(host);
  const sockets = host.spawnNode('bench/edge/web-socket-process.ts');
  const socketPort = await sockets.call<number>('serve');
  const pop = host.spawnNode('bench/edge/pop-process.ts', [], ['--expose-gc']);
  const opened = await pop.call<OpenedPop>('open', FILE_PORT);
  host.nameHosts({ [opened.host]: '127.0.0.1' });
  const origin = `https://${opened.host}:${opened.port}`;
  const ours = { name: 'manis', origin, headers: { Cookie: opened.cookie }, pid: pop.pid };
  const nginx = await nginxRoute(host, opened.host, socketPort);
  const caddy = await caddyRoute(host, opened.host);
  return { lab, host, filePort: FILE_PORT, socketPort, sockets, pop, opened, ours, nginx, caddy };
}

async function nginxRoute(host: Host, name: string, socketPort: number): Promise<Route> {
  const { key, certificate } = selfSigned(name);
  const configuration = `
    upstream file { server 127.0.0.1:${FILE_PORT}; keepalive 64; }
    upstream calls { server 127.0.0.1:${GRPC_PORT}; keepalive 64; }
    server {
      listen ${NGINX_PORT} ssl http2;
      ssl_certificate {folder}/certificate.pem;
      ssl_certificate_key {folder}/key.pem;
      location / { proxy_pass http://file; proxy_http_version 1.1; proxy_set_header Connection ""; }
      location /manis.Echo/ { grpc_pass grpc://calls; }
      location /socket {
        proxy_pass http://127.0.0.1:${socketPort};
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection Upgrade;
      }
    }`;
  const { process: nginx } = await startNginx(host, configuration, { 'certificate.pem': certificate, 'key.pem': key });
  return { name: 'nginx', origin: `https://${name}:${NGINX_PORT}`, headers: {}, pid: nginx.pid };
}

async function caddyRoute(host: Host, name: string): Promise<Route | undefined> {
  if (missingRequirement(['caddy']) !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'manis-caddy-'));
  const { key, certificate } = selfSigned(name);
  writeFileSync(join(folder, 'key.pem'), key);
  writeFileSync(join(folder, 'certificate.pem'), certificate);
  const site = `tls ${folder}/certificate.pem ${folder}/key.pem\n reverse_proxy 127.0.0.1:${FILE_PORT}`;
  const configuration = `{\n admin off\n auto_https off\n}\nhttps://${name}:${CADDY_PORT} {\n ${site}\n}\n`;
  writeFileSync(join(folder, 'Caddyfile'), configuration);
  const env = { GOMAXPROCS: '1', HOME: folder };
  const started = host.spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', `${folder}/Caddyfile`], { env });
  void started.ended.then(() => rmSync(folder, { recursive: true, force: true }));
  for (let waited = 0; !/serving initial configuration/.test(started.stderr); waited += TICK_MS) {
    if (!started.isRunning || waited >= CADDY_START_MS) throw new Error(`caddy did not start: ${started.stderr}`);
    await sleep(TICK_MS);
  }
  return { name: 'caddy', origin: `https://${name}:${CADDY_PORT}`, headers: {}, pid: started.pid };
}
