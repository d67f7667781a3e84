import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Random } from '../../base/index.ts';
import { TargetPool } from './choice.ts';
import { EJECTION_MS, FAILURE_LATENCY_MS, INITIAL_LATENCY_MS, LATENCY_DECAY_MS, MAXIMUM_TRIES } from './constants.ts';
import { LatencyEstimate } from './latency.ts';
import type { Balancing, Target } from './target.ts';

/** Xorshift from a seed: the same draws on every run. */
function seeded(seed: number): Random {
  let state = seed;
  return {
    bytes: (length) =>
      Uint8Array.from({ length }, () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state & 0xff;
      }),
  };
}

const target = (id: string, weight = 1, tier = 0): Target => ({ id, weight, tier });
const pool = (targets: Target[], balancing: Balancing = 'round-robin') =>
  new TargetPool(targets, balancing, seeded(42));
const ids = (targets: readonly Target[]) => targets.map((one) => one.id).join(' ');

/** Which target goes first, over many requests. */
function firsts(from: TargetPool, requests: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < requests; i++) {
    const id = from.candidates(0)[0]?.id ?? 'none';
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

function fail(from: TargetPool, id: string, times: number, nowMs = 0): void {
  for (let i = 0; i < times; i++) {
    from.started(id, nowMs);
    from.ended(id, 1, false, nowMs);
  }
}

test('round robin keeps to the weights and spreads the turns', () => {
  const turns = pool([target('a', 5), target('b', 1), target('c', 1)]);
  const order = Array.from({ length: 7 }, () => turns.candidates(0)[0]?.id).join('');
  assert.equal(order, 'aabacaa');
  assert.deepEqual(firsts(pool([target('a', 3), target('b', 1)]), 400), { a: 300, b: 100 });
});

test('tiers in order, healthy ones only; weight 0 comes last', () => {
  const tiers = pool([target('spare', 1, 1), target('main', 1, 0), target('last', 0, 0)]);
  assert.equal(ids(tiers.candidates(0)), 'main spare last');
  tiers.checked('main', false);
  assert.equal(ids(tiers.candidates(0)), 'spare last');
  tiers.checked('spare', false);
  assert.equal(ids(tiers.candidates(0)), 'last');
  tiers.checked('last', false);
  assert.equal(ids(tiers.candidates(0)), '');
  tiers.checked('main', true);
  tiers.checked('main', true);
  assert.equal(ids(tiers.candidates(0)), 'main');
});

test('an ejection prefers others and never takes a resource down by itself', () => {
  const two = pool([target('a'), target('b')]);
  fail(two, 'a', 5);
  assert.equal(ids(two.candidates(1)), 'b');
  assert.equal(two.candidates(EJECTION_MS).length, 2);
  const one = pool([target('a')]);
  fail(one, 'a', 5);
  assert.equal(ids(one.candidates(1)), 'a');
  one.checked('a', false);
  assert.equal(ids(one.candidates(1)), '', 'a failed check does');
});

test('a target that cannot be reached does not keep an ejected one out', () => {
  const two = pool([target('a'), target('b')]);
  fail(two, 'a', 5);
  assert.equal(ids(two.candidates(1, (id) => id === 'a')), 'a');
  assert.equal(ids(two.candidates(1, () => false)), '');
  const many = pool(['a', 'b', 'c', 'd', 'e'].map((id) => target(id)));
  assert.equal(ids(many.candidates(1, (id) => id === 'e')), 'e', 'nor does it use up the tries');
});

test('least latency prefers the quick one, and tries the slow one again after a while', () => {
  const two = pool([target('quick'), target('slow')], 'least-latency');
  for (let i = 0; i < 10; i++)
    for (const [id, latencyMs] of [
      ['quick', 10],
      ['slow', 300],
    ] as const) {
      two.started(id, i);
      two.ended(id, latencyMs, true, i);
    }
  assert.deepEqual(firsts(two, 50), { quick: 50 });
  for (let i = 0; i < 40; i++) two.started('quick', 10);
  assert.deepEqual(firsts(two, 50), { slow: 50 }, 'forty requests under way make the quick one dear');
});

test('of many targets the worst is never chosen, and every other gets its share', () => {
  const targets = ['a', 'b', 'c', 'd', 'e'].map((id) => target(id));
  const five = pool(targets, 'least-latency');
  five.started('e', 0);
  five.ended('e', 5_000, true, 0);
  const counts = firsts(five, 5_000);
  assert.equal(counts['e'], undefined);
  for (const id of ['a', 'b', 'c', 'd']) assert.ok((counts[id] ?? 0) > 800, JSON.stringify(counts));
});

test('the estimate jumps up, sinks slowly, and charges failures', () => {
  const estimate = new LatencyEstimate(0);
  assert.equal(estimate.cost(0), INITIAL_LATENCY_MS);
  estimate.observe(500, 0);
  assert.equal(estimate.averageMs(0), 500);
  estimate.observe(10, 0);
  assert.equal(estimate.averageMs(0), 500, 'a quick answer at the same moment weighs nothing');
  estimate.observe(10, LATENCY_DECAY_MS);
  const expected = 10 + 490 / Math.E;
  assert.ok(Math.abs(estimate.averageMs(LATENCY_DECAY_MS) - expected) < 0.01);
  assert.ok(estimate.averageMs(LATENCY_DECAY_MS * 20) < INITIAL_LATENCY_MS + 1);
  const failing = pool([target('a'), target('b')], 'least-latency');
  fail(failing, 'a', 1);
  assert.deepEqual(firsts(failing, 20), { b: 20 }, `a failure costs ${FAILURE_LATENCY_MS} ms`);
});

test('a new snapshot keeps what was learnt of the targets that stay', () => {
  const changing = pool([target('a'), target('b')]);
  changing.checked('a', false);
  changing.checked('b', false);
  changing.update([target('a'), target('c')], 'least-latency');
  assert.equal(ids(changing.candidates(0)), 'c');
  changing.update([target('a'), target('b')], 'round-robin');
  assert.equal(ids(changing.candidates(0)), 'b', 'what was known of b went with it');
  changing.checked('gone', true);
  changing.started('gone', 0);
  changing.ended('gone', 1, true, 0);
  assert.equal(changing.healthOf('gone', 0), 'unknown');
});

test('whatever happens, candidates are different, usable, few and in the order of tiers', () => {
  const event = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    kind: fc.constantFrom('up', 'down', 'ok', 'fail'),
  });
  const targets = fc.uniqueArray(
    fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), weight: fc.nat(3), tier: fc.nat(2) }),
    { selector: (one) => one.id },
  );
  const balancing = fc.constantFrom<Balancing>('round-robin', 'least-latency');
  fc.assert(
    fc.property(
      targets as fc.Arbitrary<Target[]>,
      balancing,
      fc.array(event, { maxLength: 30 }),
      fc.integer(),
      (list, how, events, seed) => {
        const one = new TargetPool(list, how, seeded(seed | 1));
        events.forEach(({ id, kind }, nowMs) => {
          if (kind === 'up' || kind === 'down') one.checked(id, kind === 'up');
          else fail(one, id, kind === 'fail' ? 1 : 0, nowMs);
          const found = one.candidates(nowMs);
          assert.equal(new Set(found).size, found.length);
          assert.ok(found.length <= MAXIMUM_TRIES);
          const healthy = list.filter((item) => one.healthOf(item.id, nowMs) !== 'unhealthy');
          if (healthy.length > 0) assert.ok(found.every((item) => healthy.includes(item)));
          assert.equal(found.length > 0 || healthy.length === 0, true);
          const weighted = found.filter((item) => item.weight > 0);
          assert.deepEqual(found.slice(0, weighted.length), weighted);
          assert.deepEqual(
            weighted,
            [...weighted].sort((x, y) => x.tier - y.tier),
          );
        });
      },
    ),
    { numRuns: 300 },
  );
});
