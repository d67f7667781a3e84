/** Floods: cookies, budgets, and bytes that mean nothing. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Endpoint, parseEndpoint, randomUint32 } from '../../base/index.ts';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { WireguardWorld } from '../../testing/wireguard-world.ts';
import { HandshakeAdmission } from './admission.ts';
import { DEFAULT_LIMITS } from './constants.ts';
import { CookieMint, cookieKey, mac1Key, openCookieReply, writeMacs } from './cookies.ts';
import { WireguardDevice } from './index.ts';
import { TokenBucket } from './token-bucket.ts';

const crypto = await createWireguardCrypto();
const endpoint = (text: string): Endpoint => {
  const parsed = parseEndpoint(text);
  assert.ok(parsed);
  return parsed;
};
const ALWAYS_UNDER_LOAD = { calmHandshakesPerSecond: 0, calmHandshakeBurst: 0 };

describe('under load', () => {
  function pair(limits: Partial<typeof DEFAULT_LIMITS> = ALWAYS_UNDER_LOAD) {
    const world = new WireguardWorld(crypto, new SeededRandom(3));
    const anne = world.addNode('192.0.2.1:1000');
    const bert = world.addNode('198.51.100.2:2000', { limits });
    const toBert = anne.device.addPeer({ publicKey: bert.device.publicKey, endpoint: bert.endpoint });
    const toAnne = bert.device.addPeer({ publicKey: anne.device.publicKey });
    return { world, anne, bert, toBert, toAnne };
  }

  test('an initiation earns a cookie, and the next one, which carries it, a session', () => {
    const p = pair();
    p.anne.device.startHandshake(p.toBert, p.world.nowMs);
    p.world.run(5_500);
    assert.deepEqual(
      p.world.sent.map(({ bytes }) => bytes[0]),
      [1, 3, 1, 2, 4],
    );
    assert.ok(p.bert.device.peerStatus(p.toAnne, p.world.nowMs).established);
    assert.equal(p.bert.device.counters()['under-load'], 1);
    const second = p.world.sent[2]?.bytes as Uint8Array;
    assert.ok(second.subarray(132).some((byte) => byte !== 0));
  });

  test('a response earns a cookie just as well', () => {
    const p = pair();
    // Now the loaded one calls, and the response to it is what has to carry a cookie.
    p.bert.device.setEndpoint(p.toAnne, p.anne.endpoint);
    p.bert.device.startHandshake(p.toAnne, p.world.nowMs);
    p.world.run(5_500);
    assert.deepEqual(
      p.world.sent.map(({ bytes }) => bytes[0]),
      [1, 2, 3, 1, 2, 4],
    );
    assert.ok(p.anne.device.peerStatus(p.toBert, p.world.nowMs).established);
  });

  test('a cookie does not help from another address, and a reply counts once', () => {
    const p = pair();
    p.anne.device.startHandshake(p.toBert, p.world.nowMs);
    p.world.run(100);
    const reply = p.world.sent[1]?.bytes as Uint8Array;
    p.world.inject(reply, p.bert.endpoint, p.anne.endpoint);
    p.world.run(100);
    assert.equal(p.anne.device.counters()['bad-cookie'], 1);
    p.anne.endpoint = endpoint('192.0.2.1:1001');
    p.world.run(5_500);
    assert.equal(p.bert.device.counters()['under-load'], 2);
    p.world.run(6_000);
    assert.ok(p.bert.device.peerStatus(p.toAnne, p.world.nowMs).established);
  });

  test('a cookie lives two minutes', () => {
    const random = new SeededRandom(4);
    const publicKey = crypto.x25519PublicKey(random.bytes(32));
    const mint = new CookieMint(crypto, random, publicKey);
    const from = endpoint('192.0.2.1:1000');
    const message = random.bytes(148);
    const mac1 = writeMacs(crypto, message, mac1Key(crypto, publicKey), undefined);
    const cookie = openCookieReply(crypto, mint.reply(message, from, 0), cookieKey(crypto, publicKey), mac1);
    assert.equal(cookie?.length, 16);
    writeMacs(crypto, message, mac1Key(crypto, publicKey), cookie);
    assert.equal(mint.mac2Holds(message, from, 119_999), true);
    assert.equal(mint.mac2Holds(message, endpoint('192.0.2.1:1001'), 119_999), false);
    assert.equal(mint.mac2Holds(message, endpoint('192.0.2.2:1000'), 119_999), false);
    assert.equal(mint.mac2Holds(message, from, 120_000), false);
  });

  test('a thousand initiations without a cookie cost no key exchange', () => {
    let exchanges = 0;
    const counting = {
      ...crypto,
      x25519: (a: Uint8Array, b: Uint8Array) => {
        exchanges++;
        return crypto.x25519(a, b);
      },
    };
    const random = new SeededRandom(6);
    const device = new WireguardDevice({
      privateKey: random.bytes(32),
      crypto: counting,
      random,
      unixOffsetMs: 0,
      limits: { calmHandshakeBurst: 10, calmHandshakesPerSecond: 10 },
    });
    for (let i = 0; i < 1000; i++) {
      const message = random.bytes(148);
      message.set([1, 0, 0, 0]);
      writeMacs(crypto, message, mac1Key(crypto, device.publicKey), undefined);
      device.receiveDatagram(message, 0, 148, endpoint('192.0.2.1:1000'), i / 10);
    }
    // One exchange each for those that were let in: the random ephemeral opens nothing.
    assert.ok(exchanges <= 12, `${exchanges} exchanges`);
    assert.equal(device.counters()['bad-handshake'], exchanges);
    assert.equal(device.counters()['under-load'], 1000 - exchanges);
  });
});

describe('admission', () => {
  function admission(limits = {}) {
    const random = new SeededRandom(8);
    const publicKey = crypto.x25519PublicKey(random.bytes(32));
    const gate = new HandshakeAdmission(crypto, random, publicKey, { ...DEFAULT_LIMITS, ...limits });
    /** A message from an address, with a valid mac2 where the gate gave it a cookie. */
    const knock = (from: Endpoint, nowMs: number, withCookie = true): string => {
      const message = random.bytes(148);
      const mac1 = writeMacs(crypto, message, mac1Key(crypto, publicKey), undefined);
      const first = gate.judge(message, from, nowMs);
      if (first.kind === 'admitted' || !withCookie || !first.cookieReply)
        return first.kind === 'admitted' ? 'admitted' : first.reason;
      const cookie = openCookieReply(crypto, first.cookieReply, cookieKey(crypto, publicKey), mac1);
      writeMacs(crypto, message, mac1Key(crypto, publicKey), cookie);
      const second = gate.judge(message, from, nowMs);
      return second.kind === 'admitted' ? 'admitted' : second.reason;
    };
    return { gate, knock, random };
  }

  test('refuses garbage by its mac1', () => {
    const { gate, random } = admission();
    assert.deepEqual(gate.judge(random.bytes(148), endpoint('192.0.2.1:1'), 0), {
      kind: 'refused',
      reason: 'bad-mac1',
    });
  });

  test('needs no cookie at a calm rate, needs one beyond it, and calms down again', () => {
    const { knock } = admission({ calmHandshakesPerSecond: 10, calmHandshakeBurst: 20 });
    for (let i = 0; i < 20; i++) assert.equal(knock(endpoint('192.0.2.1:1'), 0, false), 'admitted');
    assert.equal(knock(endpoint('192.0.2.1:1'), 0, false), 'under-load');
    assert.equal(knock(endpoint('192.0.2.1:1'), 0), 'admitted');
    assert.equal(knock(endpoint('192.0.2.1:1'), 999, false), 'under-load');
    assert.equal(knock(endpoint('192.0.2.1:1'), 2500, false), 'admitted');
  });

  test('lets each source through five times at once, 20 times a second; an IPv6 /64 is one source', () => {
    const { knock } = admission(ALWAYS_UNDER_LOAD);
    const sources = (i: number): Endpoint => endpoint(`[2001:db8:1:2::${i.toString(16)}]:${1000 + i}`);
    for (let i = 1; i <= 5; i++) assert.equal(knock(sources(i), 0), 'admitted');
    assert.equal(knock(sources(6), 0), 'source-limit');
    assert.equal(knock(endpoint('[2001:db8:1:3::1]:1'), 0), 'admitted');
    assert.equal(knock(endpoint('192.0.2.1:1'), 0), 'admitted');
    assert.equal(knock(sources(7), 50), 'admitted');
    assert.equal(knock(sources(8), 50), 'source-limit');
  });

  test('computes no more than the ceiling, whoever asks', () => {
    const { knock } = admission({ ...ALWAYS_UNDER_LOAD, maxHandshakesPerSecond: 30 });
    let admitted = 0;
    for (let i = 0; i < 100; i++) if (knock(endpoint(`192.0.2.${i}:1`), 0) === 'admitted') admitted++;
    assert.equal(admitted, 30);
    assert.equal(knock(endpoint('192.0.2.200:1'), 0), 'handshake-limit');
  });
});

describe('a token bucket', () => {
  test('holds its burst, refills at its rate, and a clock that stands or steps back gives nothing', () => {
    const bucket = new TokenBucket(10, 2);
    assert.deepEqual([bucket.take(0), bucket.take(0), bucket.take(0)], [true, true, false]);
    assert.equal(bucket.take(99), false);
    assert.equal(bucket.take(100), true);
    assert.equal(bucket.take(50), false);
    assert.equal(bucket.isFull(150), false);
    assert.equal(bucket.isFull(10_000), true);
  });

  test('with no burst gives nothing, from the first time on', () => {
    const bucket = new TokenBucket(0, 0);
    assert.equal(bucket.take(5), false);
    assert.equal(bucket.take(1e9), false);
  });
});

describe('bytes from strangers', () => {
  for (const seed of [1, 2, 3])
    test(`random and changed datagrams never throw and leave nothing behind (seed ${seed})`, () => {
      const random = new SeededRandom(seed);
      const world = new WireguardWorld(crypto, random);
      const anne = world.addNode('192.0.2.1:1000');
      const bert = world.addNode('198.51.100.2:2000');
      const toBert = anne.device.addPeer({ publicKey: bert.device.publicKey, endpoint: bert.endpoint });
      const toAnne = bert.device.addPeer({ publicKey: anne.device.publicKey });
      anne.send(toBert, new Uint8Array(100), world.nowMs);
      world.run(100);
      const genuine = world.sent.map(({ bytes }) => bytes);
      const before = sum(bert.device.counters());
      const count = 3000;
      for (let i = 0; i < count; i++) {
        const bytes = i % 2 === 0 ? randomDatagram() : changedDatagram();
        const from = endpoint(`192.0.2.${randomUint32(random) % 256}:${i}`);
        const received = bert.device.receiveDatagram(bytes, 0, bytes.length, from, world.nowMs + i);
        assert.notEqual(received.kind, 'packet', `seed ${seed}, datagram ${i}`);
      }
      assert.equal(sum(bert.device.counters()) - before, count);
      world.nowMs += count;
      world.run(100);
      assert.equal(bert.device.peerStatus(toAnne, world.nowMs).endpoint, anne.endpoint);
      const delivered = bert.packets.length;
      assert.ok(anne.send(toBert, new Uint8Array(50), world.nowMs));
      world.run(100);
      assert.equal(bert.packets.length, delivered + 1);

      function randomDatagram(): Uint8Array {
        const bytes = random.bytes(randomUint32(random) % 200);
        if (bytes.length > 4 && randomUint32(random) % 2) bytes.set([1 + (randomUint32(random) % 4), 0, 0, 0]);
        return bytes;
      }
      function changedDatagram(): Uint8Array {
        const bytes = Uint8Array.from(genuine[randomUint32(random) % genuine.length] as Uint8Array);
        const at = randomUint32(random) % bytes.length;
        bytes[at] = (bytes[at] as number) ^ (1 << (randomUint32(random) % 8));
        return randomUint32(random) % 4 === 0 ? bytes.subarray(0, at) : bytes;
      }
    });

  test('answers wait in a bounded outbox', () => {
    const random = new SeededRandom(9);
    const device = new WireguardDevice({
      privateKey: random.bytes(32),
      crypto,
      random,
      unixOffsetMs: 0,
      limits: { ...ALWAYS_UNDER_LOAD, maxOutboxMessages: 10 },
    });
    for (let i = 0; i < 50; i++) {
      const message = random.bytes(148);
      message.set([1, 0, 0, 0]);
      writeMacs(crypto, message, mac1Key(crypto, device.publicKey), undefined);
      device.receiveDatagram(message, 0, 148, endpoint('192.0.2.1:1000'), 0);
    }
    assert.equal(device.counters()['under-load'], 10);
    assert.equal(device.counters()['outbox-full'], 40);
  });
});

const sum = (counters: Readonly<Record<string, number>>): number =>
  Object.values(counters).reduce((total, count) => total + count, 0);
