import assert from 'node:assert/strict';
import { test } from 'node:test';
import { p99In, rateIn } from './h2load.ts';

const report = (codes: string): string =>
  `finished in 3.00s, 6450.12 req/s, 6.46MB/s\nrequests: 19350 total\nstatus codes: ${codes}\n`;

test('the rate is that of good answers, and there is none where some were not good', () => {
  assert.equal(rateIn(report('19350 2xx, 0 3xx, 0 4xx, 0 5xx')), 6450.12);
  for (const codes of ['0 2xx, 0 3xx, 0 4xx, 0 5xx', '9 2xx, 1 3xx, 0 4xx, 0 5xx', '9 2xx, 0 3xx, 0 4xx, 1 5xx'])
    assert.throws(() => rateIn(report(codes)), /h2load/);
});

test('the 99th percentile is taken of what the log says of good answers', () => {
  const lines = Array.from({ length: 100 }, (_, i) => `1600000000\t200\t${(i + 1) * 1000}`);
  assert.equal(p99In(`${[...lines, '1600000000\t-1\t9000000'].join('\n')}\n`), 100);
});
