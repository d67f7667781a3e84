import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type IpAddress, parseIpAddress } from '../../base/index.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { TargetPool } from './choice.ts';
import { addressKey, byRendezvous, type Hint, markOf, NO_HINT } from './sticky.ts';
import { DEFAULT_BALANCE, type Target, type Way } from './target.ts';

interface Item {
  readonly id: string;
  readonly weight: number;
}

const owner = (items: readonly Item[], key: string) => byRendezvous(items, key, (item) => item)[0]?.id;
const addresses = (count: number) =>
  Array.from({ length: count }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);

test('a target that goes moves its own clients alone, and one that comes takes only its share', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(weights, fc.nat(7), fc.string(), (list, at, salt) => {
      const items = list.map((weight, i) => ({ id: `tgt_${salt}${i}`, weight }));
      const lost = items[at % items.length];
      const left = items.filter((item) => item !== lost);
      for (const key of addresses(300)) {
        const before = owner(items, key);
        if (before !== lost?.id) assert.equal(owner(left, key), before);
      }
    }),
    { numRuns: 50 },
  );
});

test('clients are spread by weight', () => {
  const items = [1, 2, 3, 4].map((weight) => ({ id: `tgt_${weight}`, weight }));
  const counts = new Map<string, number>();
  for (const key of addresses(20_000))
    counts.set(owner(items, key) ?? '', (counts.get(owner(items, key) ?? '') ?? 0) + 1);
  for (const { id, weight } of items) {
    const expected = weight * 2_000;
    assert.ok(Math.abs((counts.get(id) ?? 0) - expected) < 6 * Math.sqrt(expected), JSON.stringify([...counts]));
  }
});

test('an IPv6 client is its /64, an IPv4 client its address', () => {
  const key = (text: string) => addressKey(parseIpAddress(text) as IpAddress);
  assert.equal(key('2001:db8:1:2::1'), key('2001:db8:1:2:ffff:ffff:ffff:ffff'));
  assert.notEqual(key('2001:db8:1:2::1'), key('2001:db8:1:3::1'));
  assert.notEqual(key('192.0.2.1'), key('192.0.2.2'));
});

const target = (id: string, tier = 0): Target => ({ id, weight: 1, tier });
const waysTo = (id: string): Way[] =>
  ['c1', 'c2', 'c3'].map((connectorId) => ({ targetId: id, connectorId, isSuspect: false }));
const name = ({ targetId, connectorId }: Way) => `${targetId}/${connectorId}`;

function fresh(targets = [target('a'), target('b'), target('c')]): TargetPool {
  return new TargetPool(targets, { ...DEFAULT_BALANCE, balancing: 'round-robin' }, new SeededRandom(1));
}

function first(pool: TargetPool, hint: Hint): string {
  const [ranked] = pool.choose(0, waysTo, hint).ways;
  return ranked ? name(ranked.way) : 'none';
}

const unhealthy = { state: 'unhealthy', reason: 'timed-out', sinceUnixMs: 0 } as const;
const marked = (way: string): Hint => {
  const [targetId = '', connectorId = ''] = way.split('/');
  return { kind: 'marked', mark: markOf({ targetId, connectorId }) };
};

test('who has a mark comes back to its target and connector, on any PoP, as long as they are usable', () => {
  const mark = marked('b/c2');
  for (let i = 0; i < 5; i++) assert.equal(first(fresh(), mark), 'b/c2', 'a PoP that never saw the client');
  const pool = fresh();
  for (let i = 0; i < 5; i++) assert.equal(first(pool, mark), 'b/c2');
  pool.checked({ targetId: 'b', connectorId: 'c2' }, unhealthy);
  assert.equal(first(pool, mark), 'b/c1', 'another connector of the same target');
  for (const connectorId of ['c1', 'c3']) pool.checked({ targetId: 'b', connectorId }, unhealthy);
  const others = new Set(Array.from({ length: 10 }, () => first(pool, mark)));
  assert.deepEqual([...others].sort(), ['a/c2', 'c/c2'], 'balanced when the target is lost');
});

test('a mark is opaque, and one that nobody made means nothing', () => {
  const mark = markOf({ targetId: 'tgt_1', connectorId: 'con_1' });
  assert.match(mark, /^[a-z0-9-]+\.[a-z0-9-]+$/);
  assert.doesNotMatch(mark, /tgt|con/);
  for (const wrong of ['', '.', 'x', 'a.b', '__proto__'])
    assert.equal(first(fresh(), { kind: 'marked', mark: wrong }), first(fresh(), NO_HINT), wrong);
});

test('tiers go before stickiness, so nobody stays on a spare', () => {
  const pool = fresh([target('main'), target('spare', 1)]);
  assert.equal(first(pool, marked('spare/c1')), 'main/c1');
});

test('by address clients keep target and connector, and only those of a lost one move', () => {
  const pool = fresh();
  const before = new Map(addresses(200).map((key) => [key, first(pool, { kind: 'hashed', key })]));
  assert.equal(new Set(before.values()).size, 9, 'every way has its clients');
  pool.checked({ targetId: 'b', connectorId: 'c2' }, unhealthy);
  for (const [key, way] of before) {
    const after = first(pool, { kind: 'hashed', key });
    if (way === 'b/c2') assert.match(after, /^b\/c[13]$/);
    else assert.equal(after, way);
  }
});

test('a path in doubt is avoided even by those who stick to it', () => {
  const pool = fresh([target('a')]);
  const doubtful = (id: string) => waysTo(id).map((way) => ({ ...way, isSuspect: way.connectorId === 'c2' }));
  assert.equal(name(pool.choose(0, doubtful, marked('a/c2')).ways[0]?.way as Way), 'a/c1');
});
