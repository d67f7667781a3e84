import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utcDay, utcMinute } from './utc.ts';

for (const [unixMs, day, minute] of [
  [0, '1970-01-01', '1970-01-01 00:00'],
  [Date.UTC(2026, 10, 26, 14, 5, 59, 999), '2026-11-26', '2026-11-26 14:05'],
  [Date.UTC(2026, 11, 31, 23, 59, 59), '2026-12-31', '2026-12-31 23:59'],
] as const)
  test(`${unixMs} is in the minute ${minute}, which is never rounded up`, () => {
    assert.deepEqual([utcDay(unixMs), utcMinute(unixMs)], [day, minute]);
  });
