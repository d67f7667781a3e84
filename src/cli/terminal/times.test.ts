import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agoText, clockText, durationText, timeText } from './times.ts';

const NOW = Date.UTC(2026, 2, 14, 9, 0, 0);

test('how long ago, or how soon', () => {
  const table: [secondsFromNow: number, text: string][] = [
    [0, 'just now'],
    [-4, 'just now'],
    [-42, '42 s ago'],
    [-150, '3 min ago'],
    [-3 * 3_600, '3 h ago'],
    [-3 * 86_400, '3 days ago'],
    [7 * 86_400, 'in 7 days'],
    [3_600, 'in 60 min'],
    [-400 * 86_400, '2025-02-07'],
  ];
  for (const [seconds, text] of table) assert.equal(agoText(NOW + seconds * 1000, NOW), text);
});

test('a while is told in what it is whole in', () => {
  const table: [ms: number, text: string][] = [
    [0, '0 ms'],
    [250, '250 ms'],
    [90_000, '90 s'],
    [1_000, '1 s'],
    [86_400_000, '1 day'],
    [259_200_000, '3 days'],
    [43_200_000, '12 h'],
  ];
  for (const [ms, text] of table) assert.equal(durationText(ms), text);
});

test('a log says the day where it is another one, and the year where that is', () => {
  assert.equal(clockText(NOW - 60_000, NOW), '08:59:00');
  assert.equal(clockText(NOW - 86_400_000, NOW), '03-13 09:00:00');
  assert.equal(clockText(NOW - 86_400_000 * 365, NOW), '2025-03-14 09:00:00');
  assert.equal(timeText(NOW), '2026-03-14 09:00:00');
});
