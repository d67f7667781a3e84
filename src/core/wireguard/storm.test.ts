/** Two devices over a network that loses, doubles, delays and moves: whatever happened, traffic flows again. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ipAddress } from '../../base/index.ts';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { WireguardWorld } from '../../testing/wireguard-world.ts';

const crypto = await createWireguardCrypto();
const SEEDS = [1, 2, 3, 4, 5, 6];

interface Weather {
  readonly lost: number;
  readonly doubled: number;
  readonly delayed: number;
}

const WEATHERS: readonly Weather[] = [
  { lost: 0.3, doubled: 0.1, delayed: 0.3 },
  { lost: 0.7, doubled: 0, delayed: 0 },
  { lost: 0, doubled: 0.5, delayed: 0.8 },
];

describe('a tunnel through bad weather', () => {
  for (const weather of WEATHERS)
    for (const seed of SEEDS)
      test(`losing ${weather.lost}, doubling ${weather.doubled}, delaying ${weather.delayed} (seed ${seed})`, () => {
        const random = new SeededRandom(seed);
        const world = new WireguardWorld(crypto, random);
        const anne = world.addNode('192.0.2.1:1000');
        const bert = world.addNode('198.51.100.2:2000');
        const toBert = anne.device.addPeer({
          publicKey: bert.device.publicKey,
          endpoint: bert.endpoint,
          retryScheduleMs: seed % 2 ? [250, 500, 1000] : [],
        });
        const toAnne = bert.device.addPeer({ publicKey: anne.device.publicKey, endpoint: anne.endpoint });
        let isFine = false;
        world.passes = (flight) => {
          if (isFine) return true;
          if (random.chance(weather.lost)) return false;
          if (random.chance(weather.delayed)) flight.arrivesMs += random.integer(0, 2_000);
          return true;
        };
        let number = 0;
        const sendBoth = (): void => {
          const packet = new Uint8Array(64);
          new DataView(packet.buffer).setUint32(0, ++number);
          anne.send(toBert, packet, world.nowMs);
          bert.send(toAnne, packet, world.nowMs);
        };
        for (let i = 0; i < 300; i++) {
          if (random.chance(0.8)) sendBoth();
          const doubled = world.sent.at(-1);
          if (doubled && random.chance(weather.doubled)) world.inject(doubled.bytes, doubled.from, doubled.to);
          if (random.chance(0.01)) {
            anne.endpoint = { address: ipAddress(random.bytes(4)), port: 1 + random.integer(0, 60_000) };
          }
          if (random.chance(0.02)) anne.device.setUnixOffset(random.integer(0, 2 ** 31) * 1000);
          world.run(random.integer(0, 4_000));
        }
        isFine = true;
        // The longest wait: a dead session is noticed after 15 s, and a handshake is tried every 5 s.
        for (let i = 0; i < 30; i++) {
          sendBoth();
          world.run(1_000);
        }
        const before = [anne.packets.length, bert.packets.length] as const;
        for (let i = 0; i < 20; i++) {
          sendBoth();
          world.run(100);
        }
        assert.equal(anne.packets.length - before[0], 20, `seed ${seed}`);
        assert.equal(bert.packets.length - before[1], 20, `seed ${seed}`);
        for (const node of [anne, bert]) {
          const seen = node.packets.map((packet) => new DataView(packet.buffer).getUint32(0));
          assert.equal(new Set(seen).size, seen.length, `no packet comes twice (seed ${seed})`);
        }
      });
});
