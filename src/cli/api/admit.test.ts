// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePolicy } from '../../core/policy/index.ts';
import { admitting } from './admit.ts';

const rule = (id: string, anyOf: unknown) => ({
  ...{ id, name: id, enabled: true, when: { all: [] } },
  then: { kind: 'authenticate', anyOf },
});
const deny = { id: 'no', name: 'no', enabled: true, when: { all: [] }, then: { kind: 'deny' } };

test('a rule admits a kind of credential beside whom it admitted before', () => {
  const table = [
    [[rule('a', 'signed-in')], { signedIn: true, credentials: ['share-link'] }],
    [[deny, rule('a', { roles: ['staff'] })], { roles: ['staff'], credentials: ['share-link'] }],
    [[rule('a', { credentials: ['pin'] })], { credentials: ['pin', 'share-link'] }],
    [[rule('a', { credentials: ['share-link'] })], { credentials: ['share-link'] }],
    [[], { credentials: ['share-link'] }],
  ] as const;
  for (const [rules, expected] of table) {
    const policy = admitting({ rules }, 'share-link');
    assert.deepEqual(policy.rules.at(-1)?.then?.anyOf, expected);
    assert.ok(parsePolicy(policy).ok, JSON.stringify(policy));
  }
});

test('where several rules ask for a sign-in, one has to be named', () => {
  const policy = { rules: [rule('a', 'signed-in'), rule('b', 'signed-in')] };
  assert.throws(() => admitting(policy, 'pin'), /--rule which rule.*: a, b/);
  assert.throws(() => admitting(policy, 'pin', 'c'), /--rule/);
  assert.throws(() => admitting({ rules: [deny] }, 'pin'), /none/);
  const { rules } = admitting(policy, 'pin', 'b');
  assert.deepEqual(
    rules.map(({ then }) => then?.anyOf),
    ['signed-in', { signedIn: true, credentials: ['pin'] }],
  );
});
