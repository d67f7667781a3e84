// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compile, compileOrganisation } from './compile.ts';
import { type PolicyContext, plainContext, type Subject } from './context.ts';
import { evaluate } from './evaluate.ts';
import { parsePolicy } from './parse.ts';
import { normaliseTarget } from './request-target.ts';

const context = (path = '/', nowUnixMs = 1_000): PolicyContext => {
  const target = normaliseTarget(path);
  assert.ok(typeof target !== 'string');
  return plainContext({ target, method: 'GET', nowUnixMs, clientAddress: undefined });
};

type Written = readonly [when: unknown, then: unknown];
const read = (written: readonly Written[], scope: 'organisation' | 'resource') => {
  const rules = written.map(([when, then], i) => ({ id: `${scope[0]}${i}`, name: 'n', enabled: true, when, then }));
  const parsed = parsePolicy({ rules }, scope);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.policy;
};
const policyOf = (resource: readonly Written[], organisation: readonly Written[] = []) =>
  compile({
    resource: read(resource, 'resource'),
    organisation: compileOrganisation(read(organisation, 'organisation'), '1'),
    version: '1',
  });

const ALWAYS = { all: [] };
const DENY = { kind: 'deny' };
const BYPASS = { kind: 'bypass' };
const admit = (anyOf: unknown, more: object = {}) => ({ kind: 'authenticate', anyOf, ...more });

const nobodys = { userId: '', roles: [], groups: [], mfa: false, authenticatedAtUnixMs: 0 };
const holder: Subject = {
  ...nobodys,
  kind: 'holder',
  email: '',
  methods: ['pin'],
  credential: { id: 'c1', method: 'pin' },
};
const guest: Subject = { ...nobodys, kind: 'guest', email: 'Bo@Example.com', methods: ['email-otp'] };
const user: Subject = { ...holder, kind: 'user', userId: 'ann', email: 'ann@example.org', methods: ['password'] };

test('a challenge says what would help: all that the rules which could still admit would take', () => {
  const none = { accounts: false, credentials: [], guests: false };
  const account = { ...none, accounts: true };
  const table: [rules: Written[], ways: object][] = [
    [[[ALWAYS, admit('signed-in')]], account],
    [[[ALWAYS, admit({ signedIn: true, credentials: ['pin'] })]], { ...account, credentials: ['pin'] }],
    [[[ALWAYS, admit({ emails: ['*@example.com'] })]], { ...account, guests: true }],
    [[[ALWAYS, admit({ credentials: ['share-link', 'pin'] })]], { ...none, credentials: ['pin', 'share-link'] }],
    [[[ALWAYS, admit('signed-in', { methods: ['passkey'] })]], { ...account, methods: ['passkey'] }],
    [
      [
        [{ role: ['a'] }, admit({ credentials: ['pin'] })],
        [ALWAYS, admit({ roles: ['a'] }, { methods: ['oidc'] })],
      ],
      { ...account, methods: ['oidc'], credentials: ['pin'] },
    ],
    [
      [
        [{ path: { prefix: '/else' } }, admit({ credentials: ['pin'] })],
        [ALWAYS, admit('signed-in')],
        [ALWAYS, admit({ credentials: ['header'] })],
      ],
      account,
    ],
    [
      [
        [{ role: ['a'] }, admit('signed-in')],
        [ALWAYS, DENY],
        [ALWAYS, admit({ credentials: ['pin'] })],
      ],
      account,
    ],
  ];
  for (const [rules, ways] of table) {
    const decision = evaluate(policyOf(rules), context(), undefined);
    assert.equal(decision.outcome, 'challenge');
    assert.deepEqual(decision.ways, ways, JSON.stringify(rules));
    assert.equal(evaluate(policyOf(rules), context(), undefined).ruleId, decision.ruleId);
  }
});

test('what the organisation asks for cuts the ways', () => {
  const ways = (resource: Written[], organisation: Written[]) =>
    evaluate(policyOf(resource, organisation), context(), undefined).ways;
  const pinOrAccount = admit({ signedIn: true, credentials: ['pin'] });
  const accountAlone = { accounts: true, credentials: [], guests: false };
  assert.deepEqual(ways([[ALWAYS, pinOrAccount]], [[ALWAYS, admit('signed-in')]]), accountAlone);
  assert.deepEqual(ways([[ALWAYS, BYPASS]], [[ALWAYS, admit('signed-in')]]), accountAlone);
  assert.deepEqual(ways([[ALWAYS, BYPASS]], [[{ role: ['a'] }, DENY]]), accountAlone);
  assert.deepEqual(ways([[ALWAYS, BYPASS]], [[ALWAYS, admit({ credentials: ['pin'] })]]), {
    accounts: false,
    credentials: ['pin'],
    guests: false,
  });
});

test('one decision is one object', () => {
  const policy = policyOf([[ALWAYS, admit('signed-in')]]);
  assert.equal(evaluate(policy, context(), undefined), evaluate(policy, context('/x'), undefined));
});

test('a holder comes in by the credential, a guest by the address, and neither as a user', () => {
  const table: [anyOf: unknown, subject: Subject, decision: string][] = [
    ['signed-in', user, 'allow authenticated'],
    ['signed-in', holder, 'challenge not-signed-in'],
    ['signed-in', guest, 'challenge not-signed-in'],
    [{ signedIn: true }, holder, 'challenge not-signed-in'],
    [{ roles: ['a'] }, holder, 'challenge not-signed-in'],
    [{ credentials: ['pin'] }, holder, 'allow authenticated'],
    [{ credentials: ['share-link'] }, holder, 'challenge not-signed-in'],
    [{ credentials: ['pin'] }, user, 'deny not-in-audience'],
    [{ credentials: ['pin'] }, guest, 'challenge not-signed-in'],
    [{ emails: ['bo@example.com'] }, guest, 'allow authenticated'],
    [{ emails: ['*@EXAMPLE.com'] }, guest, 'allow authenticated'],
    [{ emails: ['*@ample.com'] }, guest, 'challenge not-signed-in'],
    [{ emails: ['*@example.com'] }, { ...guest, email: 'a@x.example.com' }, 'challenge not-signed-in'],
    [{ emails: ['*@example.org'] }, user, 'allow authenticated'],
    [{ emails: ['*@example.com'] }, user, 'deny email-not-listed'],
    [{ emails: ['*@example.com'] }, holder, 'challenge not-signed-in'],
  ];
  for (const [anyOf, subject, expected] of table) {
    const { outcome, reason } = evaluate(policyOf([[ALWAYS, admit(anyOf)]]), context(), subject);
    assert.equal(`${outcome} ${reason}`, expected, `${JSON.stringify(anyOf)} for a ${subject.kind}`);
  }
});

test('a guest or holder whom nothing could help is denied', () => {
  assert.equal(evaluate(policyOf([[ALWAYS, DENY]]), context(), holder).outcome, 'deny');
  assert.equal(evaluate(policyOf([[{ method: ['PUT'] }, admit('signed-in')]]), context(), guest).outcome, 'deny');
});

test('users, roles and groups are nobody to a guest and a holder', () => {
  const open: Written = [ALWAYS, BYPASS];
  for (const subject of [guest, holder]) {
    assert.equal(evaluate(policyOf([[{ role: ['a'] }, DENY], open]), context(), subject).reason, 'bypass');
    assert.equal(
      evaluate(policyOf([[{ not: { role: ['a'] } }, DENY], open]), context(), subject).reason,
      'not-signed-in',
    );
  }
});

test('a second factor that was given too long ago is asked for again', () => {
  const policy = policyOf([[ALWAYS, admit('signed-in', { maximumMfaAgeMs: 100 })]]);
  const withFactor: Subject = { ...user, mfa: true, authenticatedAtUnixMs: 0, mfaAtUnixMs: 900 };
  assert.equal(evaluate(policy, context('/', 1_000), withFactor).outcome, 'allow');
  assert.equal(evaluate(policy, context('/', 1_001), withFactor).reason, 'mfa-required');
  assert.equal(evaluate(policy, context('/', 1_000), { ...withFactor, mfa: false }).reason, 'mfa-required');
  const { mfaAtUnixMs: _, ...unsaid } = withFactor;
  assert.equal(evaluate(policy, context('/', 101), unsaid).reason, 'mfa-required');
});
