import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { TargetPool } from './choice.ts';
import { EJECTION_MS, FAILURE_LATENCY_MS, INITIAL_LATENCY_MS, LATENCY_DECAY_MS, MAXIMUM_TRIES } from './constants.ts';
import { LatencyEstimate } from './latency.ts';
import { type BalanceSettings, type Balancing, DEFAULT_BALANCE, type Target, type Way } from './target.ts';

const target = (id: string, weight = 1, tier = 0): Target => ({ id, weight, tier });
const settings = (balancing: Balancing, panicThreshold = 0.5): BalanceSettings => ({
  ...DEFAULT_BALANCE,
  balancing,
  panicThreshold,
});
const pool = (targets: Target[], balancing: Balancing = 'round-robin', panicThreshold = 0.5) =>
  new TargetPool(targets, settings(balancing, panicThreshold), new SeededRandom(testSeed(42)));

/** A way, written `target` or `target/connector`. */
const way = (name: string, isSuspect = false): Way => {
  const [targetId = '', connectorId = '1'] = name.split('/');
  return { targetId, connectorId, isSuspect };
};
const oneWay = (id: string): Way[] => [way(id)];

/** The targets to try, in order; each through one connector. */
function ids(from: TargetPool, nowMs = 0, isReachable: (id: string) => boolean = () => true): string {
  const { ways, warning } = from.choose(nowMs, (id) => (isReachable(id) ? oneWay(id) : []));
  const names = ways.map((ranked) => ranked.way.targetId).join(' ');
  return warning ? `${names} (${warning})` : names;
}

/** Which target goes first, over many requests. */
function firsts(from: TargetPool, requests: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < requests; i++) {
    const id = from.choose(0, oneWay).ways[0]?.way.targetId ?? 'none';
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

function fail(from: TargetPool, name: string, times: number, nowMs = 0): void {
  for (let i = 0; i < times; i++) {
    from.started(way(name), nowMs);
    from.ended(way(name), 1, 'failed', nowMs, nowMs);
  }
}

function check(from: TargetPool, name: string, reason: string): void {
  const state = reason === 'ok' ? 'healthy' : 'unhealthy';
  from.checked(way(name), { state, reason, sinceUnixMs: 0 });
}

test('round robin keeps to the weights and spreads the turns', () => {
  const turns = pool([target('a', 5), target('b', 1), target('c', 1)]);
  const order = Array.from({ length: 7 }, () => turns.choose(0, oneWay).ways[0]?.way.targetId).join('');
  assert.equal(order, 'aabacaa');
  assert.deepEqual(firsts(pool([target('a', 3), target('b', 1)]), 400), { a: 300, b: 100 });
});

test('weights are honoured by every balancing, whatever the seed', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(weights, fc.integer(), (list, seed) => {
      const targets = list.map((weight, i) => target(`t${i}`, weight));
      const total = list.reduce((sum, weight) => sum + weight, 0);
      const turns = new TargetPool(targets, settings('round-robin'), new SeededRandom(seed));
      const counts = firsts(turns, total * 3);
      targets.forEach(({ id, weight }) => {
        assert.equal(counts[id], weight * 3, `round robin, seed ${seed}`);
      });
      if (list.length < 3) return;
      // Of two equally dear targets the one that was drawn first goes: the draw is by weight.
      const drawn = new TargetPool(targets, settings('least-latency'), new SeededRandom(seed));
      const shares = firsts(drawn, 4_000);
      targets.forEach(({ id, weight }) => {
        const [expected, got] = [(4_000 * weight) / total, shares[id] ?? 0];
        assert.ok(
          Math.abs(got - expected) < 6 * Math.sqrt(expected) + 10,
          `${id}: ${got} of ${expected}, seed ${seed}`,
        );
      });
    }),
    { numRuns: 60 },
  );
});

test('tiers in order; one that lost too much gives way to the next; weight 0 comes last', () => {
  const tiers = pool([target('spare', 1, 1), target('main', 1, 0), target('last', 0, 0)]);
  assert.equal(ids(tiers), 'main spare last');
  check(tiers, 'main', 'timed-out');
  assert.equal(ids(tiers), 'spare last');
  check(tiers, 'main', 'ok');
  assert.equal(ids(tiers), 'main spare last');
  const three = pool([target('a'), target('b'), target('c'), target('spare', 1, 1)]);
  check(three, 'a', 'status-500');
  assert.equal(ids(three), 'b c spare');
  check(three, 'b', 'status-500');
  assert.equal(ids(three), 'spare c', 'what is left of a tier is for retries');
});

test('what is known is believed as long as enough of a tier is usable', () => {
  // After the name of a target what its check says; `!` where its requests failed as well.
  const table: [name: string, threshold: number, known: string[], order: string][] = [
    ['one target, ejected', 0.5, ['a!'], 'a (ejections-ignored)'],
    ['one target, ejected, whatever the threshold', 0, ['a!'], 'a (ejections-ignored)'],
    ['one target whose check fails', 0.5, ['a status-500'], 'a (checks-ignored)'],
    ['one target that refuses', 0.5, ['a connect-refused'], 'a (checks-ignored)'],
    ['one target whose failed check is always believed', 0, ['a status-500'], ''],
    ['one of two ejected', 0.5, ['a!', 'b'], 'b'],
    ['one of two failing', 0.5, ['a status-500', 'b'], 'b'],
    ['one of two failing, where more than half is asked for', 0.6, ['a ok', 'b status-500'], 'a b (checks-ignored)'],
    ['two of three ejected', 0.5, ['a!', 'b!', 'c'], 'a b c (ejections-ignored)'],
    ['two of three failing', 0.5, ['a status-500', 'b status-500', 'c'], 'a c b (checks-ignored)'],
    ['two of three failing, always believed', 0, ['a status-500', 'b status-500', 'c'], 'c'],
    ['one failing and one ejected of three', 0.5, ['a status-500', 'b!', 'c'], 'b c (ejections-ignored)'],
    ['nobody listens on two of three', 0.5, ['a connect-refused', 'b connect-refused', 'c'], 'c a b (checks-ignored)'],
    ['an ejected one that comes back with a good check', 0.5, ['a ok!', 'b ok'], 'b'],
  ];
  for (const [name, threshold, known, order] of table) {
    const one = pool(
      known.map((text) => target(text.charAt(0))),
      'round-robin',
      threshold,
    );
    for (const text of known) {
      const [id = '', reason] = text.replace('!', '').split(' ');
      if (reason) check(one, id, reason);
      if (text.endsWith('!')) fail(one, id, 5);
    }
    assert.equal(ids(one, 1), order, name);
  }
});

test('an ejection ends', () => {
  const two = pool([target('a'), target('b')]);
  fail(two, 'a', 5);
  assert.equal(ids(two, 1), 'b');
  assert.equal(two.stateOf(way('a'), 1)?.reason, 'ejected');
  assert.equal(ids(two, EJECTION_MS).length, 3);
  assert.equal(two.stateOf(way('a'), EJECTION_MS), undefined);
});

test('a target that cannot be reached does not count', () => {
  const two = pool([target('a'), target('b')]);
  fail(two, 'a', 5);
  assert.equal(
    ids(two, 1, (id) => id === 'a'),
    'a (ejections-ignored)',
  );
  assert.equal(
    ids(two, 1, () => false),
    '',
  );
  const many = pool(['a', 'b', 'c', 'd', 'e'].map((id) => target(id)));
  assert.equal(
    ids(many, 1, (id) => id === 'e'),
    'e',
    'nor does it use up the tries',
  );
});

test('connectors that disagree on a target: the way that is good is taken', () => {
  const waysTo = (id: string): Way[] => [way(`${id}/1`), way(`${id}/2`, true), way(`${id}/3`)];
  const names = (from: TargetPool) =>
    from
      .choose(1, waysTo)
      .ways.map((ranked) => ranked.way.connectorId)
      .join('');
  const one = pool([target('a')]);
  assert.equal(names(one), '132', 'a path in doubt comes last');
  check(one, 'a/1', 'connect-refused');
  assert.equal(names(one), '32');
  fail(one, 'a/3', 5);
  assert.equal(names(one), '2', 'rather over a path in doubt than to a target that fails');
  fail(one, 'a/2', 5);
  assert.equal(names(one), '32', 'ejections are ignored before checks are');
  one.retainConnectors((id) => id !== '3');
  assert.equal(names(one), '3', 'what was known of a connector went with it');
});

test('least latency prefers the quick one, and tries the slow one again after a while', () => {
  const two = pool([target('quick'), target('slow')], 'least-latency');
  for (let i = 0; i < 10; i++)
    for (const [id, latencyMs] of [
      ['quick', 10],
      ['slow', 300],
    ] as const) {
      two.started(way(id), i);
      two.ended(way(id), latencyMs, 'succeeded', i, i);
    }
  assert.deepEqual(firsts(two, 50), { quick: 50 });
  for (let i = 0; i < 40; i++) two.started(way('quick'), 10);
  assert.deepEqual(firsts(two, 50), { slow: 50 }, 'forty requests under way make the quick one dear');
  for (let i = 0; i < 40; i++) two.ended(way('quick'), 1, 'abandoned', 10, 10);
  assert.deepEqual(firsts(two, 50), { quick: 50 }, 'clients that went away count no more');
});

test('of many targets the worst is never chosen, and every other gets its share', () => {
  const targets = ['a', 'b', 'c', 'd', 'e'].map((id) => target(id));
  const five = pool(targets, 'least-latency');
  five.started(way('e'), 0);
  five.ended(way('e'), 5_000, 'succeeded', 0, 0);
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
  check(changing, 'a', 'timed-out');
  check(changing, 'b', 'timed-out');
  changing.update([target('a'), target('c')], settings('least-latency'));
  assert.equal(ids(changing), 'c');
  changing.update([target('a'), target('b')], settings('round-robin'));
  assert.equal(ids(changing), 'b', 'what was known of b went with it');
  check(changing, 'gone', 'ok');
  changing.started(way('gone'), 0);
  changing.ended(way('gone'), 1, 'failed', 0, 0);
  assert.equal(changing.stateOf(way('gone'), 0), undefined);
});

test('whatever happens, ways are different, few, in the order of their ranks, and good ones go first', () => {
  const event = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    connector: fc.constantFrom('1', '2'),
    kind: fc.constantFrom('ok', 'status-500', 'connect-refused', 'good', 'bad'),
  });
  const targets = fc.uniqueArray(
    fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), weight: fc.nat(3), tier: fc.nat(2) }),
    { selector: (one) => one.id },
  );
  const balancing = fc.constantFrom<Balancing>('round-robin', 'least-latency');
  const threshold = fc.constantFrom(0, 0.3, 0.5, 1);
  fc.assert(
    fc.property(
      targets as fc.Arbitrary<Target[]>,
      balancing,
      threshold,
      fc.array(event, { maxLength: 30 }),
      fc.integer(),
      (list, how, panic, events, seed) => {
        const one = new TargetPool(list, settings(how, panic), new SeededRandom(seed));
        const waysTo = (id: string): Way[] => [way(`${id}/1`), way(`${id}/2`)];
        events.forEach(({ id, connector, kind }, nowMs) => {
          const name = `${id}/${connector}`;
          if (kind === 'good') one.ended(way(name), 1, 'succeeded', nowMs, nowMs);
          else if (kind === 'bad') fail(one, name, 1, nowMs);
          else check(one, name, kind);
          const { ways, warning } = one.choose(nowMs, waysTo);
          const names = ways.map(({ way: found }) => `${found.targetId}/${found.connectorId}`);
          assert.equal(new Set(names).size, names.length);
          assert.ok(new Set(ways.map(({ way: found }) => found.targetId)).size <= MAXIMUM_TRIES);
          assert.deepEqual(
            ways.map(({ rank }) => rank),
            ways.map(({ rank }) => rank).sort((x, y) => x - y),
          );
          if (panic > 0) assert.equal(ways.length > 0, list.length > 0, 'somebody is always tried');
          const isGood = (found: Way) => one.stateOf(found, nowMs)?.state !== 'unhealthy';
          const anyGood = list.some((item) => item.weight > 0 && waysTo(item.id).some(isGood));
          if (anyGood && panic === 0) assert.ok(ways[0] && isGood(ways[0].way));
          if (warning === undefined && ways[0]) assert.ok(isGood(ways[0].way));
        });
      },
    ),
    { numRuns: 300 },
  );
});
