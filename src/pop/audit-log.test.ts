import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuditEvent } from '../core/link/index.ts';
import { normaliseTarget } from '../core/policy/index.ts';
import { AuditLog } from './audit-log.ts';
import { type AuditedDecision, AuditRecorder } from './audit-recorder.ts';
import {
  AUDIT_BATCH_EVENTS,
  AUDIT_EVERY_MS,
  MAXIMUM_AUDIT_EVENTS,
  MAXIMUM_AUDIT_KINDS,
  MAXIMUM_AUDIT_PATH_LENGTH,
} from './constants.ts';

const event = (id: string, path = '/', userId: string | null = null): AuditEvent => ({
  id,
  unixMs: 0,
  requestId: id,
  resourceId: null,
  userId,
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

test('what users did is sent first, and takes the room of what nobody in particular did', () => {
  const log = new AuditLog();
  for (let i = 0; i < MAXIMUM_AUDIT_EVENTS + 20; i++) log.add(event(`a${i}`));
  assert.equal(log.dropped, 20);
  for (let i = 0; i < 10; i++) log.add(event(`u${i}`, '/', 'ada'));
  assert.deepEqual([log.waiting, log.dropped], [MAXIMUM_AUDIT_EVENTS, 30]);
  const sent: string[] = [];
  log.flush((events) => sent.push(...events.map(({ id }) => id)) > 0);
  assert.deepEqual(sent.slice(0, 11), ['u0', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7', 'u8', 'u9', 'a10']);
  for (let i = 0; i < MAXIMUM_AUDIT_EVENTS; i++) log.add(event(`v${i}`, '/', 'ada'));
  assert.equal(log.waiting, MAXIMUM_AUDIT_EVENTS, 'the log stays bounded when it is all of users');
  log.stored(sent.slice(0, 10));
  assert.equal(log.waiting, MAXIMUM_AUDIT_EVENTS - 10);
});

describe('the recorder', () => {
  let requests = 0;
  /** Records one request; answers whether it became an event. */
  function recorded(recorder: AuditRecorder, log: AuditLog, change: Partial<Recorded>): boolean {
    const { address, nowUnixMs, ...decision } = { ...REFUSED, ...change };
    const before = log.waiting;
    const target = normaliseTarget(`/${requests++}`);
    if (typeof target === 'string') assert.fail(target);
    const context = { requestId: `r${requests}`, nowUnixMs, clientAddressText: address, method: 'GET', host: 'app' };
    recorder.record({ ...context, target }, decision);
    return log.waiting > before;
  }
  type Recorded = AuditedDecision & { readonly address: string; readonly nowUnixMs: number };
  const REFUSED: Recorded = {
    outcome: 'challenge',
    reason: 'no-session',
    status: 401,
    resourceId: 'app',
    address: '192.0.2.1',
    nowUnixMs: 0,
  };

  test('records requests of one kind once in a while', () => {
    const log = new AuditLog();
    const recorder = new AuditRecorder(log);
    const table: [string, Partial<Recorded>, boolean][] = [
      ['the first', {}, true],
      ['the same again', { nowUnixMs: AUDIT_EVERY_MS - 1 }, false],
      ['from another address', { address: '192.0.2.2' }, true],
      ['from an IPv6 network', { address: '2001:db8::1' }, true],
      ['from the same IPv6 network', { address: '2001:db8::2' }, false],
      ['for another resource', { resourceId: 'wiki' }, true],
      ['for another reason', { outcome: 'deny', reason: 'rule-denied' }, true],
      ['of a user', { userId: 'ada', sessionId: 's1' }, true],
      ['of the same user', { userId: 'ada', sessionId: 's1', address: '192.0.2.9' }, false],
      ['of a user who is admitted', { userId: 'ada', sessionId: 's1', outcome: 'allow', reason: 'a' }, true],
      ['of one who is admitted by another rule', { userId: 'ada', sessionId: 's1', outcome: 'allow' }, false],
      ['later on', { nowUnixMs: AUDIT_EVERY_MS }, true],
    ];
    for (const [name, change, isEvent] of table) assert.equal(recorded(recorder, log, change), isEvent, name);
    recorder.purge(3 * AUDIT_EVERY_MS);
    assert.equal(recorded(recorder, log, { nowUnixMs: 3 * AUDIT_EVERY_MS }), true);
  });

  test('records a flood from everywhere only so far, and users all the same', () => {
    const log = new AuditLog();
    const recorder = new AuditRecorder(log);
    let events = 0;
    for (let i = 0; i < 20_000; i++)
      if (recorded(recorder, log, { address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` })) events++;
    assert.equal(events, MAXIMUM_AUDIT_KINDS);
    for (let i = 0; i < MAXIMUM_AUDIT_KINDS + 5; i++)
      assert.equal(recorded(recorder, log, { userId: 'ada', sessionId: `s${i}` }), true, `session ${i}`);
    assert.equal(recorded(recorder, log, { address: '192.0.2.200', nowUnixMs: AUDIT_EVERY_MS }), true, 'a while later');
  });
});
