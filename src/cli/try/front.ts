/**
 * Stands between the connector and the application, at a unix socket that nobody else may open, so that each request can
 * be told of as it is answered.
 */
import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../../base/index.ts';
import { join } from '../../io/overlay/join-streams.ts';
import { answerFromFolder } from './folder.ts';
import type { TellRequest } from './request-line.ts';
import type { Published } from './what.ts';

export interface FrontOptions {
  readonly published: Published;
  readonly clock: Clock;
  readonly tell: TellRequest;
}

export interface Front {
  listen(path: string): Promise<void>;
  close(): void;
}

/** Fields of one connection alone (RFC 9110 section 7.6.1); the framing is kept, because the body is. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade']);

export function createFront({ published, clock, tell }: FrontOptions): Front {
  const ask = published.kind === 'server' ? asker(published) : undefined;
  const server = createServer((request, response) => {
    follow(request, response, clock, tell);
    const answered = ask ? passOn(ask, request, response) : answerFromFolder(pathOf(published), request, response);
    answered.catch(() => response.destroy());
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined);
    if (ask) passUpgradeOn(ask, { request, socket, head }, clock, tell);
    else socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
  });
  return {
    listen: (path) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(path, resolve);
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function pathOf(published: Published): string {
  return published.kind === 'folder' ? published.path : '';
}

function follow(request: IncomingMessage, response: ServerResponse, clock: Clock, tell: TellRequest): void {
  const startedMs = clock.nowMs();
  const { method = 'GET', url = '/' } = request;
  response.on('close', () =>
    tell({
      ...{ unixMs: clock.unixMs(), method, path: url.split('?', 1)[0] ?? '/' },
      ...{ status: response.statusCode, ms: clock.nowMs() - startedMs },
    }),
  );
}

type Ask = (request: IncomingMessage, headers: readonly string[]) => ReturnType<typeof httpRequest>;

function asker(published: Extract<Published, { kind: 'server' }>): Ask {
  const { url, isOwnMachine } = published;
  const isTls = url.protocol === 'https:';
  const agent = isTls
    ? new TlsAgent({ keepAlive: true, rejectUnauthorized: !isOwnMachine })
    : new Agent({ keepAlive: true });
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port);
  const send = isTls ? httpsRequest : httpRequest;
  return ({ method, url: path }, headers) =>
    send({ agent, hostname, port, method, path, headers, ...(isTls && { servername: hostname }) });
}

async function passOn(ask: Ask, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked = ask(request, forwarded(request.rawHeaders));
  response.on('close', () => asked.destroy());
  const answer = Promise.withResolvers<IncomingMessage>();
  asked.once('response', answer.resolve);
  asked.once('error', answer.reject);
  pipeline(request, asked).catch(() => undefined);
  try {
    const received = await answer.promise;
    asked.on('error', () => response.destroy());
    response.writeHead(received.statusCode ?? 502, received.statusMessage, forwarded(received.rawHeaders));
    await pipeline(received, response);
  } catch (error) {
    if (response.headersSent) throw error;
    refuse(response, error as NodeJS.ErrnoException);
  }
}

function refuse(response: ServerResponse, { code = '' }: NodeJS.ErrnoException): void {
  const why = code === 'ECONNREFUSED' ? 'Nothing listens there yet' : `It cannot be reached (${code})`;
  response.writeHead(502, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${why}. Start the application and load this page again.\n`);
}

interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

function passUpgradeOn(ask: Ask, { request, socket, head }: Upgrade, clock: Clock, tell: TellRequest): void {
  const startedMs = clock.nowMs();
  const path = request.url?.split('?', 1)[0] ?? '/';
  const told = (status: number): void =>
    tell({ unixMs: clock.unixMs(), method: request.method ?? 'GET', path, status, ms: clock.nowMs() - startedMs });
  const asked = ask(request, request.rawHeaders);
  asked.on('upgrade', (answer, backend: Duplex, first: Buffer) => {
    told(answer.statusCode ?? 101);
    socket.write(headOf(answer));
    if (first.length > 0) socket.write(first);
    if (head.length > 0) backend.write(head);
    join(backend, socket);
  });
  asked.on('response', (answer) => {
    told(answer.statusCode ?? 502);
    socket.write(headOf(answer));
    answer.pipe(socket);
  });
  asked.on('error', () => {
    told(502);
    socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
  });
  asked.end();
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((field, i) => (i % 2 === 0 ? [`${field}: ${rawHeaders[i + 1] ?? ''}`] : []));
  return [`HTTP/1.1 ${statusCode} ${statusMessage}`, ...lines, '', ''].join('\r\n');
}

function forwarded(raw: readonly string[]): string[] {
  return raw.filter((_, i) => !HOP_BY_HOP.has((raw[i - (i % 2)] ?? '').toLowerCase()));
}
