import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditAllowance } from './audit-allowance.ts';
import { AUDIT_BURST_PER_POP, AUDIT_EVENTS_PER_SECOND_PER_POP } from './constants.ts';

test('a PoP may store a burst, then an even flow', () => {
  const allowance = new AuditAllowance(1_000);
  assert.equal(allowance.take(AUDIT_BURST_PER_POP - 10, 1_000), AUDIT_BURST_PER_POP - 10);
  assert.equal(allowance.take(500, 1_000), 10);
  assert.equal(allowance.take(500, 1_000), 0);
  assert.equal(allowance.take(500, 2_000), AUDIT_EVENTS_PER_SECOND_PER_POP);
  assert.equal(allowance.take(1, 2_005), 0);
  assert.equal(allowance.take(1, 2_010), 1);
});

test('a quiet PoP saves up one burst and no more', () => {
  const allowance = new AuditAllowance(0);
  allowance.take(AUDIT_BURST_PER_POP, 0);
  assert.equal(allowance.take(10 * AUDIT_BURST_PER_POP, 365 * 86_400_000), AUDIT_BURST_PER_POP);
});
