import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PortalClaims, ResourceClaims } from './claims.ts';
import { MAXIMUM_SESSION_LIFETIME_MS } from './constants.ts';
import { endOf, renewedClaims, signOut } from './renewal.ts';

const MINUTE = 60_000;
const LIFETIMES = { absoluteMs: 480 * MINUTE, idleMs: 60 * MINUTE };

const claims: ResourceClaims = {
  kind: 'resource',
  id: 'id',
  parentId: 'parent',
  subject: { kind: 'user', userId: 'ann' },
  epoch: 1,
  methods: [],
  authenticatedAtUnixMs: 0,
  startedAtUnixMs: 0,
  issuedAtUnixMs: 0,
  expiresAtUnixMs: 480 * MINUTE,
  idleExpiresAtUnixMs: 60 * MINUTE,
  host: 'h',
  resourceId: 'r',
};

test('a token is renewed after a quarter of the idle time, never beyond the end of the session', () => {
  assert.equal(renewedClaims(claims, LIFETIMES, 15 * MINUTE - 1), undefined);
  assert.deepEqual(renewedClaims(claims, LIFETIMES, 15 * MINUTE), {
    ...claims,
    issuedAtUnixMs: 15 * MINUTE,
    idleExpiresAtUnixMs: 75 * MINUTE,
  });
  const late = { ...claims, issuedAtUnixMs: 400 * MINUTE, idleExpiresAtUnixMs: 460 * MINUTE };
  assert.equal(renewedClaims(late, LIFETIMES, 450 * MINUTE)?.idleExpiresAtUnixMs, 480 * MINUTE);
  const last = { ...claims, issuedAtUnixMs: 450 * MINUTE, idleExpiresAtUnixMs: 480 * MINUTE };
  assert.equal(renewedClaims(last, LIFETIMES, 475 * MINUTE), undefined, 'there is nothing left to add');
});

test('shorter lifetimes hold from the next request on', () => {
  const short = { absoluteMs: 30 * MINUTE, idleMs: 5 * MINUTE };
  const renewed = renewedClaims(claims, short, MINUTE);
  assert.deepEqual([renewed?.expiresAtUnixMs, renewed?.idleExpiresAtUnixMs], [30 * MINUTE, 6 * MINUTE]);
  assert.equal(renewedClaims(claims, { absoluteMs: MINUTE, idleMs: MINUTE }, 2 * MINUTE), undefined, 'over already');
});

test('a session can be kept alive until its end and no longer', () => {
  let current = claims;
  for (let now = 0; now < 1_000 * MINUTE && now < current.idleExpiresAtUnixMs; now += 10 * MINUTE)
    current = renewedClaims(current, LIFETIMES, now) ?? current;
  assert.equal(current.idleExpiresAtUnixMs, claims.expiresAtUnixMs);
  assert.equal(current.id, claims.id);
  assert.equal(current.startedAtUnixMs, 0);
});

test('no lifetime is longer than the longest', () => {
  const endless = { absoluteMs: Number.MAX_SAFE_INTEGER, idleMs: 1 };
  assert.equal(endOf(5, endless, Number.MAX_SAFE_INTEGER), 5 + MAXIMUM_SESSION_LIFETIME_MS);
});

test('signing out here ends this session, everywhere the portal session too', () => {
  const base = { kind: 'session', userId: 'ann', atUnixMs: 7 };
  const here = { ...base, sessionId: 'id', expiresAtUnixMs: claims.expiresAtUnixMs };
  assert.deepEqual(signOut(claims, 'here', 7), [here]);
  const parent = { ...base, sessionId: 'parent', expiresAtUnixMs: 7 + MAXIMUM_SESSION_LIFETIME_MS };
  assert.deepEqual(signOut(claims, 'everywhere', 7), [here, parent]);
  const { resourceId: _resource, parentId: _parent, ...common } = claims;
  const portal: PortalClaims = { ...common, kind: 'portal', subject: { kind: 'user', userId: 'ann' } };
  assert.deepEqual(signOut(portal, 'everywhere', 7), [here]);
  const alone: ResourceClaims = { ...claims, parentId: 'id', subject: { kind: 'holder', credentialId: 'crd' } };
  assert.deepEqual(signOut(alone, 'everywhere', 7), [{ ...here, userId: 'credential:crd' }], 'it has no other session');
});
