import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inParts } from './in-parts.ts';

test('parts are as long as asked but for the last, and hold everything once', () => {
  assert.deepEqual([...inParts([1, 2, 3, 4, 5], 2)], [[1, 2], [3, 4], [5]]);
  assert.deepEqual([...inParts([1, 2], 2)], [[1, 2]]);
  assert.deepEqual([...inParts([], 2)], []);
});
