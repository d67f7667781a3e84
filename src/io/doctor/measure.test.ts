// Real sockets on the loopback address that do not answer: what is said of them.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { LoopbackNode } from '../../testing/loopback-node.ts';
import { CarrierDialer } from '../carrier/carrier-dialer.ts';
import { createClock } from '../clock.ts';
import { ProbeClient } from '../probe-client.ts';
import { createRandom } from '../random.ts';
import { measureTls } from './measure-tls.ts';
import { measureUdp } from './measure-udp.ts';

const [clock, random] = [createClock(), createRandom()];
const tools = { clock, random, measuresSpeed: true };

test('UDP: a PoP answers, with the largest datagram where that can be told; a silent port does not', async (t) => {
  const node = await LoopbackNode.open();
  const silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const client = await ProbeClient.open('127.0.0.1', clock, random);
  t.after(async () => {
    silent.close();
    await client.close();
    await node.driver.close();
  });
  const good = await measureUdp(client, `127.0.0.1:${node.endpoint.port}`);
  assert.equal(good.answered, good.sent);
  assert.equal(good.largestBytes, client.dontFragment ? 1_472 : undefined);
  const bad = await measureUdp(client, `127.0.0.1:${silent.address().port}`);
  assert.deepEqual([bad.answered, bad.address, bad.largestBytes], [0, '127.0.0.1', undefined]);
  const unknown = await measureUdp(client, 'no-such-host.invalid:1');
  assert.deepEqual([unknown.sent, unknown.address], [0, undefined]);
});

test('TLS: a port that refuses, and a server that is no PoP', async (t) => {
  const dialer = new CarrierDialer({});
  const server = createServer((socket) => socket.end('220 mail.example.com\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    dialer.close();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  for (const endpoint of [`127.0.0.1:${port}`, '127.0.0.1:1']) {
    const measured = await measureTls(dialer, { endpoint }, tools);
    assert.equal(measured.outcome, 'no-answer', endpoint);
    assert.match(measured.detail, /no carrier to 127\.0\.0\.1/);
  }
  const unknown = await measureTls(dialer, { endpoint: 'no-such-host.invalid:1' }, tools);
  assert.equal(unknown.outcome, 'name-not-found');
});
