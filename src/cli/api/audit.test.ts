import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuditItem, auditQuery, EVENT_HEADS, eventCells, momentOf, shortCells, whyText } from './audit-text.ts';

const NOW = Date.UTC(2026, 2, 2, 9);
const EVENT: AuditItem = {
  id: 'aud_1',
  unixMs: NOW,
  source: 'pop_1',
  actor: 'user:usr_1',
  action: 'request',
  subject: 'res_1',
  outcome: 'deny',
  clientAddress: '192.0.2.7',
  requestId: 'abc-00001',
  detail: {
    ...{ method: 'GET', host: 'wiki.example', path: "/o'clock", reason: 'rule-denied', status: 403 },
    ...{ ruleId: 'r1', ruleName: 'Not from there', methods: ['password', 'totp', 'mfa'], country: 'NL' },
  },
};

test('a filter is what the API reads', () => {
  const query = auditQuery({ subject: 'res_1', address: '::1', since: '30m', until: '2026-03-02T10:00:00+01:00' }, NOW);
  const times = { sinceUnixMs: NOW - 1_800_000, untilUnixMs: NOW };
  assert.deepEqual(query, { subject: 'res_1', clientAddress: '::1', ...times });
  assert.deepEqual(auditQuery({}, NOW), {});
  for (const text of ['yesterday', '0m', '5', '2026-13-01', ''])
    assert.throws(() => momentOf('since', text, NOW), { message: /^--since: expected a time/ }, text);
});

test('an event has a cell for every head, and a line of what matters', () => {
  assert.equal(eventCells(EVENT).length, EVENT_HEADS.length);
  assert.deepEqual(shortCells(EVENT, NOW), [
    ...['09:00:00', 'deny', "GET wiki.example/o'clock", 'user:usr_1', 'res_1'],
    ...['rule-denied', 'Not from there', '192.0.2.7', 'abc-00001'],
  ]);
  const change = { ...EVENT, action: 'resource.add', detail: {} };
  assert.deepEqual(shortCells(change, NOW).slice(1, 7), ['deny', 'resource.add', 'user:usr_1', 'res_1', '-', '-']);
});

test('why: who, from where, the rule by its name, and the question to ask the simulator', () => {
  const text = whyText(EVENT);
  for (const line of [
    'Who:      user:usr_1, by password totp mfa',
    'From:     192.0.2.7 (NL), at pop_1',
    'Outcome:  deny 403, rule-denied',
    'Rule:     Not from there (r1)',
    String.raw`  manis policy explain res_1 --path '/o'\''clock' --method GET --address 192.0.2.7 --time 2026-03-02T09:00:00.000Z --user usr_1 --country NL --login password,totp`,
  ])
    assert.ok(text.split('\n').includes(line), `${line}\n${text}`);
  assert.match(whyText(undefined), /^The audit has no such request/);
  const nobody = whyText({ ...EVENT, actor: null, subject: null, detail: { ...EVENT.detail, ruleId: null } });
  assert.match(nobody, /Who: {6}nobody who is signed in/);
  assert.match(nobody, /Rule: {5}no rule$/);
});
