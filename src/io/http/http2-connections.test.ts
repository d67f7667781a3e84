import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { type AddressInfo, createServer, connect as dial } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { sendRawHttp2 } from '../../testing/raw-http2.ts';
import type { HttpHandlers, ListenerLimits } from './handlers.ts';
import { Http2Connections } from './http2-connections.ts';

const LIMITS: ListenerLimits = {
  ...{ headerBytes: 16_384, headerCount: 100, headersTimeoutMs: 10_000, handshakeTimeoutMs: 10_000 },
  ...{ keepAliveMs: 60_000, idleMs: 60_000, requestsPerConnection: 1_000 },
};

interface Context {
  after(fn: () => unknown): void;
}

/** Connections without TLS, which is nothing that they look at. */
async function open(
  t: Context,
  request: HttpHandlers['request'],
  { limits = {}, unreadBytesMax }: { limits?: Partial<ListenerLimits>; unreadBytesMax?: number } = {},
): Promise<{ session: ClientHttp2Session; counted: string[]; connections: Http2Connections; port: number }> {
  const counted: string[] = [];
  const handlers = { request, upgrade: () => assert.fail(), malformed: (reason: string) => void counted.push(reason) };
  const connections = new Http2Connections({ ...LIMITS, ...limits }, handlers, unreadBytesMax);
  // As the listener has them, for the sake of HTTP/1.1's upgrades.
  const server = createServer({ allowHalfOpen: true }, (socket) => connections.add(socket as TLSSocket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  t.after(() => {
    session.destroy();
    server.close();
  });
  return { session, counted, connections, port };
}

const head = { ':scheme': 'https', ':authority': 'a.example', ':path': '/' };
const closed = (emitter: { once(event: 'close', listener: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => void emitter.once('close', resolve));

test('a connection without requests is closed in good order', async (t) => {
  const { session, counted } = await open(t, (_request, response) => void response.end('good'), {
    limits: { keepAliveMs: 1 },
  });
  const gone: number[] = [];
  session.on('goaway', (code) => gone.push(code));
  await closed(session);
  assert.deepEqual([new Set(gone), counted], [new Set([0]), []]);
});

test('a client that sends no more of a body that is waited for has its request reset, and the connection stays', async (t) => {
  const { session, counted } = await open(t, (request) => void request.resume(), { limits: { idleMs: 1 } });
  const stream = session.request({ ...head, ':method': 'POST' });
  stream.on('error', () => undefined).write('some');
  await closed(stream);
  assert.deepEqual([counted, stream.rstCode, session.closed], [['http2-stream-idle'], 8, false]);
});

test('a client that does not read its answer has its request reset', async (t) => {
  const { session, counted } = await open(t, (_request, response) => void response.end(Buffer.alloc(5_000_000)), {
    limits: { idleMs: 1 },
  });
  const stream = session.request({ ...head, ':method': 'GET' });
  stream.on('error', () => undefined);
  await once(stream, 'response');
  await closed(stream);
  assert.deepEqual([counted, session.closed], [['http2-stream-idle'], false]);
});

test('where bodies that nobody reads are too much together, the connection that holds the most is cut', async (t) => {
  const { session, counted } = await open(t, () => undefined, { unreadBytesMax: 50_000 });
  const stream = session.request({ ...head, ':method': 'POST' });
  stream.on('error', () => undefined).write(Buffer.alloc(1_000_000));
  await closed(session);
  assert.deepEqual(counted, ['http2-bodies-unread']);
});

test('an answer that does not end by itself ends with a client that goes without a word', async (t) => {
  const over = Promise.withResolvers<void>();
  const { port, counted } = await open(t, (_request, response) => {
    response.once('close', () => over.resolve());
    response.writeHead(200, []);
  });
  const fields = Object.entries({ ':method': 'GET', ...head });
  assert.equal(await sendRawHttp2(dial(port, '127.0.0.1') as TLSSocket, fields), 'answered');
  await over.promise;
  assert.deepEqual(counted, []);
});

test('after so many requests a client is told to open another connection', async (t) => {
  const { session } = await open(t, (_request, response) => void response.end('good'), {
    limits: { requestsPerConnection: 3 },
  });
  const gone = once(session, 'goaway');
  for (let i = 0; i < 3; i++) {
    const stream = session.request({ ...head, ':method': 'GET' });
    stream.resume();
    await closed(stream);
  }
  assert.equal((await gone)[0], 0);
});
