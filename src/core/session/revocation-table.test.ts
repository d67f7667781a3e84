import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ResourceClaims } from './claims.ts';
import { MAXIMUM_SESSION_LIFETIME_MS } from './constants.ts';
import { type Revocation, RevocationTable } from './revocation-table.ts';

const claimsOf = (changes: Partial<ResourceClaims>): ResourceClaims => ({
  kind: 'resource',
  id: 's1',
  parentId: 'p1',
  subject: { kind: 'user', userId: 'ann' },
  epoch: 1,
  methods: [],
  authenticatedAtUnixMs: 0,
  startedAtUnixMs: 1_000,
  issuedAtUnixMs: 1_000,
  expiresAtUnixMs: 1e9,
  idleExpiresAtUnixMs: 1e9,
  host: 'h',
  resourceId: 'r1',
  ...changes,
});

const session = (sessionId: string, atUnixMs = 5_000, expiresAtUnixMs = 1e9): Revocation => ({
  kind: 'session',
  sessionId,
  userId: 'ann',
  atUnixMs,
  expiresAtUnixMs,
});

test('the position moves one by one; what comes out of order holds all the same', () => {
  const table = new RevocationTable();
  const at = (sequence: number, epoch = 0) => ({ epoch, sequence });
  assert.equal(table.apply(at(1), session('a')), 'applied');
  assert.equal(table.apply(at(1), session('a')), 'duplicate');
  assert.equal(table.apply(at(3), session('c')), 'gap');
  assert.deepEqual(table.position, at(1));
  assert.equal(table.reasonAgainst(claimsOf({ id: 'c' }), 'k'), 'session-revoked');
  assert.equal(table.apply(at(2), session('b')), 'applied');
  assert.equal(table.apply(at(3), session('c')), 'applied');
  assert.equal(table.apply(at(1, 1), session('d')), 'epoch-new');
  assert.deepEqual(table.position, at(3));
  assert.equal(table.reasonAgainst(claimsOf({ id: 'd' }), 'k'), 'session-revoked');
  table.merge({ position: at(1, 1), revocations: [session('d')], folded: [] });
  assert.deepEqual(table.position, at(1, 1));
  assert.equal(table.apply(at(9, 0), session('e')), 'epoch-old');
  table.merge({ position: at(7, 0), revocations: [], folded: [] });
  assert.deepEqual(table.position, at(1, 1), 'an older state does not move the position back');
  for (const id of ['a', 'b', 'c', 'd', 'e'])
    assert.equal(table.reasonAgainst(claimsOf({ id }), 'k'), 'session-revoked');
});

test('beyond its capacity a revocation counts for the whole user, up to that time', () => {
  const table = new RevocationTable(2);
  table.revoke(session('a'));
  table.revoke(session('b'));
  table.revoke(session('c', 5_000));
  assert.equal(table.sessionCount, 2);
  assert.equal(table.reasonAgainst(claimsOf({ id: 'c' }), 'k'), 'user-revoked');
  assert.equal(table.reasonAgainst(claimsOf({ id: 'other', startedAtUnixMs: 5_000 }), 'k'), 'user-revoked');
  assert.equal(table.reasonAgainst(claimsOf({ id: 'later', startedAtUnixMs: 5_001 }), 'k'), undefined);
  assert.equal(table.reasonAgainst(claimsOf({ id: 'x', subject: { kind: 'user', userId: 'bob' } }), 'k'), undefined);
  const copy = new RevocationTable(2);
  copy.merge(JSON.parse(JSON.stringify(table.state())));
  assert.equal(copy.reasonAgainst(claimsOf({ id: 'c' }), 'k'), 'user-revoked');
});

test('what has ended by itself is forgotten, a revoked key never', () => {
  const table = new RevocationTable();
  table.revoke(session('a', 0, 10_000));
  table.revoke({ kind: 'user', userId: 'ann', minimumEpoch: 9, atUnixMs: 0 });
  table.revoke({ kind: 'resource', resourceId: 'r1', atUnixMs: 0 });
  table.revoke({ kind: 'key', keyId: 'k', atUnixMs: 0 });
  table.purge(10_000);
  assert.equal(table.sessionCount, 1);
  table.purge(10_001);
  assert.equal(table.sessionCount, 0);
  assert.equal(table.state().revocations.length, 3);
  table.purge(MAXIMUM_SESSION_LIFETIME_MS + 1);
  assert.deepEqual(table.state().revocations, [{ kind: 'key', keyId: 'k', atUnixMs: 0 }]);
});

test('a sign-out at a provider ends what came of that session there, or what the user had proved there before', () => {
  const claims = claimsOf({ via: { providerId: 'okta', sid: 'one' }, authenticatedAtUnixMs: 1_000 });
  const out = { kind: 'provider', providerId: 'okta', atUnixMs: 500 } as const;
  const table: [revocations: Revocation[], ended: boolean][] = [
    [[{ ...out, sid: 'one' }], true],
    [[{ ...out, sid: 'two', atUnixMs: 2_000 }], false],
    [[{ ...out, providerId: 'google', sid: 'one' }], false],
    [[{ ...out, userId: 'ann' }], false],
    [[{ ...out, userId: 'ann', atUnixMs: 1_000 }], true],
    [[{ ...out, userId: 'bob', atUnixMs: 1_000 }], false],
    [[{ ...out, atUnixMs: 1_000 }], true],
    [[{ ...out, sid: 'two', userId: 'ann', atUnixMs: 2_000 }], false],
  ];
  for (const [revocations, ended] of table) {
    const told = new RevocationTable();
    for (const revocation of revocations) told.revoke(revocation);
    const restored = new RevocationTable();
    restored.merge(JSON.parse(JSON.stringify(told.state())));
    const expected = ended ? 'provider-signed-out' : undefined;
    assert.equal(restored.reasonAgainst(claims, 'k'), expected, JSON.stringify(revocations));
    assert.equal(restored.reasonAgainst(claimsOf({}), 'k'), undefined, 'a session that came another way');
  }
});

test('revocations are monotonic: in any order, any number of times, through any state, nothing comes back', () => {
  const id = fc.constantFrom('s1', 's2', 'p1');
  const atUnixMs = fc.nat(3_000);
  const revocation: fc.Arbitrary<Revocation> = fc.oneof(
    id.map((text) => session(text)),
    fc.record({
      kind: fc.constant('user' as const),
      userId: fc.constantFrom('ann', 'bob'),
      minimumEpoch: fc.nat(3),
      atUnixMs,
    }),
    fc.record({ kind: fc.constant('resource' as const), resourceId: fc.constantFrom('r1', 'r2'), atUnixMs }),
    fc.record(
      {
        kind: fc.constant('provider' as const),
        providerId: fc.constant('p'),
        sid: fc.constantFrom('a', 'b'),
        atUnixMs,
      },
      { requiredKeys: ['kind', 'providerId', 'atUnixMs'] },
    ),
    fc.record({ kind: fc.constant('key' as const), keyId: fc.constantFrom('k', 'l'), atUnixMs }),
  );
  const via = fc.constantFrom({ providerId: 'p' }, { providerId: 'p', sid: 'a' });
  const claims = fc.record({ id, via, epoch: fc.nat(3), startedAtUnixMs: fc.nat(3_000) }).map(claimsOf);
  fc.assert(
    fc.property(fc.array(revocation, { maxLength: 8 }), claims, fc.nat(8), fc.nat(3), (list, one, split, capacity) => {
      const table = new RevocationTable(capacity);
      let wasRevoked = false;
      for (const entry of list) {
        table.revoke(entry);
        const isRevoked = table.reasonAgainst(one, 'k') !== undefined;
        assert.ok(isRevoked || !wasRevoked, 'a revoked session came back');
        wasRevoked = isRevoked;
      }
      const first = new RevocationTable(capacity);
      for (const entry of list.slice(0, split)) first.revoke(entry);
      const second = new RevocationTable(capacity);
      for (const entry of list.slice(split).reverse()) second.revoke(entry);
      second.merge(first.state());
      second.merge(first.state());
      if (wasRevoked && capacity === 3 && table.state().folded.length === 0)
        assert.notEqual(second.reasonAgainst(one, 'k'), undefined);
    }),
    { numRuns: 1_000 },
  );
});
