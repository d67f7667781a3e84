import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Outcome } from '../../test/traffic/outcome.ts';
import { detectionMs, NO_EXCUSE, OTHER_ADDRESS, quantile, sampleOf, slowest, summaryOf } from './sample.ts';

const FINE: Outcome = {
  ...{ kind: 'download', id: 1, isDone: true, fromUnixMs: 0, toUnixMs: 5_000, incidents: [] },
  ...{ bytes: 1, wrongBytes: 0, stallMs: 30, resumes: 0 },
};
const away = { endpoint: 'a', trouble: 'no-connection', detail: '', fromUnixMs: 0, toUnixMs: 1 } as const;

describe('samples of a failover', () => {
  test('give quantiles by nearest rank', () => {
    assert.equal(quantile([3, 1, 2], 0.5), 2);
    assert.equal(quantile([1, 2, 3, 4], 0.99), 4);
    assert.ok(Number.isNaN(quantile([], 0.5)));
  });

  test('take the gap of a stream and the whole time of a small request', () => {
    assert.deepEqual(sampleOf([FINE, { ...FINE, kind: 'item', toUnixMs: 70 }], NO_EXCUSE).stallsMs, [30, 70]);
  });

  test('count what failed, wrong bytes too, and what another address made good only where that is an excuse', () => {
    const moved = { ...FINE, incidents: [away] };
    assert.equal(sampleOf([FINE, moved], NO_EXCUSE).failed, 1);
    assert.equal(sampleOf([FINE, moved], OTHER_ADDRESS).failed, 0);
    assert.equal(sampleOf([{ ...FINE, wrongBytes: 1 }], OTHER_ADDRESS).failed, 1);
    assert.equal(sampleOf([{ ...FINE, isDone: false }], OTHER_ADDRESS).failed, 1);
    const summary = summaryOf([sampleOf([moved], NO_EXCUSE, 10), sampleOf([FINE], NO_EXCUSE, 20)]);
    assert.deepEqual([summary.failed, summary.detectedP50Ms, summary.detectedP99Ms], [1, 10, 20]);
  });

  test('keep of many small requests the slowest and those that failed', () => {
    const items = [10, 300, 20].map((toUnixMs) => ({ ...FINE, kind: 'item' as const, toUnixMs }));
    const failed = { ...FINE, kind: 'item' as const, toUnixMs: 5, isDone: false };
    assert.deepEqual(slowest([...items, failed]), [items[1], failed]);
  });

  test('find the first word of a log about a tunnel after a fault', () => {
    const line = (time: string, event: string): string => JSON.stringify({ time, event });
    const log = [
      line('2030-01-01T00:00:00.000Z', 'tunnel'),
      line('2030-01-01T00:00:01.100Z', 'link opened'),
      line('2030-01-01T00:00:01.400Z', 'tunnel'),
    ].join('\n');
    assert.equal(detectionMs(log, Date.parse('2030-01-01T00:00:01.000Z')), 400);
    assert.equal(detectionMs(log, Date.parse('2030-01-01T00:00:02.000Z')), undefined);
  });
});
