/** HTTP/2 to a backend: what a client of HTTP/1.1 gets through it, and what becomes of what breaks. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createFront, type IncomingMessage, request, type ServerResponse } from 'node:http';
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, connect, createServer as createNetServer, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import type { ExchangeFailure, ExchangeObserver, RelayHandle } from '../http-exchange.ts';
import { HTTP2_KEPT_BODY_BYTES, HTTP2_STREAMS_A_CONNECTION } from './constants.ts';
import { Http2Upstream } from './http2-upstream.ts';

const cleanups: (() => unknown)[] = [];
after(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

async function listening(server: Server, sockets = new Set<Socket>()): Promise<number> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  cleanups.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

type Handle = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** A backend; every session of it is in `sessions`. */
async function backend(handle: Handle, settings = {}) {
  const sessions: ServerHttp2Session[] = [];
  const server: Http2Server = createServer({ settings });
  server.on('sessionError', () => undefined);
  server.on('session', (session) => sessions.push(session));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => undefined);
    handle(stream, headers);
  });
  const sockets = new Set<Socket>();
  return { port: await listening(server as unknown as Server, sockets), sessions, sockets };
}

interface World {
  readonly port: number;
  readonly failures: ExchangeFailure[];
  readonly endings: string[];
  readonly upstream: Http2Upstream;
  /** Called for every exchange under way. */
  onRelay: (handle: RelayHandle) => void;
  /** How often a request that failed is made again. */
  retries: number;
  dials: number;
}

/** A front of HTTP/1.1 that relays everything to the backend. */
async function front(backendPort: number): Promise<World> {
  const limits = {
    connections: 8,
    headersTimeoutMs: 60_000,
    bodyTimeoutMs: 0,
    keepAliveMs: 4_000,
    headerBytes: 16_384,
  };
  const open = async (): Promise<Socket> => {
    world.dials++;
    const socket = connect({ port: backendPort, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return socket;
  };
  const upstream = new Http2Upstream(open, 'http', limits);
  cleanups.push(() => upstream.destroy());
  const handle = (incoming: IncomingMessage, response: ServerResponse): void => {
    const headers = [...incoming.rawHeaders];
    const hasBody =
      incoming.headers['content-length'] !== undefined || incoming.headers['transfer-encoding'] !== undefined;
    let retries = world.retries;
    const send = (body?: Uint8Array): void => {
      const outgoing = { method: incoming.method ?? '', path: incoming.url ?? '', headers, incoming, hasBody };
      const observer: ExchangeObserver = {
        head: (_status, fields) => fields,
        interim: (_status, fields) => fields,
        trailers: (fields) => fields,
        failed(failure) {
          world.failures.push(failure);
          if (failure.bodyReplayable && retries-- > 0) send(failure.body ?? body);
          else if (!response.destroyed) response.writeHead(502).end(failure.kind);
        },
        ended: (how) => void world.endings.push(how),
      };
      world.onRelay(upstream.relay({ ...outgoing, ...(body && { body }) }, response, observer, 60_000));
    };
    send();
  };
  const server = createFront(handle);
  server.on('checkContinue', handle);
  const port = await listening(server);
  const world: World = { port, failures: [], endings: [], upstream, onRelay: () => undefined, retries: 0, dials: 0 };
  return world;
}

interface Got {
  readonly status: number;
  readonly body: string;
  readonly trailers: NodeJS.Dict<string>;
  readonly interim: readonly string[];
  readonly headers: IncomingMessage['headers'];
}

/** Sends what it says and is gone before it has said everything. */
async function askInPart(port: number, head: string): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  socket.end(head);
}

function ask(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; trailers?: Record<string, string> } = {},
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const interim: string[] = [];
    const asked = request({
      host: '127.0.0.1',
      port,
      path,
      agent: false,
      method: options.method ?? 'GET',
      headers: options.headers ?? {},
    });
    asked.on('error', reject);
    asked.on('information', ({ statusCode, headers }) => interim.push(`${statusCode} ${headers['link'] ?? ''}`));
    asked.on('response', (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, body, trailers: answer.trailers, interim, headers: answer.headers }),
      );
    });
    if (options.trailers) asked.addTrailers(options.trailers);
    asked.end(options.body);
  });
}

/** Reads a stream's body to its end. */
async function textOf(stream: ServerHttp2Stream): Promise<string> {
  let text = '';
  for await (const part of stream) text += part;
  return text;
}

test('a request goes out with its pseudo-header fields, and its answer comes back with trailers', async () => {
  const seen: IncomingHttpHeaders[] = [];
  const { port } = await backend((stream, headers) => {
    seen.push(headers);
    stream.respond({ ':status': 201, 'x-a': '1' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end('hello');
  });
  const world = await front(port);
  const got = await ask(world.port, '/a?b=c', { headers: { te: 'trailers', 'x-key': 'v', host: 'wiki.example' } });
  assert.deepEqual(
    [got.status, got.body, got.headers['x-a'], got.trailers],
    [201, 'hello', '1', { 'grpc-status': '0' }],
  );
  const [head] = seen;
  assert.deepEqual(
    [head?.[':method'], head?.[':path'], head?.[':authority'], head?.[':scheme'], head?.te, head?.['x-key']],
    ['GET', '/a?b=c', 'wiki.example', 'http', 'trailers', 'v'],
  );
  assert.ok(!('connection' in (head ?? {})), 'what HTTP/2 does not have is left out');
  assert.deepEqual(world.endings, ['complete']);
});

test('bodies of both kinds arrive whole, trailers too', async () => {
  const { port } = await backend(async (stream, headers) => {
    let trailers = '';
    stream.on('trailers', (fields) => {
      trailers = String(fields['x-sum'] ?? '');
    });
    const text = await textOf(stream);
    stream.respond({ ':status': 200 });
    stream.end(`${text.length} ${headers['content-length'] ?? '-'} ${trailers}`);
  });
  const world = await front(port);
  const body = 'x'.repeat(1_000_000);
  const length = { 'content-length': String(body.length) };
  assert.equal((await ask(world.port, '/', { method: 'POST', headers: length, body })).body, `1000000 1000000 `);
  const chunked = { 'transfer-encoding': 'chunked', trailer: 'x-sum' };
  const got = await ask(world.port, '/', { method: 'POST', headers: chunked, body, trailers: { 'x-sum': '7' } });
  assert.equal(got.body, '1000000 - 7');
});

test('what a client says twice is passed on twice, trailers too, and breaks nothing', async () => {
  const { port } = await backend((stream, headers) => {
    let trailers = '';
    stream.on('trailers', (_fields, _flags, raw: string[]) => {
      trailers = raw.join(' ');
    });
    stream.resume().on('end', () => {
      stream.respond({ ':status': 200 });
      stream.end(`${headers['user-agent']} | ${trailers}`);
    });
  });
  const world = await front(port);
  const socket = connect({ port: world.port, host: '127.0.0.1' });
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUser-Agent: a\r\nUser-Agent: b\r\n';
  socket.write(
    `${head}Trailer: referer\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nReferer: c\r\nReferer: d\r\n\r\n`,
  );
  let text = '';
  for await (const part of socket) text += part;
  assert.match(text, /^HTTP\/1\.1 200 .*a.* \| referer c/s);
  assert.deepEqual(world.failures, []);
});

test('answers without a body end at once: HEAD, 204, 304', async () => {
  const { port } = await backend((stream, headers) => {
    stream.respond({ ':status': Number(String(headers[':path']).slice(1)), 'x-a': '1' }, { endStream: true });
  });
  const world = await front(port);
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const) {
    const got = await ask(world.port, `/${status}`, { method });
    assert.deepEqual([got.status, got.headers['x-a'], got.body], [status, '1', '']);
  }
});

test('interim answers pass, and a body that waits for 100 waits for the backend', async () => {
  let hadBody: boolean | undefined;
  const { port } = await backend((stream) => {
    stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
    hadBody = stream.readableLength > 0;
    stream.additionalHeaders({ ':status': 100 });
    stream.resume().on('end', () => {
      stream.respond({ ':status': 200 });
      stream.end('done');
    });
  });
  const world = await front(port);
  const got = await new Promise<Got>((resolve, reject) => {
    const headers = { expect: '100-continue', 'content-length': '4' };
    const asked = request({ host: '127.0.0.1', port: world.port, method: 'POST', headers, agent: false });
    const interim: string[] = [];
    asked.on('information', ({ statusCode, headers: fields }) => interim.push(`${statusCode} ${fields['link'] ?? ''}`));
    asked.on('continue', () => asked.end('body'));
    asked.on('error', reject);
    asked.on('response', (answer) => {
      answer
        .resume()
        .on('end', () => resolve({ status: answer.statusCode ?? 0, body: '', trailers: {}, interim, headers: {} }));
    });
    asked.flushHeaders();
  });
  assert.deepEqual([got.status, hadBody], [200, false]);
  assert.ok(got.interim.includes('103 </a.css>'));
});

test('many requests share a connection, and no more streams are open on it than the backend allows', async () => {
  let open = 0;
  let most = 0;
  const { port, sessions } = await backend(
    (stream) => {
      most = Math.max(most, ++open);
      stream.on('close', () => open--);
      setImmediate(() => {
        stream.respond({ ':status': 200 });
        stream.end('x');
      });
    },
    { maxConcurrentStreams: 5 },
  );
  const world = await front(port);
  await ask(world.port, '/');
  const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => ask(world.port, `/${i}`)));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.deepEqual(world.failures, []);
  assert.ok(most <= 5 * sessions.length && sessions.length <= 8, `${most} streams, ${sessions.length} connections`);
  assert.ok(HTTP2_STREAMS_A_CONNECTION > 5);
});

test('an answer that is reset after its head is cut, never ended', async () => {
  for (const code of ['ABORT_ERR', 'ERR_OTHER']) {
    const { port } = await backend((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('part', () => setImmediate(() => stream.destroy(Object.assign(new Error(code), { code }))));
    });
    const world = await front(port);
    await assert.rejects(ask(world.port, '/'), /aborted|socket hang up|ECONNRESET/);
    assert.deepEqual(world.endings, ['target-aborted']);
  }
});

test('a backend whose connection ends in the middle of an answer cuts it', async () => {
  const { port, sockets } = await backend((stream) => {
    stream.respond({ ':status': 200 });
    stream.write('part', () => setImmediate(() => void [...sockets][0]?.destroy()));
  });
  const world = await front(port);
  await assert.rejects(ask(world.port, '/'), /aborted|socket hang up|ECONNRESET/);
  assert.deepEqual(world.endings, ['target-aborted']);
});

test('a backend that has enough of a body answers early, and its answer counts', async () => {
  const { port } = await backend((stream) => {
    stream.respond({ ':status': 413 }, { endStream: false });
    stream.end('too much', () => stream.close(0));
  });
  const world = await front(port);
  const socket = connect({ port: world.port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\nstart');
  let text = '';
  for await (const part of socket) {
    text += part;
    if (text.includes('too much')) break;
  }
  assert.match(text, /^HTTP\/1\.1 413 /);
  assert.deepEqual(world.endings, ['complete']);
});

test("room that is kept for a stream is nobody else's, and what the target takes is known with it", async () => {
  const { port } = await backend(() => undefined, { enableConnectProtocol: true, maxConcurrentStreams: 1 });
  const { upstream } = await front(port);
  const first = await upstream.reserve(60_000);
  const second = upstream.reserve(60_000);
  const fields = [':method', 'CONNECT', ':protocol', 'websocket', ':scheme', 'http', ':path', '/', ':authority', 'a'];
  first.connection.beginReserved(fields, { endStream: false, waitForTrailers: false }).on('error', () => undefined);
  assert.equal(first.takesWebSockets, true);
  const other = await second;
  assert.notEqual(other.connection, first.connection);
  const third = upstream.reserve(60_000);
  other.connection.release();
  assert.equal((await third).connection, other.connection);
});

test('a refused stream was not processed: it is made again with its whole body', async () => {
  let refusals = 1;
  const bodies: string[] = [];
  const { port } = await backend(async (stream) => {
    const text = await textOf(stream).catch(() => '');
    if (refusals-- > 0) return stream.close(0x7);
    bodies.push(text);
    stream.respond({ ':status': 200 });
    stream.end('ok');
  });
  const world = await front(port);
  world.retries = 1;
  const headers = { 'transfer-encoding': 'chunked' };
  const got = await ask(world.port, '/', { method: 'POST', headers, body: 'pay once' });
  assert.deepEqual([got.status, bodies, world.failures.map(({ kind }) => kind)], [200, ['pay once'], ['unprocessed']]);
});

test('a refused stream whose body was long is not made again', async () => {
  const { port } = await backend((stream) => {
    let bytes = 0;
    stream.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > 2 * HTTP2_KEPT_BODY_BYTES) stream.close(0x7);
    });
  });
  const world = await front(port);
  world.retries = 1;
  const headers = { 'transfer-encoding': 'chunked' };
  const got = await ask(world.port, '/', { method: 'POST', headers, body: 'x'.repeat(4 * HTTP2_KEPT_BODY_BYTES) });
  assert.deepEqual([got.status, got.body], [502, 'unprocessed']);
  assert.equal(world.failures[0]?.bodyReplayable, false);
});

test('a goodbye lets what it covers end, and what comes after takes another connection', async () => {
  let finish = (): void => undefined;
  const { port, sessions } = await backend((stream, headers) => {
    stream.respond({ ':status': 200 });
    if (headers[':path'] === '/long') finish = () => void stream.end('long');
    else stream.end('short');
  });
  const world = await front(port);
  const long = ask(world.port, '/long');
  const isThere = async (): Promise<void> => {
    for (let i = 0; i < 500 && sessions.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await isThere();
  await ask(world.port, '/short');
  sessions[0]?.goaway(0);
  // Whether it has come is seen by the next request's connection alone.
  for (let i = 0; i < 500 && sessions.length < 2; i++) await ask(world.port, '/short');
  assert.equal(sessions.length, 2);
  finish();
  assert.equal((await long).body, 'long');
  assert.deepEqual(world.failures, []);
});

test('streams beyond a goodbye with an error were not processed, those before it may have been', async () => {
  const { port, sessions } = await backend((_stream, headers) => {
    if (headers[':path'] === '/second') sessions[0]?.goaway(0x2, 1);
  });
  const world = await front(port);
  const first = ask(world.port, '/first');
  for (let i = 0; i < 500 && world.dials === 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  const second = ask(world.port, '/second');
  assert.deepEqual([(await first).body, (await second).body], ['aborted', 'unprocessed']);
});

const BREAKING: readonly (readonly [what: string, answer: string, kind: string])[] = [
  ['a backend of HTTP/1.1', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n', 'malformed'],
  ['nonsense', 'x'.repeat(100), 'malformed'],
];

for (const [what, answer, kind] of BREAKING)
  test(`no HTTP/2: ${what}`, async () => {
    const server = createNetServer(
      (socket) => void socket.on('error', () => undefined).once('data', () => socket.end(answer)),
    );
    const world = await front(await listening(server));
    assert.equal((await ask(world.port, '/')).body, kind);
  });

test('a backend that closes at once is no answer', async () => {
  const world = await front(await listening(createNetServer((socket) => socket.once('data', () => socket.destroy()))));
  assert.equal((await ask(world.port, '/')).body, 'aborted');
});

test('nobody listens: nothing was sent', async () => {
  const server = createNetServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  const world = await front(port);
  assert.equal((await ask(world.port, '/')).body, 'connect');
  assert.match(String(world.failures[0]?.cause), /ECONNREFUSED/);
});

test('a client that leaves cancels the stream, before the answer and within it', async () => {
  for (const path of ['/silent', '/endless']) {
    const { promise, resolve } = Promise.withResolvers<number>();
    const { port } = await backend((stream, headers) => {
      stream.on('close', () => resolve(stream.rstCode));
      if (headers[':path'] === '/endless') {
        stream.respond({ ':status': 200 });
        stream.write('x');
      }
      left();
    });
    let left = (): void => undefined;
    const arrived = new Promise<void>((done) => {
      left = done;
    });
    const world = await front(port);
    const asked = request({ host: '127.0.0.1', port: world.port, path, agent: false }).on('error', () => undefined);
    asked.end();
    await arrived;
    asked.destroy();
    assert.equal(await promise, 0x8, path);
  }
});

test('an upload that breaks off never looks whole to the backend', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { port } = await backend((stream) => {
    let ended = false;
    stream.resume().on('end', () => {
      ended = stream.rstCode === 0 && !stream.aborted;
    });
    stream.on('close', () => resolve(`${ended} ${stream.rstCode} ${stream.aborted}`));
  });
  const world = await front(port);
  await askInPart(world.port, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
  assert.equal(await promise, 'false 8 true');
});

test('an exchange that is cancelled has timed out, and its stream is cancelled', async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const handles: RelayHandle[] = [];
  const { port } = await backend((stream) => {
    stream.on('close', () => resolve(stream.rstCode));
    handles[0]?.cancel();
  });
  const world = await front(port);
  world.onRelay = (handle) => handles.push(handle);
  assert.equal((await ask(world.port, '/')).body, 'timed-out');
  assert.equal(await promise, 0x8);
});

test('a slow client is waited for, and holds no more than a window', async () => {
  let written = 0;
  const { port } = await backend((stream) => {
    stream.respond({ ':status': 200 });
    const chunk = Buffer.alloc(16_384);
    const write = (): void => {
      while (written < 64_000_000) {
        written += chunk.length;
        if (!stream.write(chunk)) return void stream.once('drain', write);
      }
      stream.end();
    };
    write();
  });
  const world = await front(port);
  const socket = connect({ port: world.port, host: '127.0.0.1' });
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'readable');
  let before = -1;
  while (before !== written) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(written < 40_000_000, `${written} bytes were taken`);
  socket.resume();
  let got = 0;
  socket.on('data', (part: Buffer) => {
    got += part.length;
  });
  while (got < 64_000_000) await once(socket, 'data');
  socket.destroy();
});

test('what was begun is finished when the upstream closes, and what comes then is, too', async () => {
  let finish = (): void => undefined;
  const { port, sessions } = await backend((stream) => {
    finish = () => {
      stream.respond({ ':status': 200 });
      stream.end('done');
    };
    begun();
  });
  let begun = (): void => undefined;
  const isBegun = new Promise<void>((done) => {
    begun = done;
  });
  const world = await front(port);
  const answer = ask(world.port, '/');
  await isBegun;
  const closed = once(sessions[0] as ServerHttp2Session, 'close');
  await world.upstream.close();
  finish();
  assert.equal((await answer).body, 'done');
  await closed;
});
