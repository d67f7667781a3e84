import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { TwoWayStream } from '../../testing/overlay-flows.ts';
import { OverlayWorld, type WorldNode } from '../../testing/overlay-world.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import type { WireguardCrypto } from '../wireguard/index.ts';
import { MTU_CONFIRM_MS, MTU_RAISE_MS } from './constants.ts';
import { MtuSearch } from './mtu-search.ts';

let crypto: WireguardCrypto;
before(async () => {
  crypto = await createWireguardCrypto();
});

/** Runs a search against a path that takes `limit` bytes. */
function run(search: MtuSearch, limit: () => number, fromMs: number, untilMs: number, isBusy = true): number {
  let probes = 0;
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += 50) {
    search.expire(nowMs);
    search.wake(nowMs, isBusy);
    const size = search.poll(nowMs, nowMs);
    if (size === 0) continue;
    probes++;
    if (size <= limit()) search.proved(size, nowMs + 20);
    search.answered(nowMs + 1, nowMs + 20);
  }
  return probes;
}

describe('the search for an MTU', () => {
  const cases: [name: string, most: number, limit: number, atLeast: number][] = [
    ['a path that takes the most', 1420, 1420, 1420],
    ['a plain Ethernet path under a jumbo limit', 8920, 1420, 1412],
    ['PPPoE', 1420, 1412, 1405],
    ['a path that takes no more than the base', 1420, 1280, 1280],
    ['loopback', 65_000, 65_000, 65_000],
  ];
  for (const [name, most, limit, atLeast] of cases) {
    test(`finds what ${name} takes, within 8 bytes`, () => {
      const search = MtuSearch.upTo(most, 0);
      const probes = run(search, () => limit, 0, 60_000, false);
      assert.ok(search.mtu >= atLeast && search.mtu <= limit, `${search.mtu}`);
      assert.ok(probes <= 40, `${probes} probes`);
    });
  }

  test('falls back to the base when large packets vanish, and finds what is left', () => {
    const search = MtuSearch.upTo(1420, 0);
    run(search, () => 1420, 0, 10_000);
    let fellAtMs = 0;
    for (let nowMs = 20_000; nowMs < 40_000 && fellAtMs === 0; nowMs += 50) {
      if (search.expire(nowMs)) fellAtMs = nowMs;
      search.wake(nowMs, true);
      search.poll(nowMs, nowMs);
      search.answered(nowMs + 1, nowMs);
    }
    assert.equal(search.mtu, 1280);
    assert.ok(fellAtMs - 20_000 <= MTU_CONFIRM_MS + 1_000, `after ${fellAtMs - 20_000} ms`);
    run(search, () => 1350, fellAtMs, fellAtMs + 20_000);
    assert.ok(search.mtu > 1340 && search.mtu <= 1350, `${search.mtu}`);
  });

  test('looks for more again after ten minutes', () => {
    const search = MtuSearch.upTo(1420, 0);
    run(search, () => 1300, 0, 20_000);
    assert.ok(search.mtu <= 1300);
    run(search, () => 1420, 20_000, 20_000 + MTU_RAISE_MS + 1_000, false);
    assert.equal(search.mtu, 1420);
  });

  test('asks nothing of an idle path that gave all there is', () => {
    const search = MtuSearch.upTo(1420, 0);
    run(search, () => 1420, 0, 1_000);
    assert.equal(
      run(search, () => 1420, 1_000, 3_600_000, false),
      0,
    );
  });

  test('takes no silence for a limit while the path is in doubt', () => {
    const search = MtuSearch.upTo(1420, 0);
    for (let nowMs = 0; nowMs < 10_000; nowMs += 50) {
      search.pause(nowMs);
      search.expire(nowMs);
      search.poll(nowMs, nowMs);
    }
    run(search, () => 1420, 10_000, 12_000);
    assert.equal(search.mtu, 1420);
  });

  test('waits for a probe as long as the heartbeats behind it take', () => {
    const search = MtuSearch.upTo(1420, 0);
    assert.equal(search.poll(1, 0), 1420);
    search.expire(2_000);
    assert.equal(search.proved(1420, 2_500), true);
    assert.equal(search.mtu, 1420);
  });

  test('is not moved by proofs of what was not asked', () => {
    const search = new MtuSearch(1280);
    assert.equal(search.proved(9_000, 0), false);
    assert.equal(search.mtu, 1280);
  });
});

describe('over a simulated path', () => {
  const UDP_AND_IP_BYTES = 28;

  function pair(
    seed: number,
    most: number,
    linkMtu: () => number,
  ): { world: OverlayWorld; a: WorldNode; b: WorldNode } {
    const world = new OverlayWorld(crypto, new SeededRandom(seed));
    world.mtu = most;
    world.searchesMtu = true;
    world.passes = (_from, _to, bytes) => bytes.length + UDP_AND_IP_BYTES <= linkMtu();
    const [a, b] = [world.add('pop-a'), world.add('connector')];
    a.knows(b, false);
    b.knows(a, true);
    world.run(1_000);
    return { world, a, b };
  }

  const mtuOf = (world: OverlayWorld, node: WorldNode) => node.overlay.status(world.nowMs)[0]?.paths[0]?.mtu;

  for (const [name, most, linkMtu, expected] of [
    ['Ethernet', 1420, 1500, 1420],
    ['PPPoE', 1440, 1492, 1432],
    ['a tunnel in a tunnel', 1420, 1400, 1340],
    ['jumbo frames', 8_920, 9_000, 8_920],
  ] as const) {
    test(`segments grow to what ${name} takes`, () => {
      const { world, a, b } = pair(1, most, () => linkMtu);
      world.run(15_000);
      for (const node of [a, b]) {
        const mtu = mtuOf(world, node) ?? 0;
        assert.ok(mtu <= expected && mtu > expected - 8, `${mtu}`);
      }
      const stream = new TwoWayStream(world, a, b);
      stream.run(300, 20_000);
      assert.ok(stream.near.statistics().mssBytes > expected - 90, `${stream.near.statistics().mssBytes}`);
      stream.finish();
    });
  }

  test('a stream goes on when a black hole opens under it, and large packets come back later', () => {
    let linkMtu = 1500;
    const { world, a, b } = pair(2, 1420, () => linkMtu);
    world.run(2_000);
    assert.equal(mtuOf(world, a), 1420);
    const stream = new TwoWayStream(world, a, b);
    stream.run(1_000);
    linkMtu = 1400;
    const openedAtMs = world.nowMs;
    stream.run(10_000);
    assert.ok(stream.stallMs(openedAtMs) < 3_000, `${stream.stallMs(openedAtMs)} ms of stall`);
    const mtu = mtuOf(world, a) ?? 0;
    assert.ok(mtu > 1330 && mtu <= 1340, `${mtu}`);
    linkMtu = 1500;
    world.run(MTU_RAISE_MS + 5_000);
    assert.equal(mtuOf(world, a), 1420);
    stream.finish();
  });

  test('a black hole is found at once although small packets of others pass all the time', () => {
    let linkMtu = 1500;
    const { world, a, b } = pair(3, 1420, () => linkMtu);
    world.run(2_000);
    const [large, small] = [new TwoWayStream(world, a, b), new TwoWayStream(world, b, a)];
    const run = (forMs: number) => {
      for (let ms = 0; ms < forMs; ms += 20) {
        large.run(10);
        small.run(10, 40);
      }
    };
    run(1_000);
    linkMtu = 1400;
    const openedAtMs = world.nowMs;
    run(12_000);
    assert.ok(large.stallMs(openedAtMs) < 2_000, `${large.stallMs(openedAtMs)} ms of stall`);
    assert.ok(small.stallMs(openedAtMs) < 500, `${small.stallMs(openedAtMs)} ms of stall`);
    large.finish();
    small.finish();
  });
});
