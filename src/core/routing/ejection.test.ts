import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EJECTION_MS, MAXIMUM_EJECTION_MS } from './constants.ts';
import { afterRequest, type Ejection, isEjected, NEVER_EJECTED } from './ejection.ts';

function failing(ejection: Ejection, times: number, nowMs: number): Ejection {
  let next = ejection;
  for (let i = 0; i < times; i++) next = afterRequest(next, false, nowMs);
  return next;
}

test('five failed requests in a row eject, for longer each time, until one succeeds', () => {
  let ejection = failing(NEVER_EJECTED, 4, 0);
  assert.equal(isEjected(ejection, 0), false);
  assert.equal(isEjected(failing(afterRequest(ejection, true, 0), 4, 0), 0), false, 'a success begins the row anew');
  ejection = failing(ejection, 1, 1_000);
  assert.equal(isEjected(ejection, 1_000), true);
  assert.equal(isEjected(ejection, 1_000 + EJECTION_MS - 1), true);
  assert.equal(isEjected(ejection, 1_000 + EJECTION_MS), false);
  ejection = failing(ejection, 1, 20_000);
  assert.equal(isEjected(ejection, 20_000 + 2 * EJECTION_MS - 1), true, 'one more failure is enough');
  const back = afterRequest(ejection, true, 20_000 + 2 * EJECTION_MS);
  assert.deepEqual(back, { ...NEVER_EJECTED, untilMs: back.untilMs });
  assert.equal(isEjected(failing(back, 4, 50_000), 50_000), false);
});

test('an ejection has a longest time, and what ends during it changes nothing', () => {
  let ejection = failing(NEVER_EJECTED, 5, 0);
  const during = failing(afterRequest(ejection, true, 1), 3, 2);
  assert.deepEqual([during.count, during.untilMs], [1, EJECTION_MS]);
  for (let i = 0; i < 50; i++) ejection = failing(ejection, 1, ejection.untilMs);
  const start = ejection.untilMs;
  assert.equal(failing(ejection, 1, start).untilMs - start, MAXIMUM_EJECTION_MS);
});
