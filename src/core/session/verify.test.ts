import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import type { PortalClaims, ResourceClaims } from './claims.ts';
import {
  CLOCK_SKEW_MS,
  MAXIMUM_POP_PORTAL_LIFETIME_MS,
  MAXIMUM_SESSION_LIFETIME_MS,
  MAXIMUM_TOKEN_LENGTH,
} from './constants.ts';
import type { IssuerKey } from './keys.ts';
import { RevocationTable } from './revocation-table.ts';
import { sealToken } from './token.ts';
import { type Audience, issueSessionToken, SessionVerifier, verifySessionToken } from './verify.ts';

const crypto = new NodeSessionCrypto();
const NOW = 1_800_000_000_000;
const ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const PARENT = 'BBBBBBBBBBBBBBBBBBBBBB';

function node(id: string) {
  const { seed, publicKey } = crypto.generateKeyPair();
  const verifier = crypto.verifier(publicKey) ?? assert.fail('no key');
  return { key: { id, signer: crypto.signer(seed) }, verifier };
}

const control = node('control-1');
const pop = node('pop-1');

function world(mayIssue: IssuerKey['mayIssue'] = () => true) {
  const keys = new Map<string, IssuerKey>([
    ['control-1', { verifier: control.verifier, issuer: 'control', mayIssue: () => true }],
    ['pop-1', { verifier: pop.verifier, issuer: 'pop', mayIssue }],
  ]);
  const revocations = new RevocationTable();
  const circumstances = { keys: { keyOf: (id: string) => keys.get(id) }, revocations };
  return { keys, revocations, circumstances, verifier: new SessionVerifier(circumstances) };
}

const common = {
  id: ID,
  subject: { kind: 'user', userId: 'ann' } as const,
  epoch: 3,
  methods: ['password', 'mfa'],
  authenticatedAtUnixMs: NOW - 5_000,
  startedAtUnixMs: NOW - 4_000,
  issuedAtUnixMs: NOW - 1_000,
  expiresAtUnixMs: NOW + 3_600_000,
  idleExpiresAtUnixMs: NOW + 600_000,
};

function resource(changes: Partial<ResourceClaims> = {}): ResourceClaims {
  return { kind: 'resource', ...common, host: 'app.example.org', resourceId: 'res1', parentId: PARENT, ...changes };
}

const portal: PortalClaims = { kind: 'portal', ...common, host: 'login.example.org' };
const APP: Audience = { kind: 'resource', host: 'app.example.org', resourceId: 'res1' };
const PORTAL: Audience = { kind: 'portal', host: 'login.example.org' };

test('a session comes back as it was issued', () => {
  const { verifier } = world();
  const token = issueSessionToken(resource(), pop.key);
  assert.match(token, /^v1\.pop-1\.[\w-]+\.[\w-]{86}$/);
  assert.deepEqual(verifier.verify(token, APP, NOW), resource());
  assert.deepEqual(verifier.verify(issueSessionToken(portal, control.key), PORTAL, NOW), portal);
});

test('a session holds for what it was issued for and nothing else', () => {
  const table: [claims: ResourceClaims | PortalClaims, audience: Audience, reason: string][] = [
    [resource(), PORTAL, 'kind-wrong'],
    [portal, APP, 'kind-wrong'],
    [resource(), { ...APP, host: 'other.example.org' }, 'host-wrong'],
    [resource(), { kind: 'resource', host: 'app.example.org', resourceId: 'res2' }, 'resource-wrong'],
    [portal, { ...PORTAL, host: 'app.example.org' }, 'host-wrong'],
    [resource({ issuedAtUnixMs: NOW + CLOCK_SKEW_MS + 1 }), APP, 'issued-in-the-future'],
    [resource({ startedAtUnixMs: NOW + 1 }), APP, 'issued-in-the-future'],
    [resource({ expiresAtUnixMs: NOW }), APP, 'expired'],
    [resource({ idleExpiresAtUnixMs: NOW }), APP, 'idle-expired'],
    [resource({ expiresAtUnixMs: NOW + MAXIMUM_SESSION_LIFETIME_MS }), APP, 'lifetime-too-long'],
  ];
  for (const [claims, audience, reason] of table) {
    const { verifier } = world();
    assert.equal(verifier.verify(issueSessionToken(claims, control.key), audience, NOW), reason);
  }
});

test('a PoP issues only what it may, and never a portal session', () => {
  const onlyRes1 = world((claims) => claims.kind !== 'portal' && claims.resourceId === 'res1');
  assert.deepEqual(onlyRes1.verifier.verify(issueSessionToken(resource(), pop.key), APP, NOW), resource());
  const foreign = issueSessionToken(resource({ resourceId: 'res2' }), pop.key);
  const audience: Audience = { kind: 'resource', host: 'app.example.org', resourceId: 'res2' };
  assert.equal(onlyRes1.verifier.verify(foreign, audience, NOW), 'issuer-may-not');
  assert.equal(world().verifier.verify(issueSessionToken(portal, pop.key), PORTAL, NOW), 'issuer-may-not');
});

test('a PoP that judged a sign-in stands for it: where that is asked for, under its own name, for half a day, while its key holds', () => {
  const judged: PortalClaims = { ...portal, judgedBy: 'pop-1' };
  const also: Audience = { ...PORTAL, alsoOfPops: true };
  const table: [claims: PortalClaims, key: typeof pop, audience: Audience, reason: string | undefined][] = [
    [judged, pop, also, undefined],
    [judged, pop, PORTAL, 'issuer-may-not'],
    [portal, pop, also, 'issuer-may-not'],
    [{ ...portal, judgedBy: 'pop-2' }, pop, also, 'issuer-may-not'],
    [judged, control, also, 'issuer-may-not'],
    [portal, control, also, undefined],
    [{ ...judged, expiresAtUnixMs: NOW + MAXIMUM_POP_PORTAL_LIFETIME_MS }, pop, also, 'lifetime-too-long'],
  ];
  for (const [claims, node, audience, reason] of table) {
    const verified = world().verifier.verify(issueSessionToken(claims, node.key), audience, NOW);
    assert.deepEqual(verified, reason ?? claims);
  }
  const { verifier, revocations } = world();
  revocations.revoke({ kind: 'key', keyId: 'pop-1', atUnixMs: NOW });
  assert.equal(verifier.verify(issueSessionToken(judged, pop.key), also, NOW), 'key-revoked');
});

test('what another PoP made of a PoP-judged sign-in opens only what the judge serves, and ends with the judge', () => {
  const other = node('pop-2');
  const circle = world((claims) => claims.kind === 'portal' || claims.resourceId === 'res1');
  circle.keys.set('pop-2', { verifier: other.verifier, issuer: 'pop', mayIssue: () => true });
  const opened = (changes: Partial<ResourceClaims>) => {
    const claims = resource({ judgedBy: 'pop-1', ...changes });
    const audience: Audience = { kind: 'resource', host: claims.host, resourceId: claims.resourceId };
    const verified = circle.verifier.verify(issueSessionToken(claims, other.key), audience, NOW);
    return typeof verified === 'string' ? verified : 'opened';
  };
  assert.equal(opened({}), 'opened');
  assert.equal(opened({ resourceId: 'res2' }), 'issuer-may-not');
  assert.equal(opened({ judgedBy: 'control-1' }), 'issuer-may-not');
  circle.revocations.revoke({ kind: 'key', keyId: 'pop-1', atUnixMs: NOW });
  assert.equal(opened({}), 'key-revoked');
  const gone = world();
  gone.keys.set('pop-2', { verifier: other.verifier, issuer: 'pop', mayIssue: () => true });
  gone.keys.delete('pop-1');
  const claims = resource({ judgedBy: 'pop-1' });
  assert.equal(gone.verifier.verify(issueSessionToken(claims, other.key), APP, NOW), 'issuer-may-not');
});

test('texts that are no token', () => {
  const good = issueSessionToken(resource(), pop.key);
  const [, , payload = '', signature = ''] = good.split('.');
  const table: [token: string, reason: string][] = [
    ['', 'token-malformed'],
    ['v1', 'token-malformed'],
    ['v1.pop-1.', 'token-malformed'],
    [`v2.pop-1.${payload}.${signature}`, 'token-version-unknown'],
    [`v1.pop-9.${payload}.${signature}`, 'key-unknown'],
    [`v1.__proto__.${payload}.${signature}`, 'key-unknown'],
    [`v1.control-1.${payload}.${signature}`, 'signature-wrong'],
    [`${good}.`, 'token-malformed'],
    [`${good}=`, 'token-malformed'],
    [`${good} `, 'token-malformed'],
    [`v1.pop-1.${payload}.${signature.slice(2)}`, 'token-malformed'],
    [`v1.pop-1.${payload}.`, 'token-malformed'],
    [`v1.pop-1..${signature}`, 'signature-wrong'],
    ['x'.repeat(MAXIMUM_TOKEN_LENGTH + 1), 'token-too-long'],
    [sealToken('manis code v1', JSON.stringify({}), pop.key), 'signature-wrong'],
    [sealToken('manis session v1', '{}', pop.key), 'token-not-canonical'],
    [sealToken('manis session v1', 'null', pop.key), 'token-not-canonical'],
    [sealToken('manis session v1', '{', pop.key), 'token-not-canonical'],
  ];
  for (const [token, reason] of table)
    assert.equal(world().verifier.verify(token, APP, NOW), reason, token.slice(0, 40));
});

test('one value has one spelling: a signed payload in another form is refused', () => {
  const payload = Buffer.from(issueSessionToken(resource(), pop.key).split('.')[2] ?? '', 'base64url').toString();
  const json = JSON.parse(payload) as Record<string, unknown>;
  for (const other of [
    ` ${payload}`,
    JSON.stringify({ ...json, extra: 1 }),
    JSON.stringify(Object.fromEntries(Object.entries(json).reverse())),
    JSON.stringify({ ...json, ep: -1 }),
    JSON.stringify({ ...json, id: 'short' }),
    JSON.stringify({ ...json, amr: ['x', 7] }),
    JSON.stringify({ ...json, k: 'p' }),
    payload.replace('"res1"', '"\\u0072es1"'),
  ])
    assert.equal(
      world().verifier.verify(sealToken('manis session v1', other, pop.key), APP, NOW),
      'token-not-canonical',
    );
});

test('no change of a token leaves it valid, and none makes the verifier throw', () => {
  const good = issueSessionToken(resource(), pop.key);
  const { verifier } = world();
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.string({ maxLength: 3 }), fc.nat(3), (at, text, cut) => {
      const changed = good.slice(0, at) + text + good.slice(at + cut);
      if (changed !== good) assert.equal(typeof verifier.verify(changed, APP, NOW), 'string', changed);
    }),
    { numRuns: 400 },
  );
});

test('a remembered token is judged anew on every request', () => {
  const token = issueSessionToken(resource(), pop.key);
  let allowed = true;
  const { verifier, keys, revocations } = world(() => allowed);
  const ask = (nowUnixMs = NOW) => {
    const result = verifier.verify(token, APP, nowUnixMs);
    return typeof result === 'string' ? result : 'holds';
  };
  assert.equal(ask(), 'holds');
  assert.equal(verifier.cacheSize, 1);
  assert.equal(verifier.verify(token, { ...APP, host: 'x' }, NOW), 'host-wrong');
  allowed = false;
  assert.equal(ask(), 'issuer-may-not');
  allowed = true;
  assert.equal(ask(NOW + 600_000), 'idle-expired');
  assert.equal(ask(), 'holds');
  const held = keys.get('pop-1') ?? assert.fail();
  keys.delete('pop-1');
  assert.equal(ask(), 'key-unknown');
  keys.set('pop-1', { ...held, verifier: node('x').verifier });
  assert.equal(ask(), 'signature-wrong');
  keys.set('pop-1', held);
  assert.equal(ask(), 'holds');
  revocations.revoke({ kind: 'session', sessionId: ID, userId: 'ann', atUnixMs: NOW, expiresAtUnixMs: NOW + 1e6 });
  assert.equal(ask(), 'session-revoked');
});

test('the signature of a remembered token is not checked twice, and the memory is bounded', () => {
  let checks = 0;
  const { keys, circumstances } = world();
  const held = keys.get('pop-1') ?? assert.fail();
  const counting = {
    verify(message: Uint8Array, signature: Uint8Array) {
      checks++;
      return held.verifier.verify(message, signature);
    },
  };
  keys.set('pop-1', { ...held, verifier: counting });
  const verifier = new SessionVerifier(circumstances, 10);
  const token = issueSessionToken(resource(), pop.key);
  for (let i = 0; i < 5; i++) verifier.verify(token, APP, NOW);
  assert.equal(checks, 1);
  for (let i = 0; i < 50; i++) {
    verifier.verify(issueSessionToken(resource({ epoch: 100 + i }), pop.key), APP, NOW);
    verifier.verify(token, APP, NOW);
    assert.ok(verifier.cacheSize <= 10);
  }
  assert.equal(checks, 51, 'a token in use stays remembered');
});

test('guests, holders and what is known of a sign-in come back as they were issued, and never for the portal', () => {
  const subjects = [
    { kind: 'guest', email: 'guest@example.net' },
    { kind: 'holder', credentialId: 'crd1' },
  ] as const;
  for (const subject of subjects) {
    const claims = resource({
      subject,
      parentId: ID,
      via: { providerId: 'idp1', sid: 'x' },
      pathPrefix: '/docs',
      deviceKeyId: 'dev1',
    });
    assert.deepEqual(world().verifier.verify(issueSessionToken(claims, pop.key), APP, NOW), claims);
    const forged = issueSessionToken({ ...portal, subject } as unknown as PortalClaims, control.key);
    assert.equal(world().verifier.verify(forged, PORTAL, NOW), 'token-not-canonical');
  }
});

test('a credential that was changed ends the sessions of its holders alone', () => {
  const revocation = { kind: 'credential', credentialId: 'crd1', minimumVersion: 4, atUnixMs: NOW } as const;
  const table = [
    [{ subject: { kind: 'holder', credentialId: 'crd1' } }, 'credential-revoked'],
    [{ subject: { kind: 'holder', credentialId: 'crd1' }, epoch: 4 }, undefined],
    [{ subject: { kind: 'holder', credentialId: 'crd2' } }, undefined],
    [{ subject: { kind: 'user', userId: 'crd1' } }, undefined],
    [{ subject: { kind: 'guest', email: 'crd1' } }, undefined],
  ] as const;
  for (const [changes, reason] of table) {
    const { circumstances } = world();
    circumstances.revocations.revoke(revocation);
    const claims = resource(changes);
    const result = verifySessionToken(issueSessionToken(claims, pop.key), circumstances, APP, NOW);
    assert.deepEqual(result, reason ?? claims);
  }
});

test('every revocation that speaks against a session is named', () => {
  const table = [
    [{ kind: 'key', keyId: 'pop-1', atUnixMs: 1 }, 'key-revoked'],
    [{ kind: 'session', sessionId: ID, userId: 'ann', atUnixMs: NOW, expiresAtUnixMs: NOW }, 'session-revoked'],
    [{ kind: 'session', sessionId: PARENT, userId: 'ann', atUnixMs: NOW, expiresAtUnixMs: NOW }, 'parent-revoked'],
    [{ kind: 'user', userId: 'ann', minimumEpoch: 4, atUnixMs: NOW }, 'user-revoked'],
    [{ kind: 'user', userId: 'ann', minimumEpoch: 3, atUnixMs: NOW }, undefined],
    [{ kind: 'user', userId: 'bob', minimumEpoch: 9, atUnixMs: NOW }, undefined],
    [{ kind: 'resource', resourceId: 'res1', atUnixMs: common.startedAtUnixMs }, 'resource-revoked'],
    [{ kind: 'resource', resourceId: 'res1', atUnixMs: common.startedAtUnixMs - 1 }, undefined],
  ] as const;
  for (const [revocation, reason] of table) {
    const { circumstances } = world();
    circumstances.revocations.revoke(revocation);
    const result = verifySessionToken(issueSessionToken(resource(), pop.key), circumstances, APP, NOW);
    assert.deepEqual(result, reason ?? resource());
  }
});
