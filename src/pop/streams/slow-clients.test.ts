import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { peekServerName } from '../../io/client-hello.ts';
import { takeProxyHeader } from '../../io/streams/proxy-header.ts';
import { listenTcp } from '../../io/streams/tcp-listener.ts';

/** Both ends of a connection to a port of resources. */
async function accepted(t: { after(done: () => void): void }): Promise<{ client: Socket; socket: Socket }> {
  const { promise, resolve } = Promise.withResolvers<Socket>();
  const open = await listenTcp('127.0.0.1', 0, resolve);
  assert.ok(typeof open !== 'string');
  const client = connect({ host: '127.0.0.1', port: open.port });
  client.on('error', () => undefined);
  const socket = await promise;
  t.after(() => {
    client.destroy();
    socket.destroy();
    void open.close();
  });
  return { client, socket };
}

test('a proxy that is slow with its header is cut', async (t) => {
  const { client, socket } = await accepted(t);
  client.write('PROXY TCP4 ');
  const outcome = await new Promise((resolve) => takeProxyHeader(socket, 20, resolve));
  assert.equal(outcome, 'proxy-header-too-slow');
});

test('a proxy that goes away within its header is told of, once', async (t) => {
  const { client, socket } = await accepted(t);
  client.end('PROXY TCP4 ');
  const outcome = await new Promise((resolve) => takeProxyHeader(socket, 60_000, resolve));
  assert.equal(outcome, 'proxy-header-cut-off');
});

test('what follows a header is put back, whatever the cuts', async (t) => {
  const { client, socket } = await accepted(t);
  const outcome = new Promise((resolve) => takeProxyHeader(socket, 60_000, resolve));
  for (const part of ['PROXY UNK', 'NOWN\r', '\nhello', ' you']) {
    client.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.end();
  assert.deepEqual(await outcome, { kind: 'unknown' });
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  await once(socket, 'end');
  assert.equal(text, 'hello you');
});

test('a client that never says which name it wants is cut', async (t) => {
  const { client, socket } = await accepted(t);
  client.write(Buffer.from([22, 3, 1, 2]));
  // Cut with or without a reset: as the machine has read its bytes or not.
  client.on('error', () => undefined);
  const ended = new Promise((resolve) => void client.once('close', resolve));
  peekServerName(socket, 20, () => assert.fail('it said none'));
  await ended;
});

test('a port that somebody has is told of', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  const { port } = server.address() as { port: number };
  assert.equal(await listenTcp('127.0.0.1', port, () => undefined), 'in-use');
  assert.equal(await listenTcp('192.0.2.1', 0, () => undefined), 'no-address');
});
