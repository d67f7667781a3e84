import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANALYTICS_STEPS } from '../constants.ts';
import { Analytics } from './analytics.ts';

const row = {
  ...{ unix_ms: 0, resource_id: 'res', country: 'NL', subject_id: 'usr', subject_name: 'ann@example.com', status: 200 },
  ...{ outcome: 'allowed', reason: 'authenticated', total_ms: 10 },
};

test('requests are counted by everything that is asked about them, and over time', () => {
  const analytics = new Analytics(0, ANALYTICS_STEPS * 1000);
  analytics.add(row);
  analytics.add({ ...row, unix_ms: 1500, status: 502, outcome: 'failed', country: null });
  analytics.add({
    ...row,
    unix_ms: 1600,
    status: 403,
    outcome: 'denied',
    reason: 'rule-denied',
    subject_id: null,
    subject_name: null,
  });
  const { byCountry, byUser, byStatus, byReason, overTime, ...rest } = analytics.result();
  assert.partialDeepStrictEqual(rest, { requests: 3, errors: 1, refused: 1, oldestUnixMs: 0, stepMs: 1000 });
  const keys = (counted: readonly { key: string; requests: number }[]) =>
    counted.map(({ key, requests }) => `${key}=${requests}`);
  assert.deepEqual(keys(byCountry), ['NL=2', '=1']);
  assert.deepEqual(keys(byUser), ['usr=2', '=1']);
  assert.deepEqual(keys(byStatus).sort(), ['200=1', '403=1', '502=1']);
  assert.deepEqual(keys(byReason), ['rule-denied=1']);
  assert.deepEqual(
    overTime.slice(0, 3).map(({ requests, errors, refused }) => [requests, errors, refused]),
    [
      [1, 0, 0],
      [2, 1, 1],
      [0, 0, 0],
    ],
  );
});
