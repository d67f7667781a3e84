import assert from 'node:assert/strict';
import { DatagramBatch, parseEndpoint } from '../../../src/base/index.ts';
import { WireguardDevice } from '../../../src/core/wireguard/index.ts';
import { createWireguardCrypto } from '../../../src/io/crypto/create-wireguard-crypto.ts';
import { SeededRandom } from '../../../src/testing/seeded-random.ts';
import { WireguardWorld } from '../../../src/testing/wireguard-world.ts';
import { type FuzzTarget, latin1 } from '../target.ts';

/** No datagram may be answered with more than it had: nobody uses a device against others. */
const MOST_AMPLIFIED = 1;

/** Datagrams of a stranger to a device, mutated from those of real handshakes. */
export async function wireguard(): Promise<FuzzTarget> {
  const crypto = await createWireguardCrypto();
  const world = new WireguardWorld(crypto, new SeededRandom(1));
  const left = world.addNode('192.0.2.1:1000');
  const right = world.addNode('192.0.2.2:2000');
  const toRight = left.device.addPeer({ publicKey: right.device.publicKey, endpoint: right.endpoint });
  right.device.addPeer({ publicKey: left.device.publicKey });
  left.send(toRight, new Uint8Array(64).fill(0x45), world.nowMs);
  world.run(2_000);
  const seeds = world.sent.map(({ bytes }) => bytes.slice());
  assert.ok(seeds.length >= 3, 'a handshake and a packet were seen');
  const batch = new DatagramBatch(1 << 17, 256);
  const from = parseEndpoint('198.51.100.9:4000');
  assert.ok(from);
  let nowMs = world.nowMs;
  const fresh = () =>
    new WireguardDevice({
      privateKey: new SeededRandom(2).bytes(32),
      crypto,
      random: new SeededRandom(3),
      unixOffsetMs: 1_700_000_000_000,
    });
  let device = fresh();
  let runs = 0;
  return {
    name: 'WireGuard',
    seeds,
    words: ['\x01\0\0\0', '\x02\0\0\0', '\x03\0\0\0', '\x04\0\0\0', '\xff\xff\xff\xff'].map(latin1),
    run(input) {
      if (++runs % 5_000 === 0) device = fresh();
      nowMs += 3;
      device.receiveDatagram(input, 0, input.length, from, nowMs);
      batch.clear();
      device.poll(batch, nowMs);
      let bytes = 0;
      for (let i = 0; i < batch.count; i++) bytes += batch.lengthOf(i);
      assert.ok(bytes <= Math.max(148, input.length) * MOST_AMPLIFIED, `${bytes} bytes for ${input.length}`);
    },
  };
}
