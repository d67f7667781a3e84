/** Either end of WebSockets for the benchmark: a server that says back what it hears, and clients that talk or are silent. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSecureContext, connect as tlsConnect } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { answerCalls } from '../../test/lab/calls.ts';

export interface TalkOptions {
  readonly url: string;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly messageBytes: number;
  readonly seconds: number;
}

export interface TalkResult {
  readonly messagesPerSecond: number;
  readonly p99Ms: number;
}

export interface SilenceOptions {
  readonly port: number;
  readonly host: string;
  readonly caFile: string;
  readonly cookie: string;
  readonly count: number;
}

/** Handshakes at once: as many as a PoP's queue of connections takes without a retry. */
const OPENING_AT_ONCE = 64;
/** Connections of one client address; a PoP takes no more than 1,024. */
const CONNECTIONS_PER_ADDRESS = 800;

answerCalls({
  async serve(): Promise<number> {
    const server = createServer();
    const sockets = new WebSocketServer({ server, perMessageDeflate: false });
    sockets.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
      socket.on('error', () => undefined);
    });
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 });
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  },

  /** Each connection says the next message when the last one came back. */
  async talk(given: unknown): Promise<TalkResult> {
    const { url, address, headers, connections, messageBytes, seconds } = given as TalkOptions;
    const lookup = (_name: string, _options: unknown, done: (error: null, found: object[]) => void) =>
      done(null, [{ address, family: 4 }]);
    const tls = { rejectUnauthorized: false, perMessageDeflate: false, headers, lookup };
    const sockets = Array.from({ length: connections }, () => new WebSocket(url, tls as never));
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    const message = randomBytes(messageBytes);
    const tookMs: number[] = [];
    const endMs = performance.now() + seconds * 1_000;
    await Promise.all(sockets.map((socket) => talkUntil(endMs, socket, message, tookMs)));
    for (const socket of sockets) socket.terminate();
    tookMs.sort((a, b) => a - b);
    return { messagesPerSecond: tookMs.length / seconds, p99Ms: tookMs[Math.floor(tookMs.length * 0.99)] ?? 0 };
  },

  /** Opens WebSockets that say nothing, and keeps them until the process ends. */
  async silence(given: unknown): Promise<number> {
    const { count, ...options } = given as SilenceOptions;
    const secureContext = createSecureContext({ ca: readFileSync(options.caFile) });
    let opened = 0;
    let next = 0;
    const worker = async (): Promise<void> => {
      for (;;) {
        const index = next++;
        if (index >= count) return;
        await openSilent(options, secureContext, index);
        opened++;
      }
    };
    await Promise.all(Array.from({ length: OPENING_AT_ONCE }, worker));
    return opened;
  },
});

function talkUntil(endMs: number, socket: WebSocket, message: Buffer, tookMs: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentMs = performance.now();
    socket.on('error', reject);
    socket.on('message', () => {
      const nowMs = performance.now();
      tookMs.push(nowMs - sentMs);
      if (nowMs >= endMs) return resolve();
      sentMs = nowMs;
      socket.send(message);
    });
    socket.send(message);
  });
}

async function openSilent(
  { port, host, cookie }: Omit<SilenceOptions, 'count'>,
  secureContext: ReturnType<typeof createSecureContext>,
  index: number,
): Promise<void> {
  const localAddress = `127.0.1.${1 + Math.floor(index / CONNECTIONS_PER_ADDRESS)}`;
  const where = { host: '127.0.0.1', port, localAddress, servername: host };
  const socket = tlsConnect({ ...where, secureContext, ALPNProtocols: ['http/1.1'] } as never);
  await once(socket, 'secureConnect');
  const head = ['GET /socket HTTP/1.1', `Host: ${host}:${port}`, 'Connection: Upgrade', 'Upgrade: websocket'];
  head.push(
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    `Cookie: ${cookie}`,
  );
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!String(answer).startsWith('HTTP/1.1 101 ')) throw new Error(`no WebSocket: ${String(answer).slice(0, 200)}`);
  socket.on('error', () => undefined);
}
