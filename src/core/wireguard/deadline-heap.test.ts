import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomUint32 } from '../../base/index.ts';
import { SeededRandom } from '../../testing/seeded-random.ts';
import { DeadlineHeap, type Filed } from './deadline-heap.ts';

const NEVER = Number.POSITIVE_INFINITY;

describe('the heap of deadlines', () => {
  for (const seed of [1, 2, 3])
    test(`has the earliest on top through 5,000 random changes (seed ${seed})`, () => {
      const random = new SeededRandom(seed);
      const heap = new DeadlineHeap<Filed>();
      const items = Array.from({ length: 50 }, (): Filed => ({ heapIndex: -1, heapMs: NEVER }));
      for (let step = 0; step < 5_000; step++) {
        const item = items[randomUint32(random) % items.length] as Filed;
        if (randomUint32(random) % 3 === 0) heap.remove(item);
        else heap.file(item, randomUint32(random) % 1000);
        const earliest = Math.min(...items.map(({ heapMs }) => heapMs));
        assert.equal(heap.top?.heapMs ?? NEVER, earliest, `seed ${seed}, step ${step}`);
      }
      for (const item of items) heap.remove(item);
      assert.equal(heap.top, undefined);
    });
});
