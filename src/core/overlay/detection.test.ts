// heavy: many seeds
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { TwoWayStream } from '../../testing/overlay-flows.ts';
import { type Cut, OverlayMesh } from '../../testing/overlay-mesh.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import type { WireguardCrypto } from '../wireguard/index.ts';

const SEEDS = 60;
const CUTS: readonly Cut[] = ['both', 'towards the connector', 'from the connector'];

let crypto: WireguardCrypto;
before(async () => {
  crypto = await createWireguardCrypto();
});

/** Stall of a stream whose direct path goes silent at any moment, over a round trip of any length. */
function stallOf(seed: number, bytesPerTick: number): number {
  const random = new SeededRandom(seed);
  const mesh = new OverlayMesh(crypto, seed, ['pop-a', 'pop-b']);
  mesh.world.delayMs = random.integer(1, 60);
  const a = mesh.pop('pop-a');
  mesh.world.run(2_000);
  const stream = new TwoWayStream(mesh.world, a, mesh.connector);
  stream.run(random.integer(50, 150) * 10, bytesPerTick);
  const cutAtMs = mesh.cut(a, CUTS[seed % CUTS.length]);
  stream.run(2_500, bytesPerTick);
  return stream.stallMs(cutAtMs);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
}

for (const [load, bytesPerTick] of [
  ['a busy stream', 1_500],
  ['a trickle', 20],
] as const) {
  test(`${load} stalls for 0.8 s at most in the middle, and 1.5 s in the worst of ${SEEDS} cases`, (t) => {
    const stalls = Array.from({ length: SEEDS }, (_, seed) => stallOf(seed, bytesPerTick)).sort((x, y) => x - y);
    const [p50, p99] = [quantile(stalls, 0.5), quantile(stalls, 0.99)];
    t.diagnostic(`p50 ${p50.toFixed(0)} ms, p90 ${quantile(stalls, 0.9).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`);
    assert.ok(p50 <= 800 && p99 <= 1_500, `p50 ${p50} ms, p99 ${p99} ms`);
  });
}

test('two processes without rest switch their path once in an hour at most', (t) => {
  const mesh = new OverlayMesh(crypto, 7, ['pop-a', 'pop-b']);
  const { world, connector } = mesh;
  const a = mesh.pop('pop-a');
  const stream = new TwoWayStream(world, a, connector);
  const events = () => a.tunnelEvents.length + connector.tunnelEvents.length;
  const before = events();
  for (let second = 0; second < 3_600; second++) {
    for (let tenth = 0; tenth < 10; tenth++) {
      stream.up.write(100);
      stream.down.write(100);
      // Turns of 20 to 90 ms one after the other, and now and then one of a third of a second.
      for (const node of [a, connector]) {
        if (world.nowMs >= node.frozenUntilMs)
          world.freeze(node, world.random.chance(0.005) ? 350 : world.random.integer(20, 90));
      }
      world.run(100);
    }
  }
  t.diagnostic(`${events() - before} events in an hour`);
  assert.ok(events() - before <= 2, `${events() - before} events in an hour`);
  assert.equal(mesh.way(a, connector), 'udp');
});
