// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIpAddress } from '../../../base/index.ts';
import {
  type Condition,
  compile,
  evaluate,
  type Policy,
  parsePolicy,
  plainContext,
  recentSignInOf,
  type Subject,
} from '../index.ts';

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;

function subject(userId: string, hoursAgo: number, changes: Partial<Subject> = {}): Subject {
  const at = NOW - hoursAgo * HOUR;
  const email = `${userId}@example.com`;
  return {
    kind: 'user',
    userId,
    email,
    roles: [],
    groups: [],
    methods: [],
    mfa: false,
    authenticatedAtUnixMs: at,
    ...changes,
  };
}

const policyOf = (when: unknown, then: unknown = { kind: 'bypass' }): unknown => ({
  rules: [{ id: 'one', name: 'One', when, then }],
});

function context(recentSignIns: readonly Subject[] | undefined) {
  const target = { path: '/', query: '', plainPath: '/', plainPathWithoutParameters: '/' };
  return plainContext({
    clientAddress: parseIpAddress('192.0.2.1'),
    target,
    method: '',
    nowUnixMs: NOW,
    isStream: true,
    ...(recentSignIns && { recentSignIns }),
  });
}

function compiled(policy: Policy) {
  return compile({ resource: policy, version: '1.1' });
}

function parsed(json: unknown): Policy {
  const read = parsePolicy(json, 'stream');
  assert.ok(read.ok, JSON.stringify(read));
  return read.policy;
}

const ANN = subject('ann', 2, { roles: ['dba'], groups: ['night'] });
const cases: [name: string, when: unknown, signIns: readonly Subject[] | undefined, outcome: string][] = [
  ['nobody', { recentSignIn: { withinMs: 8 * HOUR } }, [], 'deny no-rule-matched'],
  ['somebody, lately', { recentSignIn: { withinMs: 8 * HOUR } }, [ANN], 'allow bypass'],
  ['somebody, at the last moment', { recentSignIn: { withinMs: 2 * HOUR } }, [ANN], 'allow bypass'],
  ['somebody, too long ago', { recentSignIn: { withinMs: HOUR } }, [ANN], 'deny no-rule-matched'],
  ['who is not known', { recentSignIn: { withinMs: HOUR } }, undefined, 'deny no-rule-matched'],
  ['not: who is not known', { not: { recentSignIn: { withinMs: HOUR } } }, undefined, 'deny no-rule-matched'],
  ['one of a role', { recentSignIn: { withinMs: 8 * HOUR, roles: ['dba'] } }, [ANN], 'allow bypass'],
  ['one of another role', { recentSignIn: { withinMs: 8 * HOUR, roles: ['web'] } }, [ANN], 'deny no-rule-matched'],
  [
    'the second of two',
    { recentSignIn: { withinMs: 8 * HOUR, users: ['bob'] } },
    [ANN, subject('bob', 3)],
    'allow bypass',
  ],
];
for (const [name, when, signIns, outcome] of cases) {
  test(`${name} signed in from the address: ${outcome}`, () => {
    const decision = evaluate(compiled(parsed(policyOf(when))), context(signIns), undefined);
    assert.equal(`${decision.outcome} ${decision.reason}`, outcome);
  });
}

test('whose sign-in it was that a connection was admitted for is told, and nobody where it was not asked', () => {
  const when = { all: [{ ip: ['192.0.2.0/24'] }, { recentSignIn: { withinMs: 8 * HOUR, users: ['bob'] } }] };
  const policy = parsed(policyOf(when));
  assert.equal(recentSignInOf(policy, 'one', context([ANN, subject('bob', 3)]))?.userId, 'bob');
  assert.equal(recentSignInOf(parsed(policyOf({ ip: ['192.0.2.0/24'] })), 'one', context([ANN])), undefined);
  assert.equal(recentSignInOf(policy, undefined, context([ANN])), undefined);
});

const ofRequests: unknown[] = [
  { path: { prefix: '/admin' } },
  { method: ['GET'] },
  { header: { name: 'x-secret' } },
  { device: { kind: ['phone'] } },
  { certificate: true },
];
for (const leaf of ofRequests) {
  const name = Object.keys(leaf as object)[0];
  test(`a condition on ${name} is refused for connections, with its place`, () => {
    const read = parsePolicy(policyOf({ any: [{ ip: ['10.0.0.0/8'] }, { not: leaf }] }), 'stream');
    assert.ok(!read.ok);
    assert.deepEqual(
      read.problems.map(({ path }) => path),
      [`rules[0].when.any[1].not.${name}`],
    );
    assert.match(read.problems[0]?.expected ?? '', /TCP, UDP/);
  });

  test(`an organisation's rule about ${name} denies connections, since it can neither apply nor not apply`, () => {
    for (const when of [leaf, { not: leaf }] as Condition[]) {
      const organisation = parsePolicy(policyOf(when, { kind: 'deny' }), 'organisation');
      assert.ok(organisation.ok);
      const policy = compile({ resource: organisation.policy, version: '1.1' });
      assert.equal(evaluate(policy, context([]), undefined).reason, 'rule-denied-unknown');
    }
  });
}

test('who signed in from an address is asked of connections alone, and not farther back than is kept', () => {
  const policy = policyOf({ recentSignIn: { withinMs: HOUR } });
  for (const scope of ['resource', 'organisation'] as const) {
    const read = parsePolicy(policy, scope);
    assert.ok(!read.ok);
    assert.match(read.problems[0]?.expected ?? '', /tcp, udp and tls/);
  }
  const wrong = [{}, { withinMs: 0 }, { withinMs: 73 * HOUR }, { withinMs: HOUR, credentials: ['pin'] }, 5];
  for (const config of wrong) assert.equal(parsePolicy(policyOf({ recentSignIn: config }), 'stream').ok, false);
});
