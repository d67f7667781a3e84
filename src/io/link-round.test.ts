import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../testing/seeded-random.ts';
import { LinkRound } from './link-round.ts';

const seed = 7;

test('every node is tried once a round, those of the snapshot before those of the enrolment', (t) => {
  t.diagnostic(`seed ${seed}`);
  const round = new LinkRound(['old', 'a'], () => ['a', 'b', 'c'], new SeededRandom(seed));
  for (let i = 0; i < 20; i++) {
    const first = [round.next(), round.next(), round.next()];
    assert.deepEqual(first.toSorted(), ['a', 'b', 'c']);
    assert.ok(round.hasMore);
    assert.equal(round.next(), 'old');
    assert.ok(!round.hasMore);
  }
});

test('the order is of chance, so that PoPs spread', () => {
  const firsts = new Map<string, number>();
  for (let i = 0; i < 300; i++) {
    const round = new LinkRound([], () => ['a', 'b', 'c'], new SeededRandom(seed + i));
    round.beginWithout('a');
    const url = round.next();
    firsts.set(url, (firsts.get(url) ?? 0) + 1);
  }
  assert.deepEqual([...firsts.keys()].toSorted(), ['b', 'c']);
  for (const count of firsts.values()) assert.ok(count > 90);
});

test('a node that is alone is tried again and again, and nodes may come and go', () => {
  let published: string[] = [];
  const round = new LinkRound(['a'], () => published, new SeededRandom(seed));
  assert.deepEqual([round.next(), round.hasMore, round.next()], ['a', false, 'a']);
  published = ['b'];
  assert.ok(round.hasMore);
  assert.equal(round.next(), 'b');
});
