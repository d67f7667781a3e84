/** A device whose owner decides where datagrams go: no roaming, endpoints per packet, handshakes that follow. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatagramBatch, type Endpoint, formatEndpoint, parseEndpoint } from '../../base/index.ts';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { WireguardWorld } from '../../testing/wireguard-world.ts';
import { DATA_HEADER_BYTES } from './index.ts';

const crypto = await createWireguardCrypto();
const ELSEWHERE = parseEndpoint('203.0.113.9:9') as Endpoint;

/** Anne knows where Bert is; Bert answers, and sends nowhere of his own accord. */
function pair() {
  const world = new WireguardWorld(crypto, new SeededRandom(1));
  const [anne, bert] = [world.addNode('192.0.2.1:1000'), world.addNode('198.51.100.2:2000')];
  const toBert = anne.device.addPeer({ publicKey: bert.device.publicKey, endpoint: bert.endpoint, roams: false });
  const toAnne = bert.device.addPeer({ publicKey: anne.device.publicKey, roams: false });
  return { world, anne, bert, toBert, toAnne };
}

test('a peer that does not roam is answered where it was heard, and keeps the endpoint that was set', () => {
  const { world, anne, bert, toBert, toAnne } = pair();
  anne.device.startHandshake(toBert, world.nowMs);
  world.run(100);
  assert.ok(bert.device.peerStatus(toAnne, world.nowMs).established);
  assert.equal(bert.device.peerStatus(toAnne, world.nowMs).endpoint, undefined);
  assert.deepEqual(bert.eventKinds(), ['sessionEstablished']);
  anne.endpoint = ELSEWHERE;
  anne.send(toBert, new Uint8Array(40), world.nowMs);
  bert.device.setEndpoint(toAnne, parseEndpoint('192.0.2.1:1000') as Endpoint);
  world.run(100);
  assert.equal(bert.packets.length, 1);
  assert.equal(bert.device.peerStatus(toAnne, world.nowMs).endpoint?.port, 1000);
});

test('a packet goes to the endpoint it is given, without one for the peer', () => {
  const { world, anne, bert, toBert, toAnne } = pair();
  anne.device.startHandshake(toBert, world.nowMs);
  world.run(100);
  const batch = new DatagramBatch(4_096, 4);
  batch.slab.fill(7, DATA_HEADER_BYTES, DATA_HEADER_BYTES + 40);
  assert.equal(bert.device.sealInto(toAnne, batch, 40, world.nowMs), false, 'it waits where there is no endpoint');
  assert.equal(bert.device.sealInto(toAnne, batch, 40, world.nowMs, 1_280, ELSEWHERE), true);
  assert.equal(batch.endpointOf(0), ELSEWHERE);
});

test('a device says who sent what carries no packet', () => {
  const { world, anne, bert, toBert, toAnne } = pair();
  anne.device.startHandshake(toBert, world.nowMs);
  const seen: [type: number, peer: unknown][] = [];
  for (const node of [anne, bert]) {
    const receive = node.device.receiveDatagram.bind(node.device);
    node.device.receiveDatagram = (bytes, ...rest) => {
      const type = bytes[0] as number;
      const received = receive(bytes, ...rest);
      if (received.kind === 'none') seen.push([type, received.peer]);
      return received;
    };
  }
  world.run(100);
  assert.deepEqual(seen, [
    [1, toAnne],
    [2, toBert],
    [4, toAnne],
  ]);
});

test('a handshake follows its endpoint at once, and only where one waits for an answer', () => {
  const { world, anne, bert, toBert } = pair();
  anne.device.setEndpoint(toBert, ELSEWHERE);
  anne.device.startHandshake(toBert, world.nowMs);
  world.run(50);
  anne.device.setEndpoint(toBert, bert.endpoint);
  anne.device.hurryHandshake(toBert, world.nowMs);
  world.run(50);
  assert.deepEqual(world.sent.map(({ to }) => formatEndpoint(to)).slice(0, 2), ['203.0.113.9:9', '198.51.100.2:2000']);
  assert.ok(anne.device.peerStatus(toBert, world.nowMs).established);
  const sent = world.sent.length;
  anne.device.hurryHandshake(toBert, world.nowMs);
  world.run(50);
  assert.equal(world.sent.length, sent);
});
