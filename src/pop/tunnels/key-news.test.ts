import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../io/log.ts';
import { STRANGERS_NEWS_MS } from './constants.ts';
import { KeyNews } from './key-news.ts';

test('strangers are told of at once, and then now and then with how often they came', () => {
  const counts: number[] = [];
  const log = createLog({ level: 'warn', destination: { write: (line) => counts.push(JSON.parse(line).count) } });
  const news = new KeyNews(log);
  const looks: [strangers: number, atMs: number][] = [
    [0, 0],
    [2, 1_000],
    [5, 2_000],
    [9, 1_000 + STRANGERS_NEWS_MS],
    [9, 9 * STRANGERS_NEWS_MS],
  ];
  for (const [strangers, atMs] of looks) news.look(strangers, atMs);
  assert.deepEqual(counts, [2, 7]);
});
