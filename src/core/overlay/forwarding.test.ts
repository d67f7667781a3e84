import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { DatagramBatch, formatEndpoint } from '../../base/index.ts';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { TwoWayStream } from '../../testing/overlay-flows.ts';
import { OverlayMesh } from '../../testing/overlay-mesh.ts';
import type { WorldNode } from '../../testing/overlay-world.ts';
import { DATA_HEADER_BYTES, type WireguardCrypto } from '../wireguard/index.ts';
import { FORWARD_QUEUE_BYTES, FORWARD_QUEUE_PACKETS, RELAY_HEADER_BYTES } from './constants.ts';
import type { DropReason } from './drops.ts';
import { ForwardQueue, refusalToForward } from './forwarding.ts';
import type { NodeRole, OverlayPeer } from './peer.ts';
import { emitRelayHeaders, isRelayPacket, relayPacketBytes } from './relay-codec.ts';

let crypto: WireguardCrypto;
before(async () => {
  crypto = await createWireguardCrypto();
});

const FROM = new Uint8Array(16).fill(1);
const TO = new Uint8Array(16).fill(2);

/** A relayed datagram of `sizeBytes`, sealed or not: nobody on the way can tell. */
function relayPacket(sizeBytes: number, change: (packet: Uint8Array) => void = () => {}): Uint8Array {
  const packet = new Uint8Array(RELAY_HEADER_BYTES + sizeBytes);
  emitRelayHeaders(packet, 0, FROM, TO, sizeBytes);
  change(packet);
  return packet;
}

function peer(role: NodeRole, directState = 'up'): OverlayPeer {
  return { role, directState, direct: {}, queuedPackets: 0, queuedBytes: 0 } as unknown as OverlayPeer;
}

describe('what a PoP sends on', () => {
  const [pop, connector] = [peer('pop'), peer('connector')];
  const whole = relayPacket(100);
  const cases: [
    what: string,
    own: NodeRole,
    from: OverlayPeer,
    to: OverlayPeer | undefined,
    packet: Uint8Array,
    expected: DropReason | undefined,
  ][] = [
    ['from a PoP to a connector that is attached', 'pop', pop, connector, whole, undefined],
    ['from a connector to a PoP', 'pop', connector, pop, whole, undefined],
    ['to a connector in doubt', 'pop', pop, peer('connector', 'suspect'), whole, undefined],
    ['from a connector to a connector', 'pop', connector, peer('connector'), whole, 'connector-to-connector'],
    ['from a PoP to a PoP', 'pop', pop, peer('pop'), whole, 'pop-to-pop'],
    ['to somebody unknown', 'pop', pop, undefined, whole, 'unknown-destination'],
    ['to a connector whose direct path is down', 'pop', pop, peer('connector', 'down'), whole, 'no-direct-path'],
    ['to a connector that never came', 'pop', pop, peer('connector', 'unproven'), whole, 'no-direct-path'],
    ['at a connector', 'connector', pop, connector, whole, 'not-for-us'],
    ['to another port', 'pop', pop, connector, relayPacket(9, (bytes) => bytes.fill(80, 43, 44)), 'not-relayed-port'],
    ['over TCP', 'pop', pop, connector, relayPacket(9, (bytes) => bytes.fill(6, 6, 7)), 'not-relayed-port'],
    [
      'with contradicting lengths',
      'pop',
      pop,
      connector,
      relayPacket(9, (bytes) => bytes.fill(1, 45, 46)),
      'bad-relay-packet',
    ],
    ['that came far', 'pop', pop, connector, relayPacket(9, (bytes) => bytes.fill(1, 7, 8)), 'hop-limit'],
    ['shorter than its headers', 'pop', pop, connector, whole.subarray(0, 44), 'not-relayed-port'],
  ];
  for (const [what, own, from, to, packet, expected] of cases) {
    test(`a packet ${what}: ${expected ?? 'sent on'}`, () => {
      assert.equal(refusalToForward(own, from, to, packet, 0, packet.length), expected);
    });
  }
});

describe('a relayed packet', () => {
  test('is told from others, and its length from its padding', () => {
    const packet = relayPacket(100);
    const padded = new Uint8Array(packet.length + 12);
    padded.set(packet);
    assert.ok(isRelayPacket(padded, 0, padded.length));
    assert.equal(relayPacketBytes(padded, 0, padded.length), packet.length);
    assert.equal(relayPacketBytes(padded, 0, packet.length - 1), 0);
  });
});

describe('the queue of a relay', () => {
  test('keeps order, copies, and lowers the hop limit', () => {
    const queue = new ForwardQueue();
    const [from, to] = [peer('pop'), peer('connector')];
    for (let i = 0; i < 5; i++) {
      const lent = relayPacket(10 + i);
      assert.equal(queue.offer(from, to, lent, 0, lent.length), undefined);
      lent.fill(0xff);
    }
    for (let i = 0; i < 5; i++) {
      const packet = queue.peek()?.packet;
      assert.equal(packet?.length, RELAY_HEADER_BYTES + 10 + i);
      assert.equal(packet?.[7], 1);
      queue.shift();
    }
    assert.equal(queue.peek(), undefined);
    assert.equal(queue.sizeBytes, 0);
  });

  for (const [what, sizeBytes] of [
    ['packets', 10],
    ['bytes', 60_000],
  ] as const) {
    const packet = relayPacket(sizeBytes);
    const room = Math.min(FORWARD_QUEUE_PACKETS, Math.floor(FORWARD_QUEUE_BYTES / packet.length));
    /** Fills the share of a sender. */
    const flood = (queue: ForwardQueue, from: OverlayPeer, to = peer('connector')) => {
      for (let taken = 0; ; taken++) {
        const reason = queue.offer(from, to, packet, 0, packet.length);
        if (reason) return { taken, reason };
      }
    };

    test(`has an end by ${what}, however many send`, () => {
      const queue = new ForwardQueue();
      let taken = 0;
      for (let reason: DropReason | undefined; reason !== 'relay-queue-full'; ) {
        const share = flood(queue, peer('pop'));
        taken += share.taken;
        reason = share.reason;
      }
      assert.equal(taken, room);
      queue.shift();
      assert.equal(flood(queue, peer('pop')).taken, 1);
    });

    test(`gives one sender half of it by ${what}, and keeps room for others`, () => {
      const queue = new ForwardQueue();
      const [flooding, other] = [peer('pop'), peer('pop')];
      assert.deepEqual(flood(queue, flooding), { taken: Math.ceil(room / 2), reason: 'relay-queue-share' });
      assert.ok(flood(queue, other).taken >= Math.floor(room / 4));
      while (queue.peek()) queue.shift();
      assert.equal(flood(queue, flooding).taken, Math.ceil(room / 2), 'what went is not counted any more');
    });
  }
});

/** Sends a packet of one's own making through the session with a peer, as a liar may. */
function sendRaw(mesh: OverlayMesh, from: WorldNode, to: WorldNode, packet: Uint8Array): void {
  const batch = new DatagramBatch(4_096, 1);
  const handle = from.device.peerByPublicKey(to.publicKey);
  assert.ok(handle);
  batch.slab.set(packet, DATA_HEADER_BYTES);
  assert.ok(from.device.sealInto(handle, batch, packet.length, mesh.world.nowMs, 1_400, to.endpoint));
  mesh.world.inject(batch.bytesOf(0), from.endpoint, to.endpoint);
  mesh.world.run(200);
}

function wrapped(from: WorldNode, to: WorldNode, datagram: Uint8Array): Uint8Array {
  const packet = new Uint8Array(RELAY_HEADER_BYTES + datagram.length);
  packet.set(datagram, RELAY_HEADER_BYTES);
  emitRelayHeaders(packet, 0, from.address.bytes, to.address.bytes, datagram.length);
  return packet;
}

describe('in a mesh', () => {
  test('a connector reaches no other connector, sealed or not', () => {
    const mesh = new OverlayMesh(crypto, 1, ['pop-a']);
    const a = mesh.pop('pop-a');
    const other = mesh.world.add('other');
    a.knows(other, false);
    other.knows(a, true);
    mesh.world.run(500);
    sendRaw(mesh, mesh.connector, a, wrapped(mesh.connector, other, new Uint8Array(64)));
    assert.equal(a.overlay.counters()['connector-to-connector'], 1);
  });

  test('nobody is sent on in the name of another', () => {
    const mesh = new OverlayMesh(crypto, 2, ['pop-a', 'pop-b']);
    const [a, b] = [mesh.pop('pop-a'), mesh.pop('pop-b')];
    sendRaw(mesh, mesh.connector, a, wrapped(b, mesh.connector, new Uint8Array(64)));
    assert.equal(a.overlay.counters()['source-not-allowed'], 1);
  });

  test('a PoP that uses a connector’s address gets no packet in', () => {
    const mesh = new OverlayMesh(crypto, 3, ['pop-a', 'pop-b']);
    const [a, b] = [mesh.pop('pop-a'), mesh.pop('pop-b')];
    const packet = new Uint8Array(60);
    packet[0] = 0x60;
    packet.set(mesh.connector.address.bytes, 8);
    packet.set(a.address.bytes, 24);
    sendRaw(mesh, b, a, packet);
    assert.equal(a.overlay.counters()['source-not-allowed'], 1);
  });

  test('a PoP may claim to relay for a connector, but without its keys nothing opens and no path is made', () => {
    const mesh = new OverlayMesh(crypto, 4, ['pop-a', 'pop-b']);
    const [a, b] = [mesh.pop('pop-a'), mesh.pop('pop-b')];
    a.overlay.setRelays('connector', [], mesh.world.nowMs);
    const paths = () => a.overlay.status(mesh.world.nowMs).find(({ id }) => id === 'connector')?.paths.length;
    assert.equal(paths(), 1);
    const dropped = a.device.counters()['unknown-index'] + a.device.counters()['bad-tag'];
    sendRaw(mesh, b, a, wrapped(mesh.connector, a, Uint8Array.from([4, 0, 0, 0, ...new Uint8Array(44).fill(7)])));
    assert.equal(a.device.counters()['unknown-index'] + a.device.counters()['bad-tag'], dropped + 1);
    assert.equal(paths(), 1);
  });

  test('a datagram of one connector that a PoP passes off as another’s is dropped', () => {
    const mesh = new OverlayMesh(crypto, 5, ['pop-a', 'pop-b']);
    const [a, b] = [mesh.pop('pop-a'), mesh.pop('pop-b')];
    const other = mesh.world.add('other');
    a.knows(other, false);
    other.knows(a, true);
    mesh.world.run(500);
    const batch = new DatagramBatch(4_096, 1);
    const handle = other.device.peerByPublicKey(a.publicKey);
    assert.ok(handle);
    assert.ok(other.device.sealInto(handle, batch, 0, mesh.world.nowMs));
    sendRaw(mesh, b, a, wrapped(mesh.connector, a, batch.bytesOf(0)));
    assert.equal(a.overlay.counters()['relay-source'], 1);
  });

  test('a relayed packet inside a relayed packet goes nowhere', () => {
    const mesh = new OverlayMesh(crypto, 6, ['pop-a', 'pop-b', 'pop-d'], ['pop-a']);
    const d = mesh.pop('pop-d');
    const stream = new TwoWayStream(mesh.world, d, mesh.connector);
    stream.run(200);
    const batch = new DatagramBatch(4_096, 1);
    const handle = d.device.peerByPublicKey(mesh.connector.publicKey);
    assert.ok(handle);
    const inner = wrapped(mesh.pop('pop-b'), mesh.connector, new Uint8Array(64));
    batch.slab.set(inner, DATA_HEADER_BYTES);
    assert.ok(d.device.sealInto(handle, batch, inner.length, mesh.world.nowMs));
    sendRaw(mesh, d, mesh.pop('pop-a'), wrapped(d, mesh.connector, batch.bytesOf(0)));
    assert.equal(mesh.connector.overlay.counters()['bad-relay-packet'], 1);
    stream.finish();
  });

  test('two connectors with one key take turns, and the PoP lives on', () => {
    const mesh = new OverlayMesh(crypto, 7, ['pop-a']);
    const a = mesh.pop('pop-a');
    const twin = mesh.world.addTwin(mesh.connector);
    twin.knows(a, true);
    mesh.world.run(60_000);
    const tunnel = a.overlay.status(mesh.world.nowMs).find(({ id }) => id === 'connector');
    assert.ok(tunnel?.endpoint);
    assert.ok(
      [mesh.connector, twin].some(
        (one) => tunnel.endpoint && formatEndpoint(one.endpoint) === formatEndpoint(tunnel.endpoint),
      ),
    );
    assert.ok(a.tunnelEvents.length < 500, `${a.tunnelEvents.length} events in a minute`);
    twin.isDead = true;
    mesh.world.run(20_000);
    assert.equal(a.overlay.stateTo(mesh.connector.address.text), 'up');
    new TwoWayStream(mesh.world, a, mesh.connector).finish();
  });
});
