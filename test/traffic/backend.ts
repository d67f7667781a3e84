/**
 * An application whose every answer can be checked, and whose every effect is counted.
 *
 *     GET  /item?id=N                          a small answer that follows from N
 *     GET  /bytes?seed=S&length=N[&rate=R]     N bytes of the pattern; with Range; R bytes a second where given
 *     POST /upload?seed=S                      checks the body: how many bytes, how many wrong, longest gap
 *     POST /write?id=N                         writes N into the journal, then answers: an effect
 *     GET  /ws                                 WebSocket, sends back what it gets
 */
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import { patternBytes, wrongBytes } from './pattern.ts';

export interface BackendOptions {
  /** In every answer (`x-backend`): which of several targets it was. */
  readonly name: string;
  /** Where effects are written, one id a line, before they are acknowledged. */
  readonly journal: string;
}

/** What `POST /upload` answers. */
export interface UploadReport {
  readonly bytes: number;
  readonly wrong: number;
  readonly longestGapMs: number;
}

const TICK_MS = 20;
const CHUNK_BYTES = 64 * 1024;

/** What `GET /item` answers. */
export function itemText(id: number): string {
  return `${id}:${patternBytes(id, 0, 24).toString('hex')}\n`;
}

/** A server that is not listening yet. */
export function createBackend(options: BackendOptions): Server {
  const server = createServer((request, response) => {
    response.setHeader('x-backend', options.name);
    answer(request, response, options).catch(() => response.destroy());
  });
  server.requestTimeout = 0;
  const sockets = new WebSocketServer({ server, path: '/ws' });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on('error', () => socket.terminate());
  });
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, options: BackendOptions): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://backend.invalid');
  const number = (name: string): number => Number(url.searchParams.get(name));
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /item':
      return void response.end(itemText(number('id')));
    case 'GET /bytes':
      return sendBytes(request, response, number('seed'), number('length'), number('rate'));
    case 'POST /upload':
      return void response.end(JSON.stringify(await readUpload(request, number('seed'))));
    case 'POST /write':
      request.resume();
      appendFileSync(options.journal, `${number('id')}\n`);
      return void response.end(itemText(number('id')));
    default:
      return void response.writeHead(404).end('nothing here\n');
  }
}

function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  seed: number,
  length: number,
  rate: number,
): Promise<void> {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const headers = { 'content-length': length - from, 'accept-ranges': 'bytes', etag: `"${seed}-${length}"` };
  if (from > 0) response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${length - 1}/${length}` });
  else response.writeHead(200, headers);
  return rate > 0 ? paced(response, seed, from, length, rate) : atFullSpeed(response, seed, from, length);
}

async function atFullSpeed(response: ServerResponse, seed: number, from: number, length: number): Promise<void> {
  for (let offset = from; offset < length && !response.destroyed; offset += CHUNK_BYTES) {
    const chunk = patternBytes(seed, offset, Math.min(CHUNK_BYTES, length - offset));
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
}

/** What is due by the clock, a little at a time: a gap that the receiver sees was made on the way. */
function paced(response: ServerResponse, seed: number, from: number, length: number, rate: number): Promise<void> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    let offset = from;
    const tick = (): void => {
      const due = Math.min(length, from + Math.ceil(((performance.now() - startedMs) / 1000) * rate));
      if (due > offset) response.write(patternBytes(seed, offset, due - offset));
      offset = Math.max(offset, due);
      if (offset >= length) response.end();
      if (offset >= length || response.destroyed) finish();
    };
    const timer = setInterval(tick, TICK_MS);
    const finish = (): void => {
      clearInterval(timer);
      resolve();
    };
    response.on('close', finish);
  });
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

async function readUpload(request: IncomingMessage, seed: number): Promise<UploadReport> {
  let [bytes, wrong, longestGapMs] = [0, 0, 0];
  let lastMs = performance.now();
  for await (const chunk of request) {
    const nowMs = performance.now();
    if (bytes > 0) longestGapMs = Math.max(longestGapMs, nowMs - lastMs);
    lastMs = nowMs;
    wrong += wrongBytes(seed, bytes, chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, wrong, longestGapMs: Math.round(longestGapMs) };
}
