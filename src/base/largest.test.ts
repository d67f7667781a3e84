import assert from 'node:assert/strict';
import { test } from 'node:test';
import { largestBy } from './largest.ts';

test('the largest is the first of those that are as large, and none of nothing', () => {
  const sizeOf = (text: string): number => text.length;
  assert.equal(largestBy(['a', 'bb', 'cc', 'd'], sizeOf), 'bb');
  assert.equal(largestBy([], sizeOf), undefined);
});
