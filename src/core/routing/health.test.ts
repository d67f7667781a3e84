import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EJECTION_MS, MAXIMUM_EJECTION_MS } from './constants.ts';
import { afterCheck, afterRequest, healthOf, isEjected, type TargetHealth, UNKNOWN_HEALTH } from './health.ts';

/** The health after checks: `+` good, `-` failed. */
function checked(marks: string): string {
  let health = UNKNOWN_HEALTH;
  for (const mark of marks) health = afterCheck(health, mark === '+');
  return healthOf(health, 0);
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
});

function failing(health: TargetHealth, times: number, nowMs: number): TargetHealth {
  let next = health;
  for (let i = 0; i < times; i++) next = afterRequest(next, false, nowMs);
  return next;
}

test('five failed requests in a row eject, for longer each time, until one succeeds', () => {
  let health = failing(UNKNOWN_HEALTH, 4, 0);
  assert.equal(isEjected(health, 0), false);
  assert.equal(isEjected(failing(afterRequest(health, true, 0), 4, 0), 0), false, 'a success begins the row anew');
  health = failing(health, 1, 1_000);
  assert.equal(healthOf(health, 1_000), 'unhealthy');
  assert.equal(isEjected(health, 1_000 + EJECTION_MS - 1), true);
  assert.equal(healthOf(health, 1_000 + EJECTION_MS), 'unknown');
  health = failing(health, 1, 20_000);
  assert.equal(isEjected(health, 20_000 + 2 * EJECTION_MS - 1), true, 'one more failure is enough');
  const back = afterRequest(health, true, 20_000 + 2 * EJECTION_MS);
  assert.deepEqual(back, { ...UNKNOWN_HEALTH, ejectedUntilMs: back.ejectedUntilMs });
  assert.equal(isEjected(failing(back, 4, 50_000), 50_000), false);
});

test('an ejection has a longest time, and what ends during it changes nothing', () => {
  let health = failing(UNKNOWN_HEALTH, 5, 0);
  const during = failing(afterRequest(health, true, 1), 3, 2);
  assert.deepEqual([during.ejections, during.ejectedUntilMs], [1, EJECTION_MS]);
  for (let i = 0; i < 50; i++) health = failing(health, 1, health.ejectedUntilMs);
  const start = health.ejectedUntilMs;
  assert.equal(failing(health, 1, start).ejectedUntilMs - start, MAXIMUM_EJECTION_MS);
});

test('checks go on while a target is ejected', () => {
  const health = afterCheck(afterCheck(failing(UNKNOWN_HEALTH, 5, 0), true), true);
  assert.equal(healthOf(health, 1), 'unhealthy');
  assert.equal(healthOf(health, EJECTION_MS), 'healthy');
});
