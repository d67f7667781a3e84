import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEvent } from '../core/link/index.ts';
import { AuditLog } from './audit-log.ts';
import { AuditRecorder } from './audit-recorder.ts';
import {
  AUDIT_ALLOWED_EVERY_MS,
  AUDIT_BATCH_EVENTS,
  MAXIMUM_AUDIT_EVENTS,
  MAXIMUM_AUDIT_PATH_LENGTH,
} from './constants.ts';

const event = (id: string, path = '/'): AuditEvent => ({
  id,
  unixMs: 0,
  requestId: id,
  resourceId: null,
  userId: null,
  clientAddress: '192.0.2.1',
  method: 'GET',
  host: 'app.example',
  path,
  outcome: 'deny',
  reason: 'rule-denied',
  ruleId: null,
  status: 403,
});

test('events are sent in batches and kept until control has them', () => {
  const log = new AuditLog();
  for (let i = 0; i < AUDIT_BATCH_EVENTS + 1; i++) log.add(event(`e${i}`));
  const sizes: number[] = [];
  log.flush((events) => sizes.push(events.length) > 0);
  assert.deepEqual(sizes, [AUDIT_BATCH_EVENTS, 1]);
  assert.equal(log.waiting, AUDIT_BATCH_EVENTS + 1);
  log.flush(() => assert.fail('nothing is sent twice over one link'));
  log.stored(['e0', 'unknown']);
  log.linkEnded();
  let again = 0;
  log.flush((events) => {
    again += events.length;
    return true;
  });
  assert.equal(again, AUDIT_BATCH_EVENTS);
});

test('a link that takes nothing loses nothing', () => {
  const log = new AuditLog();
  log.add(event('a'));
  log.flush(() => false);
  assert.equal(log.waiting, 1);
  log.flush((events) => events[0]?.id === 'a');
  log.stored(['a']);
  assert.equal(log.waiting, 0);
});

test('the log is bounded, in number and in length', () => {
  const log = new AuditLog();
  for (let i = 0; i < MAXIMUM_AUDIT_EVENTS + 3; i++) log.add(event(`e${i}`, 'x'.repeat(5_000)));
  assert.deepEqual([log.waiting, log.dropped], [MAXIMUM_AUDIT_EVENTS, 3]);
  log.flush((events) => {
    assert.equal(events[0]?.path.length, MAXIMUM_AUDIT_PATH_LENGTH);
    return false;
  });
});

test('an admitted session is news once in a while', () => {
  const recorder = new AuditRecorder(new AuditLog());
  assert.equal(recorder.isNews('a', 0), true);
  assert.equal(recorder.isNews('a', AUDIT_ALLOWED_EVERY_MS - 1), false);
  assert.equal(recorder.isNews('b', AUDIT_ALLOWED_EVERY_MS - 1), true);
  assert.equal(recorder.isNews('a', AUDIT_ALLOWED_EVERY_MS), true);
  recorder.purge(2 * AUDIT_ALLOWED_EVERY_MS);
  assert.equal(recorder.isNews('a', 2 * AUDIT_ALLOWED_EVERY_MS), true);
});
