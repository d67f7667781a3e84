import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { SeededRandom } from '../testing/seeded-random.ts';
import { DeadlineHeap, type Filed } from './deadline-heap.ts';
import { randomUint32 } from './ports.ts';

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

describe('deadlines that move later', () => {
  test('come up in time and none is lost (seed 4)', () => {
    const random = new SeededRandom(4);
    const heap = new DeadlineHeap<{ heapIndex: number; heapMs: number; trueMs: number }>();
    const entries = Array.from({ length: 50 }, () => ({
      heapIndex: -1,
      heapMs: NEVER,
      trueMs: Number.POSITIVE_INFINITY,
    }));
    for (let nowMs = 0; nowMs < 3000; nowMs++) {
      const entry = random.pick(entries);
      if (random.chance(0.1)) {
        heap.remove(entry);
        entry.trueMs = Number.POSITIVE_INFINITY;
      } else {
        entry.trueMs = nowMs + random.integer(0, 100);
        heap.ensure(entry, entry.trueMs);
      }
      for (let due = heap.takeDue(nowMs); due; due = heap.takeDue(nowMs)) {
        if (due.trueMs > nowMs) heap.ensure(due, due.trueMs);
        else due.trueMs = Number.POSITIVE_INFINITY;
      }
      for (const one of entries) assert.ok(one.trueMs > nowMs, 'none is overdue');
      assert.equal(heap.size, entries.filter((one) => one.trueMs !== Number.POSITIVE_INFINITY).length);
    }
  });
});
