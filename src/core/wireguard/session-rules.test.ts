/** The finer rules of sessions and handshakes, each in a run of its own. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ipAddress } from '../../base/index.ts';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { WireguardWorld } from '../../testing/wireguard-world.ts';
import { mac1Key, writeMacs } from './cookies.ts';
import type { PeerOptions, WireguardDeviceOptions } from './index.ts';
import { Session } from './session.ts';

const crypto = await createWireguardCrypto();

function pair(anneOptions: Partial<WireguardDeviceOptions> = {}, peerOptions: Partial<PeerOptions> = {}) {
  const world = new WireguardWorld(crypto, new SeededRandom(1));
  const anne = world.addNode('192.0.2.1:1000', anneOptions);
  const bert = world.addNode('198.51.100.2:2000');
  const known = { publicKey: bert.device.publicKey, endpoint: bert.endpoint };
  const toBert = anne.device.addPeer({ ...known, ...peerOptions });
  const toAnne = bert.device.addPeer({ publicKey: anne.device.publicKey });
  const initiations = (): number => world.sent.filter(({ bytes }) => bytes[0] === 1).length;
  return { world, anne, bert, toBert, toAnne, initiations };
}

function established(anneOptions: Partial<WireguardDeviceOptions> = {}) {
  const p = pair(anneOptions);
  p.anne.device.startHandshake(p.toBert, p.world.nowMs);
  p.world.run(100);
  return p;
}

describe('the initiator', () => {
  test('renews a session in its last 15 s when it has only received, again and again', () => {
    const p = established({ limits: { rekeyAfterTimeMs: Number.POSITIVE_INFINITY } });
    let lost = 0;
    for (let second = 0; second < 520; second++) {
      if (!p.bert.send(p.toAnne, new Uint8Array(20), p.world.nowMs)) lost++;
      p.world.run(1000);
      if (second === 163) assert.equal(p.initiations(), 1);
      if (second === 167) assert.equal(p.initiations(), 2);
    }
    assert.equal(lost, 0);
    assert.equal(p.initiations(), 4);
  });

  test('does not begin another handshake within 5 s of the last, but does not forget it either', () => {
    const p = established();
    p.anne.device.startHandshake(p.toBert, p.world.nowMs);
    p.world.run(4_800);
    assert.equal(p.initiations(), 1);
    p.world.run(300);
    assert.equal(p.initiations(), 2);
  });

  test('takes the true response after a false one that knows the index', () => {
    const p = pair();
    p.anne.device.startHandshake(p.toBert, p.world.nowMs);
    p.world.run(5);
    const initiation = p.world.sent[0]?.bytes as Uint8Array;
    const forged = new SeededRandom(3).bytes(92);
    forged.set([2, 0, 0, 0]);
    forged.set(initiation.subarray(4, 8), 8);
    writeMacs(crypto, forged, mac1Key(crypto, p.anne.device.publicKey), undefined);
    p.world.inject(forged, p.bert.endpoint, p.anne.endpoint);
    p.world.run(10);
    assert.equal(p.anne.device.counters()['bad-handshake'], 1);
    p.world.run(20);
    assert.ok(p.anne.device.peerStatus(p.toBert, p.world.nowMs).established);
  });
});

describe('the responder', () => {
  test('drops initiations of one peer that come closer than 20 ms', () => {
    const p = pair({}, { retryScheduleMs: [10, 10, 10, 1000] });
    p.world.passes = ({ bytes }) => bytes[0] === 1;
    p.anne.device.startHandshake(p.toBert, p.world.nowMs);
    p.world.run(90);
    assert.equal(p.initiations(), 4);
    assert.equal(p.bert.device.counters()['initiation-flood'], 2);
  });

  test('still opens what was sent under the session before, once the new one is confirmed', () => {
    const p = established();
    p.world.passes = ({ bytes }) => bytes.length !== 64;
    p.anne.send(p.toBert, new Uint8Array(32), p.world.nowMs);
    p.world.run(6_000);
    const late = p.world.sent.find(({ bytes }) => bytes.length === 64);
    assert.ok(late);
    p.anne.device.startHandshake(p.toBert, p.world.nowMs);
    p.world.run(100);
    assert.equal(p.initiations(), 2);
    assert.equal(p.bert.packets.length, 0);
    p.world.passes = () => true;
    p.world.inject(late.bytes, late.from, late.to);
    p.world.run(100);
    assert.equal(p.bert.packets.length, 1);
  });

  test('owes one keepalive, ten seconds after the first of several data messages', () => {
    const p = established();
    const before = p.world.sent.length;
    const startMs = p.world.nowMs;
    p.anne.send(p.toBert, new Uint8Array(32), p.world.nowMs);
    p.world.run(5_000);
    p.anne.send(p.toBert, new Uint8Array(32), p.world.nowMs);
    p.world.run(30_000);
    const keepalives = p.world.sent
      .slice(before)
      .filter(({ bytes, from }) => bytes.length === 32 && from.port === 2000);
    assert.deepEqual(
      keepalives.map(({ arrivesMs }) => Math.round((arrivesMs - startMs) / 1000)),
      [10],
    );
  });
});

describe('what waits to be pulled', () => {
  test('is bounded: one event of a kind per peer, the latest', () => {
    const p = established();
    for (let i = 0; i < 50; i++) {
      p.anne.send(p.toBert, new Uint8Array(32), p.world.nowMs);
      const bytes = Uint8Array.from(p.anne.batch.bytesOf(0));
      p.anne.batch.clear();
      const from = { address: ipAddress(Uint8Array.of(10, 0, 0, i)), port: 1 };
      assert.equal(p.bert.device.receiveDatagram(bytes, 0, bytes.length, from, p.world.nowMs).kind, 'packet');
    }
    assert.deepEqual(p.bert.device.nextEvent(), { kind: 'endpointChanged', peer: p.toAnne });
    assert.equal(p.bert.device.nextEvent(), undefined);
  });

  test('and a wiped session leaves neither key', () => {
    const destroyed: string[] = [];
    const key = (name: string) => ({ destroy: () => void destroyed.push(name) });
    new Session({
      peer: undefined,
      isInitiator: true,
      createdMs: 0,
      localIndex: 1,
      remoteIndex: 2,
      sendKey: key('send'),
      receiveKey: key('receive'),
    }).wipe();
    assert.deepEqual(destroyed.sort(), ['receive', 'send']);
  });
});
