import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateTable } from './rate.ts';

const limit = { requests: 2, perMs: 1_000 };

test('as many at once as the burst says, then one in each interval', () => {
  const table = new RateTable();
  const waits = [0, 0, 0, 400, 500, 501, 5_000, 5_000, 5_000].map((nowMs) => table.take('a', limit, nowMs));
  assert.deepEqual(waits, [0, 0, 500, 100, 0, 499, 0, 0, 500]);
  assert.equal(table.take('b', { ...limit, burst: 1 }, 5_000), 0);
  assert.equal(table.take('b', { ...limit, burst: 1 }, 5_000), 500);
});

test('each counts for itself, and those that came longest ago are forgotten', () => {
  const table = new RateTable(2);
  const one = { requests: 1, perMs: 1_000 };
  for (const key of ['a', 'b', 'c']) assert.equal(table.take(key, one, 0), 0);
  assert.equal(table.size, 2);
  assert.deepEqual(
    ['c', 'a'].map((key) => table.take(key, one, 1)),
    [999, 0],
  );
});
