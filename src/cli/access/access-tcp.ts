/** `manis access tcp`: a local port, or standard input and output, that leads to a resource. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Failure } from '../../base/index.ts';
import type { TunnelParts } from '../../io/access/open-tunnel.ts';
import { createClock } from '../../io/clock.ts';
import { OutboundAgents } from '../../io/outbound/outbound-agents.ts';
import { join } from '../../io/overlay/join-streams.ts';
import { onStopRequest } from '../../io/parent-process.ts';
import { createRandom } from '../../io/random.ts';
import { formatListen } from '../config/setting.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { outboundOf } from '../programs/outbound.ts';
import { say, sayAside } from '../terminal/output.ts';
import { KeptSession } from './kept-session.ts';
import { Passes } from './passes.ts';
import type { AccessSettings } from './settings.ts';
import { signIn } from './sign-in.ts';

export async function runAccessTcp(settings: AccessSettings, host: string): Promise<void> {
  const origin = originOf(host);
  const agents = new OutboundAgents(await outboundOf(settings), { keepAlive: false });
  const tunnels: TunnelParts = { origin, agents, random: createRandom() };
  const { stdio, accessToken: serviceToken, noBrowser, noCache } = settings;
  const canPaste = !stdio && process.stdin.isTTY === true;
  const passes = new Passes({
    tunnels,
    serviceToken,
    kept: noCache || serviceToken !== undefined ? undefined : new KeptSession(origin.host),
    signIn: () => signIn(tunnels, { noBrowser, canPaste }),
  });
  if (stdio) await carryStdio(passes);
  else await carryPort(passes, settings, origin);
  agents.destroy();
}

/** `db.example.com`, `db.example.com:8443`, or the same with https:// before it. */
export function originOf(host: string): URL {
  const url = URL.parse(/^https:\/\//i.test(host) ? host : `https://${host}`);
  if (url?.protocol !== 'https:' || url.username !== '' || url.pathname !== '/' || url.search !== '')
    throw new UsageFailure('setting-invalid', `${JSON.stringify(host)}: expected a host name such as db.example.com`);
  return url;
}

/**
 * Ends when the other end has said all: standard output cannot be closed but by that, and whoever reads it waits for its
 * end. Failure `access-broken` where it broke before.
 */
async function carryStdio(passes: Passes): Promise<void> {
  const bytes = await passes.open();
  process.stdin.pipe(bytes);
  bytes.pipe(process.stdout);
  try {
    await once(bytes, 'end');
  } catch (cause) {
    process.stdin.destroy();
    throw new Failure('access-broken', `the connection broke: ${(cause as Error).message}`, cause);
  }
  bytes.on('error', () => undefined).end();
  process.stdin.unpipe(bytes).destroy();
}

/** Signs in first, so that whoever connects does not wait for it, and listens until it is stopped. */
async function carryPort(passes: Passes, { listen }: AccessSettings, origin: URL): Promise<void> {
  (await passes.open()).on('error', () => undefined).destroy();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void carry(passes, socket));
  await listenAt(server, listen);
  const { port } = server.address() as { port: number };
  say(`${formatListen({ host: listen.host, port })} leads to ${origin.host}`);
  const stopped = Promise.withResolvers<void>();
  onStopRequest(createClock(), stopped.resolve);
  await stopped.promise;
  process.exit(0);
}

async function carry(passes: Passes, socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  try {
    const bytes = await passes.open();
    if (socket.destroyed) bytes.on('error', () => undefined).destroy();
    else join(bytes, socket);
  } catch (error) {
    socket.resetAndDestroy();
    sayAside(`manis: ${(error as Error).message}\n`);
  }
}

async function listenAt(server: Server, { host, port }: AccessSettings['listen']): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Failure('listen-failed', `${formatListen({ host, port })} is not to be had (${code})`, cause);
  }
}
