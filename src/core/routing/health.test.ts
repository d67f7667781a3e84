import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterCheck, healthSentence, NOT_CHECKED } from './health.ts';

/** The health after checks: `+` good, `-` failed. */
function checked(marks: string, thresholds?: { healthy: number; unhealthy: number }): string {
  let state = NOT_CHECKED;
  for (const mark of marks) state = afterCheck(state, mark === '+', thresholds);
  return state.kind;
}

test('checks in a row decide between healthy and unhealthy', () => {
  const table: [marks: string, health: string][] = [
    ['', 'unknown'],
    ['+', 'healthy'],
    ['-', 'unhealthy'],
    ['+--', 'healthy'],
    ['+---', 'unhealthy'],
    ['+--+--', 'healthy'],
    ['+---+', 'unhealthy'],
    ['+---+-+', 'unhealthy'],
    ['+---++', 'healthy'],
    ['-++--', 'healthy'],
  ];
  for (const [marks, health] of table) assert.equal(checked(marks), health, marks);
  assert.equal(checked('+-', { healthy: 1, unhealthy: 1 }), 'unhealthy');
  assert.equal(checked('+-+', { healthy: 1, unhealthy: 1 }), 'healthy');
});

test('reasons are stable codes with a sentence', () => {
  const table: [reason: string, sentence: string][] = [
    ['status-503', 'the target answered with status 503'],
    ['connect-refused', 'the target refused the connection'],
    ['ejected', 'requests failed one after another'],
    ['of-a-newer-peer', 'of-a-newer-peer'],
  ];
  for (const [reason, sentence] of table) assert.equal(healthSentence(reason), sentence);
});
