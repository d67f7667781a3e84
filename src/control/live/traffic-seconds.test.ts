import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LATENCY_BUCKETS, latencyBucket } from '../../core/link/index.ts';
import type { HeardTraffic } from '../request-log/request-intake.ts';
import { TrafficSeconds } from './traffic-seconds.ts';

const traffic = (organisationId: string, change: Partial<HeardTraffic> = {}): HeardTraffic => {
  const latency = new Array<number>(LATENCY_BUCKETS).fill(0);
  latency[latencyBucket(10)] = 2;
  return {
    organisationId,
    resourceId: 'res',
    requests: 2,
    errors: 1,
    denied: { no: 1 },
    bytesOut: 5,
    latency,
    ...change,
  };
};

test('what several PoPs counted is one second, by resource and by PoP', () => {
  const seconds = new TrafficSeconds(100, 10);
  seconds.add('a', [traffic('org'), traffic('org', { resourceId: 'other', requests: 1, errors: 0, denied: {} })]);
  seconds.add('b', [traffic('org', { denied: { no: 1, never: 2 } }), traffic('elsewhere')]);
  const second = seconds.end(1_000).get('org');
  assert.partialDeepStrictEqual(second, { unixMs: 1_000, requests: 5, errors: 2, bytesOut: 15 });
  assert.deepEqual({ ...second?.denied }, { no: 2, never: 2 });
  assert.deepEqual({ ...second?.byResource }, { res: { requests: 4, errors: 2 }, other: { requests: 1, errors: 0 } });
  assert.deepEqual({ ...second?.byPop }, { a: { requests: 3, errors: 1 }, b: { requests: 2, errors: 1 } });
  assert.ok((second?.p95Ms ?? 0) > 7 && (second?.p95Ms ?? 0) <= 10);
  assert.deepEqual(seconds.end(2_000).size, 0);
  assert.equal(seconds.since('org', 0).length, 1);
  assert.equal(seconds.since('org', 1_001).length, 0);
});

test('what is kept is bounded for all organisations together, and so are the resources of one', () => {
  const seconds = new TrafficSeconds(10, 3);
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j < 5; j++) seconds.add('pop', [traffic(`org-${i % 2}`, { resourceId: `__proto__${j}` })]);
    seconds.end(i);
  }
  const kept = [...seconds.since('org-0', 0), ...seconds.since('org-1', 0)];
  assert.ok(kept.length <= 15);
  for (const { byResource, requests } of kept) assert.deepEqual([Object.keys(byResource).length, requests], [3, 10]);
});
