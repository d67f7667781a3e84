/** Two devices, whole runs under a virtual clock. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DatagramBatch, equalBytes, parseEndpoint } from '../../base/index.ts';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { type SimulatedNode, WireguardWorld } from '../../testing/wireguard-world.ts';
import type { PeerOptions, WireguardDeviceOptions } from './index.ts';

const crypto = await createWireguardCrypto();
const ANNE = '192.0.2.1:1000';
const BERT = '198.51.100.2:2000';
const MINUTE = 60_000;

interface PairOptions {
  readonly anne?: Partial<WireguardDeviceOptions>;
  readonly bert?: Partial<WireguardDeviceOptions>;
  readonly anneOfBert?: Partial<PeerOptions>;
  readonly bertOfAnne?: Partial<PeerOptions>;
}

/** Anne knows where Bert is; Bert learns it from her. */
function pair(options: PairOptions = {}, seed = 1) {
  const world = new WireguardWorld(crypto, new SeededRandom(seed));
  const anne = world.addNode(ANNE, options.anne);
  const bert = world.addNode(BERT, options.bert);
  const toBert = anne.device.addPeer({
    publicKey: bert.device.publicKey,
    endpoint: bert.endpoint,
    ...options.anneOfBert,
  });
  const toAnne = bert.device.addPeer({ publicKey: anne.device.publicKey, ...options.bertOfAnne });
  return { world, anne, bert, toBert, toAnne };
}

type Pair = ReturnType<typeof pair>;

const numbered = (number: number, length = 40): Uint8Array => {
  const packet = new Uint8Array(length);
  new DataView(packet.buffer).setUint32(0, number);
  return packet;
};
const numbersOf = (node: SimulatedNode): number[] =>
  node.packets.map((packet) => new DataView(packet.buffer, packet.byteOffset).getUint32(0));
const typesSent = ({ world }: Pair): number[] => world.sent.map(({ bytes }) => bytes[0] as number);

function established(options: PairOptions = {}): Pair {
  const p = pair(options);
  p.anne.device.startHandshake(p.toBert, p.world.nowMs);
  p.world.run(100);
  assert.ok(p.anne.device.peerStatus(p.toBert, p.world.nowMs).established);
  assert.ok(p.bert.device.peerStatus(p.toAnne, p.world.nowMs).established);
  return p;
}

describe('a handshake', () => {
  test('is an initiation, a response and a keepalive, and takes one round trip', () => {
    const p = established();
    assert.deepEqual(typesSent(p), [1, 2, 4]);
    assert.deepEqual(
      p.world.sent.map(({ bytes }) => bytes.length),
      [148, 92, 32],
    );
    assert.deepEqual(p.anne.eventKinds(), ['sessionEstablished']);
    assert.deepEqual(p.bert.eventKinds(), ['endpointChanged', 'sessionEstablished']);
    assert.equal(p.anne.device.peerStatus(p.toBert, p.world.nowMs).handshakeRttMs, 20);
  });

  test('is started by a packet, which waits for it and then goes instead of the keepalive', () => {
    const p = pair();
    assert.equal(p.anne.send(p.toBert, numbered(7), p.world.nowMs), false);
    assert.equal(p.anne.device.peerStatus(p.toBert, p.world.nowMs).queuedPackets, 1);
    p.world.run(100);
    assert.deepEqual(numbersOf(p.bert), [7]);
    assert.deepEqual(typesSent(p), [1, 2, 4]);
  });

  test('lets the responder send only after the initiator was heard under the new keys', () => {
    const p = pair();
    // Everything under the new session is held back.
    p.world.passes = ({ bytes }) => bytes[0] !== 4;
    p.anne.device.startHandshake(p.toBert, p.world.nowMs);
    p.world.run(100);
    assert.equal(p.anne.device.peerStatus(p.toBert, p.world.nowMs).established, true);
    assert.equal(p.bert.device.peerStatus(p.toAnne, p.world.nowMs).established, false);
    assert.equal(p.bert.send(p.toAnne, numbered(1), p.world.nowMs), false);
  });

  for (const [lost, name] of ['initiation', 'response'].entries())
    test(`goes on after 5 s when the ${name} is lost`, () => {
      const p = pair();
      let seen = 0;
      p.world.passes = () => seen++ !== lost;
      p.anne.send(p.toBert, numbered(1), p.world.nowMs);
      p.world.run(4_900);
      assert.deepEqual(numbersOf(p.bert), []);
      p.world.run(600);
      assert.deepEqual(numbersOf(p.bert), [1]);
    });

  test('goes on when the first data message is lost, with the next one', () => {
    const p = pair();
    let seen = 0;
    p.world.passes = () => seen++ !== 2;
    p.anne.send(p.toBert, numbered(1), p.world.nowMs);
    p.world.run(100);
    assert.equal(p.anne.send(p.toBert, numbered(2), p.world.nowMs), true);
    p.world.run(100);
    assert.deepEqual(numbersOf(p.bert), [2]);
    assert.ok(p.bert.device.peerStatus(p.toAnne, p.world.nowMs).established);
  });

  test('follows the schedule of the peer, then every 5 s, and jitters', () => {
    const p = pair({ anneOfBert: { retryScheduleMs: [250, 500, 1000] } });
    p.world.passes = () => false;
    const startMs = p.world.nowMs;
    const times: number[] = [];
    p.world.passes = ({ arrivesMs }) => {
      times.push(arrivesMs - p.world.delayMs - startMs);
      return false;
    };
    p.anne.device.startHandshake(p.toBert, startMs);
    p.world.run(13_000);
    const gaps = times.slice(1).map((time, i) => time - (times[i] as number));
    assert.equal(gaps.length, 5);
    for (const [i, base] of [250, 500, 1000, 5000, 5000].entries()) {
      const gap = gaps[i] as number;
      assert.ok(gap >= base && gap <= base * 1.067, `gap ${i} is ${gap}`);
    }
  });

  test('is given up after 90 s; waiting packets are dropped and counted', () => {
    const p = pair();
    p.world.passes = () => false;
    p.anne.send(p.toBert, numbered(1), p.world.nowMs);
    p.world.run(3 * MINUTE);
    assert.deepEqual(p.anne.eventKinds(), ['handshakeGaveUp']);
    assert.equal(p.anne.device.counters()['gave-up'], 1);
    assert.ok(p.world.sent.length >= 17 && p.world.sent.length <= 19, `${p.world.sent.length} initiations`);
    // Something to send starts it again.
    p.world.passes = () => true;
    p.anne.send(p.toBert, numbered(2), p.world.nowMs);
    p.world.run(100);
    assert.deepEqual(numbersOf(p.bert), [2]);
  });

  test('goes on slowly after giving up where the peer asks for it', () => {
    const p = pair({ anneOfBert: { slowRetryMs: 15_000 } });
    p.world.passes = () => false;
    p.anne.device.startHandshake(p.toBert, p.world.nowMs);
    p.world.run(100_000);
    const before = p.world.sent.length;
    p.world.run(100_000);
    assert.ok(p.world.sent.length - before >= 5 && p.world.sent.length - before <= 8);
    assert.deepEqual(p.anne.eventKinds(), ['handshakeGaveUp']);
    p.world.passes = () => true;
    p.world.run(17_000);
    assert.ok(p.anne.device.peerStatus(p.toBert, p.world.nowMs).established);
  });

  test('begun by both at once ends in sessions that carry packets both ways, without another', () => {
    const p = pair({ bertOfAnne: { endpoint: parseEndpoint(ANNE) as never } });
    p.anne.send(p.toBert, numbered(1), p.world.nowMs);
    p.bert.send(p.toAnne, numbered(2), p.world.nowMs);
    p.world.run(100);
    for (let i = 10; i < 20; i++) {
      assert.equal(p.anne.send(p.toBert, numbered(i), p.world.nowMs), true);
      assert.equal(p.bert.send(p.toAnne, numbered(i), p.world.nowMs), true);
      p.world.run(20);
    }
    assert.equal(numbersOf(p.bert).length, 11);
    assert.equal(numbersOf(p.anne).length, 11);
    assert.equal(typesSent(p).filter((type) => type === 1).length, 2);
  });

  test('with different preshared keys never ends, and says why', () => {
    const p = pair({ anneOfBert: { presharedKey: new Uint8Array(32).fill(1) } });
    p.anne.device.startHandshake(p.toBert, p.world.nowMs);
    p.world.run(100);
    assert.equal(p.anne.device.counters()['bad-handshake'], 1);
    assert.equal(p.anne.device.peerStatus(p.toBert, p.world.nowMs).established, false);
    assert.deepEqual(p.anne.eventKinds(), []);
  });

  test('by an unknown key is dropped and counted', () => {
    const p = pair();
    p.bert.device.removePeer(p.toAnne);
    p.anne.device.startHandshake(p.toBert, p.world.nowMs);
    p.world.run(100);
    assert.equal(p.bert.device.counters()['unknown-peer'], 1);
    assert.deepEqual(typesSent(p), [1]);
  });

  test('sent again by somebody else is a replay, whenever and wherever from', () => {
    const p = established();
    const initiation = p.world.sent[0]?.bytes as Uint8Array;
    p.world.run(1000);
    p.world.inject(initiation, parseEndpoint('203.0.113.9:9') as never, p.bert.endpoint);
    p.world.run(100);
    assert.equal(p.bert.device.counters()['replayed-initiation'], 1);
    assert.equal(p.bert.device.peerStatus(p.toAnne, p.world.nowMs).endpoint, p.anne.endpoint);
  });

  test('stays a replay after a restart that kept the timestamp, and would not without', () => {
    const p = established();
    const initiation = p.world.sent[0]?.bytes as Uint8Array;
    const lastTimestamp = p.bert.device.latestTimestamp(p.toAnne) as Uint8Array;
    p.bert.device.removePeer(p.toAnne);
    const again = p.bert.device.addPeer({ publicKey: p.anne.device.publicKey, lastTimestamp });
    p.world.inject(initiation, p.anne.endpoint, p.bert.endpoint);
    p.world.run(100);
    assert.equal(p.bert.device.counters()['replayed-initiation'], 1);
    p.bert.device.removePeer(again);
    p.bert.device.addPeer({ publicKey: p.anne.device.publicKey });
    p.world.run(100);
    p.world.inject(initiation, p.anne.endpoint, p.bert.endpoint);
    p.world.run(100);
    assert.equal(p.bert.device.counters()['replayed-initiation'], 1);
  });

  test('works although the clock was set back, and after a restart as well where the sent timestamp was kept', () => {
    const p = established();
    p.anne.device.setUnixOffset(1_600_000_000_000);
    p.world.run(10_000);
    p.anne.device.startHandshake(p.toBert, p.world.nowMs);
    p.world.run(100);
    assert.equal(p.bert.events.filter(({ kind }) => kind === 'sessionEstablished').length, 2);

    const kept = p.anne.device.latestSentTimestamp() as Uint8Array;
    const restarted = pair({ anne: { unixOffsetMs: 1_600_000_000_000, lastSentTimestamp: kept } }, 1);
    restarted.anne.device.startHandshake(restarted.toBert, restarted.world.nowMs);
    restarted.world.run(10);
    assert.ok((restarted.anne.device.latestSentTimestamp() as Uint8Array) > kept);
  });
});

describe('a session', () => {
  for (const length of [1, 15, 16, 17, 1419, 1420])
    test(`carries ${length} bytes, padded to 16 but not beyond the limit`, () => {
      const p = established();
      const packet = Uint8Array.from({ length }, (_, i) => i + 1);
      const { batch } = p.anne;
      batch.slab.fill(0xff, batch.tail, batch.tail + 2000);
      batch.slab.set(packet, batch.tail + 16);
      assert.ok(p.anne.device.sealInto(p.toBert, batch, length, p.world.nowMs, 1420));
      assert.equal(batch.lengthOf(0), 32 + Math.min(1420, Math.ceil(length / 16) * 16));
      p.world.run(20);
      const [received] = p.bert.packets;
      assert.deepEqual(received?.subarray(0, length), packet);
      assert.ok(received?.subarray(length).every((byte) => byte === 0));
    });

  test('is renewed every two minutes for ten minutes of traffic, and no packet is lost', () => {
    const p = established();
    let number = 0;
    for (let i = 0; i < 10 * 60 * 5; i++) {
      assert.ok(p.anne.send(p.toBert, numbered(++number), p.world.nowMs));
      assert.ok(p.bert.send(p.toAnne, numbered(number), p.world.nowMs));
      p.world.run(200);
    }
    const expected = Array.from({ length: number }, (_, i) => i + 1);
    assert.deepEqual(numbersOf(p.bert), expected);
    assert.deepEqual(numbersOf(p.anne), expected);
    assert.equal(typesSent(p).filter((type) => type === 1).length, 5);
  });

  test('is renewed by its initiator also where only the responder sends', () => {
    const p = established();
    let number = 0;
    for (let i = 0; i < 8 * 60; i++) {
      assert.ok(p.bert.send(p.toAnne, numbered(++number), p.world.nowMs), `second ${i}`);
      p.world.run(1000);
    }
    assert.equal(numbersOf(p.anne).length, number);
    assert.ok(typesSent(p).filter((type) => type === 1).length >= 3);
  });

  test('is renewed after so many messages, and stops at the last counter', () => {
    const p = established({ anne: { limits: { rekeyAfterMessages: 50, rejectAfterMessages: 60 } } });
    p.world.run(6000);
    let sealed = 0;
    while (p.anne.send(p.toBert, numbered(sealed), p.world.nowMs)) sealed++;
    assert.equal(sealed, 59);
    p.world.run(6000);
    assert.deepEqual(
      numbersOf(p.bert),
      Array.from({ length: 60 }, (_, i) => i),
    );
    assert.equal(typesSent(p).filter((type) => type === 1).length, 2);
  });

  test('neither sends nor receives after three minutes; its keys are wiped after nine', () => {
    const p = established();
    const { batch } = p.bert;
    p.bert.send(p.toAnne, numbered(1), p.world.nowMs);
    const late = Uint8Array.from(batch.bytesOf(0));
    batch.clear();
    p.world.passes = () => false;
    p.world.run(3 * MINUTE);
    assert.equal(p.anne.device.receiveDatagram(late, 0, late.length, p.bert.endpoint, p.world.nowMs).kind, 'dropped');
    assert.equal(p.anne.device.counters()['session-expired'], 1);
    assert.equal(p.anne.send(p.toBert, numbered(1), p.world.nowMs), false);
    assert.ok(!p.anne.eventKinds().includes('sessionExpired'));
    p.world.run(7 * MINUTE);
    assert.ok(p.anne.eventKinds().includes('sessionExpired'));
    assert.ok(p.bert.eventKinds().includes('sessionExpired'));
  });

  test('drops what it has seen, what is too old and what was changed, each by its name', () => {
    const p = established();
    for (let i = 0; i < 3; i++) p.anne.send(p.toBert, numbered(i), p.world.nowMs);
    p.world.run(50);
    const data = p.world.sent.filter(({ bytes }) => bytes[0] === 4 && bytes.length > 32);
    const first = data[0]?.bytes as Uint8Array;
    p.world.inject(first, p.anne.endpoint, p.bert.endpoint);
    p.world.inject(
      Uint8Array.from(first, (byte, i) => (i === 8 ? 99 : byte)),
      p.anne.endpoint,
      p.bert.endpoint,
    );
    p.world.inject(
      Uint8Array.from(first, (byte, i) => (i === 4 ? byte ^ 1 : byte)),
      p.anne.endpoint,
      p.bert.endpoint,
    );
    p.world.inject(
      Uint8Array.from(first, (byte, i) => (i === 15 ? 0xff : byte)),
      p.anne.endpoint,
      p.bert.endpoint,
    );
    p.world.inject(first.subarray(0, 31), p.anne.endpoint, p.bert.endpoint);
    p.world.inject(
      Uint8Array.from(first, (byte, i) => (i === 2 ? 1 : byte)),
      p.anne.endpoint,
      p.bert.endpoint,
    );
    p.world.run(50);
    const counters = p.bert.device.counters();
    assert.equal(counters['replayed-counter'], 1);
    assert.equal(counters['bad-tag'], 1);
    assert.equal(counters['unknown-index'], 1);
    assert.equal(counters['session-expired'], 1);
    assert.equal(counters['not-wireguard'], 2);
    assert.equal(p.bert.packets.length, 3);
  });

  test('follows a peer that roams, in both directions and between address families', () => {
    const p = established();
    for (const address of ['192.0.2.1:4444', '203.0.113.77:1', '[2001:db8::7]:51820']) {
      p.anne.endpoint = parseEndpoint(address) as never;
      p.anne.send(p.toBert, numbered(1), p.world.nowMs);
      p.world.run(50);
      assert.equal(p.bert.device.peerStatus(p.toAnne, p.world.nowMs).endpoint?.port, p.anne.endpoint.port);
      const before = p.anne.packets.length;
      p.bert.send(p.toAnne, numbered(2), p.world.nowMs);
      p.world.run(50);
      assert.equal(p.anne.packets.length, before + 1);
    }
    p.bert.endpoint = parseEndpoint('198.51.100.99:5') as never;
    p.bert.send(p.toAnne, numbered(3), p.world.nowMs);
    p.world.run(50);
    assert.equal(p.anne.device.peerStatus(p.toBert, p.world.nowMs).endpoint?.port, 5);
  });

  test('does not follow a datagram that does not open', () => {
    const p = established();
    p.anne.send(p.toBert, numbered(1), p.world.nowMs);
    p.world.run(50);
    const changed = Uint8Array.from(p.world.sent.at(-1)?.bytes as Uint8Array, (byte, i) =>
      i === 20 ? byte ^ 1 : byte,
    );
    p.world.inject(changed, parseEndpoint('203.0.113.9:9') as never, p.bert.endpoint);
    p.world.run(50);
    assert.equal(p.bert.device.peerStatus(p.toAnne, p.world.nowMs).endpoint, p.anne.endpoint);
  });

  test('answers data with a keepalive after ten seconds of silence, once', () => {
    const p = established();
    p.anne.send(p.toBert, numbered(1), p.world.nowMs);
    p.world.run(9_900);
    const before = p.world.sent.length;
    p.world.run(10_000);
    assert.deepEqual(
      p.world.sent.slice(before).map(({ bytes, from }) => [bytes[0], bytes.length, from.port]),
      [[4, 32, 2000]],
    );
    p.world.run(MINUTE);
    assert.equal(p.world.sent.length, before + 1);
  });

  test('is taken for dead, and renewed, 15 s after data that nothing answered', () => {
    const p = established();
    p.world.passes = ({ from }) => from.port !== 2000;
    p.anne.send(p.toBert, numbered(1), p.world.nowMs);
    const before = p.world.sent.length;
    p.world.run(15_400);
    const types = p.world.sent.slice(before).map(({ bytes }) => bytes[0]);
    assert.ok(types.includes(1), types.join());
  });

  test('is kept by a persistent keepalive, which also starts it', () => {
    const p = pair({ anneOfBert: { persistentKeepaliveMs: 25_000 } });
    p.world.run(100);
    assert.ok(p.bert.device.peerStatus(p.toAnne, p.world.nowMs).established);
    p.world.run(10 * MINUTE);
    assert.ok(p.bert.device.peerStatus(p.toAnne, p.world.nowMs).established);
    const keepalives = p.world.sent.filter(({ bytes }) => bytes.length === 32).length;
    assert.ok(keepalives >= 23 && keepalives <= 40, `${keepalives} keepalives`);
  });

  test('counts bytes and tells when the peer was heard last', () => {
    const p = established();
    p.anne.send(p.toBert, numbered(1, 100), p.world.nowMs);
    p.world.run(50);
    const ours = p.anne.device.peerStatus(p.toBert, p.world.nowMs);
    const theirs = p.bert.device.peerStatus(p.toAnne, p.world.nowMs);
    assert.equal(ours.sentBytes, 148 + 32 + 112 + 32);
    assert.equal(theirs.receivedBytes, ours.sentBytes);
    assert.equal(theirs.sentBytes, 92);
    assert.equal(ours.receivedBytes, 92);
    assert.equal(theirs.lastReceivedMs, p.world.nowMs - 40);
  });
});

describe('a device', () => {
  test('refuses what cannot be a peer', () => {
    const { anne, bert } = pair();
    const add = (publicKey: Uint8Array) => () => anne.device.addPeer({ publicKey });
    assert.throws(add(new Uint8Array(31)), RangeError);
    assert.throws(add(new Uint8Array(32)), RangeError);
    assert.throws(add(anne.device.publicKey), RangeError);
    assert.throws(add(bert.device.publicKey), RangeError);
  });

  test('finds a peer by its key until it is removed, and then forgets everything of it', () => {
    const p = established();
    const { device } = p.anne;
    assert.equal(device.peerByPublicKey(p.bert.device.publicKey), p.toBert);
    device.startHandshake(p.toBert, p.world.nowMs + 10_000);
    device.removePeer(p.toBert);
    device.removePeer(p.toBert);
    assert.equal(device.peerByPublicKey(p.bert.device.publicKey), undefined);
    assert.equal(device.nextEvent(), undefined);
    assert.equal(p.anne.send(p.toBert, numbered(1), p.world.nowMs), false);
    p.bert.send(p.toAnne, numbered(1), p.world.nowMs);
    p.world.run(50);
    assert.equal(device.counters()['unknown-index'], 1);
    assert.equal(device.nextDeadlineMs(), undefined);
  });

  test('copies the keys it is given', () => {
    const privateKey = Buffer.from(new SeededRandom(5).bytes(32));
    const presharedKey = Buffer.alloc(32, 3);
    const copy = Buffer.from(presharedKey);
    const p = pair({ anne: { privateKey }, anneOfBert: { presharedKey }, bertOfAnne: { presharedKey: copy } });
    privateKey.fill(0);
    presharedKey.fill(0);
    p.anne.device.startHandshake(p.toBert, p.world.nowMs);
    p.world.run(100);
    assert.ok(p.bert.device.peerStatus(p.toAnne, p.world.nowMs).established);
    p.bert.device.removePeer(p.toAnne);
    assert.ok(equalBytes(copy, new Uint8Array(32).fill(3)));
  });

  test('keeps the newest packets for a session, within its limits', () => {
    const limits = { maxQueuedPackets: 3, maxQueuedBytes: 200, maxQueuedBytesTotal: 1000 };
    const p = pair({ anne: { limits } });
    for (let i = 0; i < 5; i++) p.anne.send(p.toBert, numbered(i, 48), p.world.nowMs);
    assert.equal(p.anne.device.counters()['queue-full'], 2);
    p.anne.send(p.toBert, numbered(5, 112), p.world.nowMs);
    p.world.run(100);
    assert.deepEqual(numbersOf(p.bert), [4, 5]);
  });

  test('leaves for the next poll what finds no room', () => {
    const p = pair();
    for (let i = 0; i < 100; i++) p.anne.send(p.toBert, numbered(i, 1420), p.world.nowMs);
    p.world.run(100);
    assert.deepEqual(
      numbersOf(p.bert),
      Array.from({ length: 100 }, (_, i) => i),
    );
  });

  test('drops a waiting packet that an empty batch has no room for, instead of waiting for ever', () => {
    const p = pair();
    p.anne.send(p.toBert, numbered(1, 9000), p.world.nowMs);
    p.anne.send(p.toBert, numbered(2), p.world.nowMs);
    const small = new DatagramBatch(2000, 4);
    p.anne.device.poll(small, p.world.nowMs);
    p.world.inject(small.bytesOf(0), p.anne.endpoint, p.bert.endpoint);
    p.world.nodes.splice(p.world.nodes.indexOf(p.anne), 1);
    p.world.run(15);
    const response = p.world.sent.at(-1)?.bytes as Uint8Array;
    p.anne.device.receiveDatagram(response, 0, response.length, p.bert.endpoint, p.world.nowMs);
    small.clear();
    p.anne.device.poll(small, p.world.nowMs);
    assert.equal(small.count, 1);
    assert.equal(p.anne.device.counters()['queue-full'], 1);
    assert.notEqual(p.anne.device.nextDeadlineMs(), p.world.nowMs);
  });

  test('with a peer it cannot reach counts that', () => {
    const p = pair();
    p.bert.send(p.toAnne, numbered(1), p.world.nowMs);
    p.world.run(100);
    assert.equal(p.bert.device.counters()['no-endpoint'], 1);
    assert.equal(p.world.sent.length, 0);
  });
});
