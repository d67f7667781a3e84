import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normaliseTarget } from '../core/policy/index.ts';
import { type AuditedDecision, AuditRecorder } from './audit-recorder.ts';
import { AUDIT_EVERY_MS, MAXIMUM_AUDIT_KINDS } from './constants.ts';

class CountingLog {
  waiting = 0;

  add(): void {
    this.waiting++;
  }
}

describe('the recorder', () => {
  let requests = 0;
  /** Records one request; answers whether it became an event. */
  function recorded(recorder: AuditRecorder, log: CountingLog, change: Partial<Recorded>): boolean {
    const { address, nowUnixMs, ...decision } = { ...REFUSED, ...change };
    const before = log.waiting;
    const target = normaliseTarget(`/${requests++}`);
    if (typeof target === 'string') assert.fail(target);
    const context = { requestId: `r${requests}`, nowUnixMs, clientAddressText: address, method: 'GET', host: 'app' };
    const place = { country: 'NL' };
    recorder.record({ ...context, target, place }, decision);
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
    const log = new CountingLog();
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
    const log = new CountingLog();
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
