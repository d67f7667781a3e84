import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeardPop } from '../link/index.ts';
import { HEARD_POPS_INTERVAL_MS } from './constants.ts';
import { HeardPops } from './heard-pops.ts';

const heard = (popId: string, change: Partial<HeardPop> = {}): HeardPop => ({
  ...{ popId, rttMs: 20, draining: false, utilisation: 0.5, tunnels: 100 },
  ...change,
});

test('a PoP that comes, goes or drains is told at once, and the others are not told again', () => {
  const pops = new HeardPops();
  assert.deepEqual(pops.update([heard('a'), heard('b')], 0), {
    whole: true,
    pops: [heard('a'), heard('b')],
    gone: [],
  });
  assert.equal(pops.update([heard('a'), heard('b')], 1), undefined);
  assert.deepEqual(pops.update([heard('a', { draining: true })], 2), {
    ...{ whole: false, pops: [heard('a', { draining: true })], gone: ['b'] },
  });
  assert.deepEqual(pops.said, { whole: true, pops: [heard('a', { draining: true })], gone: [] });
});

test('round trips, load and numbers of tunnels are told once in a while, as far as they changed', () => {
  const pops = new HeardPops();
  pops.update([heard('a'), heard('b')], 0);
  const now = [heard('a', { rttMs: 60, utilisation: 0.9 }), heard('b', { rttMs: 21, utilisation: 0.51, tunnels: 105 })];
  assert.equal(pops.update(now, 1_000), undefined);
  assert.deepEqual(pops.update(now, HEARD_POPS_INTERVAL_MS), { whole: false, pops: [now[0]], gone: [] });
  const later = [now[0] as HeardPop, heard('b', { tunnels: 110 })];
  assert.deepEqual(pops.update(later, 2 * HEARD_POPS_INTERVAL_MS), { whole: false, pops: [later[1]], gone: [] });
});
