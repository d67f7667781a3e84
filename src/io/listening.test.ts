import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { isReachable, stateOfPlace } from './listening.ts';

const host = '127.0.0.1';

test('a TCP place is in use while somebody listens, and free afterwards', async () => {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.equal(await stateOfPlace({ protocol: 'tcp', host, port }), 'in-use');
  assert.equal(await stateOfPlace({ protocol: 'udp', host, port }), 'free');
  assert.equal(await isReachable('localhost', port, 5_000), true);
  server.close();
  await once(server, 'close');
  assert.equal(await stateOfPlace({ protocol: 'tcp', host, port }), 'free');
  assert.equal(await isReachable(host, port, 5_000), false);
});

test('a UDP place is in use while somebody is bound to it', async () => {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  const { port } = socket.address();
  assert.equal(await stateOfPlace({ protocol: 'udp', host, port }), 'in-use');
  socket.close();
});

test('an address of somebody else is no address here', async () => {
  assert.equal(await stateOfPlace({ protocol: 'tcp', host: '192.0.2.1', port: 4000 }), 'no-address');
});
