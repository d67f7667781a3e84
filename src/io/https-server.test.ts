import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ConnectionLimiter } from './connection-limiter.ts';
import { listenHttp } from './https-server.ts';

const LIMITS = {
  headerBytes: 16_384,
  headerCount: 100,
  headersTimeoutMs: 10_000,
  handshakeTimeoutMs: 10_000,
  keepAliveMs: 5_000,
  idleMs: 60_000,
  requestsPerConnection: 100,
};

for (const [name, head] of [
  ['CONNECT', 'CONNECT a.example:1 HTTP/1.1\r\nHost: a.example:1\r\n\r\n'],
  ['with an expectation', 'GET / HTTP/1.1\r\nHost: a.example\r\nExpect: tea\r\n\r\n'],
  ['that is no HTTP', 'nonsense\r\n\r\n'],
] as const) {
  test(`a request ${name} whose connection is reset before its refusal harms nobody`, async () => {
    const refused = Promise.withResolvers<void>();
    const limiter = new ConnectionLimiter(10, 10, () => undefined);
    const handlers = { request: () => assert.fail(), upgrade: () => assert.fail(), malformed: () => refused.resolve() };
    const listener = await listenHttp({ host: '127.0.0.1', port: 0 }, LIMITS, limiter, handlers);
    const client = connect(listener.port, '127.0.0.1');
    await once(client, 'connect');
    client.write(head);
    client.resetAndDestroy();
    await refused.promise;
    await listener.close(0);
  });
}

test('a head that dribbles is cut off', async () => {
  const limiter = new ConnectionLimiter(10, 10, () => undefined);
  const handlers = { request: () => assert.fail(), upgrade: () => assert.fail(), malformed: () => undefined };
  const limits = { ...LIMITS, headersTimeoutMs: 50 };
  const listener = await listenHttp({ host: '127.0.0.1', port: 0 }, limits, limiter, handlers);
  const client = connect(listener.port, '127.0.0.1');
  client.on('error', () => undefined);
  const closed = once(client, 'close');
  client.write('GET / HTTP/1.1\r\n');
  const dribble = setInterval(() => client.write('X-A: b\r\n'), 5);
  client.on('end', () => client.end()).resume();
  await closed;
  clearInterval(dribble);
  await listener.close(0);
});
