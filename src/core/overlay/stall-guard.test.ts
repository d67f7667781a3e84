import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OWN_STALL_GRACE_MS, OWN_STALL_MS } from './constants.ts';
import { StallGuard } from './stall-guard.ts';

test('a turn that comes in time judges at once', () => {
  const guard = new StallGuard();
  assert.equal(guard.turnBegan(0), undefined);
  guard.turnAsked(100);
  assert.equal(guard.turnBegan(100 + OWN_STALL_MS - 1), undefined);
});

test('a turn that comes late waits until the socket has been read', () => {
  const guard = new StallGuard();
  guard.turnAsked(100);
  assert.equal(guard.turnBegan(400), 400 + OWN_STALL_GRACE_MS);
  assert.equal(guard.turnBegan(401), 400 + OWN_STALL_GRACE_MS);
  assert.equal(guard.turnBegan(400 + OWN_STALL_GRACE_MS), undefined);
});

test('a process that is always late judges at every second turn', () => {
  const guard = new StallGuard();
  const judged: boolean[] = [];
  for (let nowMs = 0; nowMs < 1_000; nowMs += 100) {
    guard.turnAsked(nowMs);
    judged.push(guard.turnBegan(nowMs + 99) === undefined);
  }
  assert.deepEqual(judged, [false, true, false, true, false, true, false, true, false, true]);
});
