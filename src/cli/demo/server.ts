/**
 * The demo application: what a private application behind Manis looks like from the inside. Plain HTTP on loopback.
 *
 *     GET /                    the page
 *     GET /whoami              the visit as JSON
 *     GET /clock               server-sent events, the time once a second
 *     GET /echo                WebSocket, sends back what it gets
 *     GET /download?bytes=N    N bytes, streamed; a part of them where `Range` asks for it
 *     POST /upload             counts the bytes of the body
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import type { Clock } from '../../base/index.ts';
import { fromBase64Url, fromUtf8 } from '../../base/index.ts';
import { CLOCK_PERIOD_MS, DOWNLOAD_MAX_BYTES, ECHO_MESSAGE_BYTES } from './constants.ts';
import { demoPage, type Visit } from './page.ts';

/** A server that is not listening yet. */
export function createDemoServer(clock: Clock): Server {
  const server = createServer((request, response) => {
    answer(request, response, clock).catch(() => response.destroy());
  });
  const sockets = new WebSocketServer({ server, path: '/echo', maxPayload: ECHO_MESSAGE_BYTES });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => socket.terminate());
  });
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, clock: Clock): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://demo.invalid');
  switch (`${request.method === 'HEAD' ? 'GET' : request.method} ${url.pathname}`) {
    case 'GET /':
      return send(response, 200, 'text/html; charset=utf-8', demoPage(visitOf(request)));
    case 'GET /whoami':
      return send(response, 200, 'application/json', `${JSON.stringify(visitOf(request))}\n`);
    case 'GET /clock':
      return tick(response, clock);
    case 'GET /download':
      return download(request, response, Number(url.searchParams.get('bytes')));
    case 'POST /upload':
      return send(response, 200, 'application/json', `${JSON.stringify({ bytes: await countBytes(request) })}\n`);
    default:
      return send(response, 404, 'text/plain; charset=utf-8', 'There is nothing here.\n');
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

function visitOf(request: IncomingMessage): Visit {
  const header = (name: string): string => String(request.headers[name] ?? '');
  const flat = request.rawHeaders;
  return {
    name: decoded(header('remote-name')),
    email: decoded(header('remote-email')),
    groups: header('remote-groups').split(',').filter(Boolean).map(decoded),
    pop: decoded(header('x-manis-pop')),
    requestId: header('x-manis-request-id'),
    assertion: assertionPayload(header('x-manis-assertion')),
    headers: flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? ''] as const] : [])),
  };
}

/** Names come percent-encoded wherever they are not plain ASCII. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** The payload of a JWT for people to read; a real application verifies the signature first. */
function assertionPayload(token: string): string {
  const bytes = fromBase64Url(token.split('.')[1] ?? '');
  const text = bytes && fromUtf8(bytes);
  if (!text) return '';
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return '';
  }
}

function tick(response: ServerResponse, clock: Clock): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const write = () => response.write(`data: ${new Date(clock.unixMs()).toISOString().slice(11, 19)} UTC\n\n`);
  write();
  const timer = setInterval(write, CLOCK_PERIOD_MS);
  response.on('close', () => clearInterval(timer));
}

async function download(request: IncomingMessage, response: ServerResponse, bytes: number): Promise<void> {
  if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > DOWNLOAD_MAX_BYTES) {
    return send(response, 400, 'text/plain; charset=utf-8', `bytes is a whole number up to ${DOWNLOAD_MAX_BYTES}.\n`);
  }
  const fields = {
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment; filename="manis-demo.bin"',
    'accept-ranges': 'bytes',
    // The bytes follow from their number, so a download that broke may go on elsewhere.
    etag: `"${bytes}"`,
  };
  const part = partAsked(request, bytes);
  if (part === 'none') return void response.writeHead(416, { 'content-range': `bytes */${bytes}` }).end();
  const { from, to } = part ?? { from: 0, to: bytes };
  response.writeHead(part ? 206 : 200, {
    ...fields,
    'content-length': to - from,
    ...(part && { 'content-range': `bytes ${from}-${to - 1}/${bytes}` }),
  });
  if (request.method === 'HEAD') return void response.end();
  await pipeline(Readable.from(pattern(from, to)), response);
}

/** The one range of a `Range` field (RFC 9110 section 14.2), `to` excluded; undefined: the whole is asked for. */
function partAsked({ headers }: IncomingMessage, bytes: number): { from: number; to: number } | 'none' | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  if (!match || (headers['if-range'] !== undefined && headers['if-range'] !== `"${bytes}"`)) return undefined;
  const from = Number(match[1]);
  const to = match[2] ? Math.min(Number(match[2]) + 1, bytes) : bytes;
  return from < to ? { from, to } : 'none';
}

/** Bytes that a receiver can check: the byte at offset `i` is `i mod 251`. */
function* pattern(from: number, to: number): Generator<Buffer> {
  const period = 251;
  const block = Buffer.alloc(period * 256, Buffer.from(Array.from({ length: period }, (_, i) => i)));
  for (let at = from; at < to; ) {
    const begin = at % period;
    const length = Math.min(block.length - begin, to - at);
    yield block.subarray(begin, begin + length);
    at += length;
  }
}

async function countBytes(request: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const chunk of request) bytes += (chunk as Buffer).length;
  return bytes;
}
