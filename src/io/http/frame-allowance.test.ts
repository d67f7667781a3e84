import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameAllowance } from './frame-allowance.ts';

test('a burst passes, then so many a look', () => {
  const allowance = new FrameAllowance({ burst: 3, perLook: 1 });
  assert.deepEqual(
    [1, 2, 3, 4].map(() => allowance.spend()),
    [true, true, true, false],
  );
  allowance.look();
  // What was asked for in vain counts, too: who goes on gets nothing.
  assert.equal(allowance.spend(), false);
  for (let look = 0; look < 10; look++) allowance.look();
  assert.deepEqual([allowance.spend(3), allowance.spend()], [true, false]);
});

test('what was earned counts up to the burst', () => {
  const allowance = new FrameAllowance({ burst: 2, perLook: 0 });
  allowance.spend(2);
  allowance.earn(10);
  assert.deepEqual([allowance.spend(2), allowance.spend()], [true, false]);
});
