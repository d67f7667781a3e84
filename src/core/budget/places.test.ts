import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { Places } from './index.ts';

const TOTAL = 120;

function takeAll(places: Places, owner: string): number {
  let taken = 0;
  while (places.isFor(owner)) {
    places.take(owner);
    taken++;
  }
  return taken;
}

test('one owner alone takes most, and never all', () => {
  assert.equal(takeAll(new Places(TOTAL), 'greedy'), 90);
});

test('whoever comes when others have taken what they could still finds places', () => {
  const places = new Places(TOTAL);
  takeAll(places, 'greedy');
  const second = takeAll(places, 'second');
  assert.ok(second >= TOTAL / 8, `${second}`);
  assert.equal(takeAll(places, 'greedy'), 0, 'who has more than a share gets none of what is kept');
});

test('what is given back is for all again', () => {
  const places = new Places(TOTAL);
  const taken = takeAll(places, 'a');
  for (let i = 0; i < taken; i++) places.give('a');
  assert.equal(places.taken, 0);
  places.give('a');
  assert.equal(places.taken, 0, 'nobody gives what it has not');
  assert.equal(takeAll(places, 'b'), taken);
});

test('whatever is taken and given, no more are taken than there are, and the counts agree', () => {
  const seed = testSeed(41);
  const random = new SeededRandom(seed);
  const places = new Places(TOTAL);
  const held: string[] = [];
  for (let round = 0; round < 20_000; round++) {
    const owner = `o${random.integer(0, 9)}`;
    if (random.chance(0.6) && places.isFor(owner)) {
      places.take(owner);
      held.push(owner);
    } else if (held.length > 0) places.give(held.splice(random.integer(0, held.length - 1), 1)[0] ?? '');
    assert.equal(places.taken, held.length, `seed ${seed}`);
    assert.ok(places.taken <= TOTAL, `seed ${seed}`);
  }
});
