import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { issueCode, redeemCode } from './code.ts';
import { MAXIMUM_POP_PORTAL_LIFETIME_MS } from './constants.ts';
import { readManisCookies } from './cookies.ts';
import type { IssuerKey } from './keys.ts';
import { issuePopPortalSession, mayOpen } from './pop-portal.ts';
import { RevocationTable } from './revocation-table.ts';
import { beginSignIn, readAuthorizeRequest } from './sign-in.ts';
import { verifySessionToken } from './verify.ts';

const crypto = new NodeSessionCrypto();
const NOW = 1_800_000_000_000;
const LIFETIMES = { absoluteMs: 30 * 86_400_000, idleMs: 600_000 };
const APP = 'app.example.org';
const PORTAL = 'login.example.org';

function node(id: string, mayIssue: IssuerKey['mayIssue']) {
  const { seed, publicKey } = crypto.generateKeyPair();
  const verifier = crypto.verifier(publicKey) ?? assert.fail('no key');
  const issuer: IssuerKey = { verifier, issuer: 'pop', mayIssue };
  return { key: { id, signer: crypto.signer(seed) }, issuer };
}

const judge = node('judge', (claims) => claims.kind === 'portal' || claims.resourceId === 'res1');
const other = node('other', () => true);

function world(...gone: readonly string[]) {
  const keys = new Map([
    ['judge', judge.issuer],
    ['other', other.issuer],
  ]);
  for (const id of gone) keys.delete(id);
  const revocations = new RevocationTable();
  return { keys: { keyOf: (id: string) => keys.get(id) }, revocations };
}

const SIGN_IN = {
  userId: 'ann',
  methods: ['oidc'],
  authenticatedAtUnixMs: NOW - 1_000,
  via: { providerId: 'okta', sid: 'one' },
};
const judged = (revocations = new RevocationTable()) =>
  issuePopPortalSession(crypto, judge.key, SIGN_IN, { host: PORTAL, lifetimes: LIFETIMES, revocations }, NOW);

/** A code that another PoP makes of the session, redeemed there. */
function redeemed(resourceId: string, circumstances: ReturnType<typeof world>) {
  const attempt = beginSignIn(crypto, {
    portalOrigin: `https://${PORTAL}`,
    resourceId,
    host: APP,
    returnTo: '/',
    cookies: { attempts: new Map() },
  });
  const asked = readAuthorizeRequest(new URL(attempt.location).search);
  const cookies = readManisCookies(attempt.setCookies.map((cookie) => cookie.split(';')[0]).join('; '));
  if (typeof asked === 'string' || typeof cookies === 'string')
    return assert.fail('the attempt is not as it should be');
  const audience = { resourceId, host: APP };
  const code = issueCode(crypto, other.key, judged().claims, asked, audience, NOW);
  return redeemCode(crypto, code, cookies, audience, LIFETIMES, circumstances, NOW);
}

test('a session that a PoP judged ends after the idle time, and says who vouched', () => {
  const { token, claims } = judged();
  assert.equal(claims.idleExpiresAtUnixMs, NOW + LIFETIMES.idleMs);
  assert.equal(claims.expiresAtUnixMs, NOW + MAXIMUM_POP_PORTAL_LIFETIME_MS);
  assert.deepEqual(claims.via, SIGN_IN.via);
  const audience = { kind: 'portal', host: PORTAL, alsoOfPops: true } as const;
  assert.deepEqual(verifySessionToken(token, world(), audience, NOW), claims);
  assert.equal(verifySessionToken(token, world(), { kind: 'portal', host: PORTAL }, NOW), 'issuer-may-not');
});

test('a code made of it elsewhere opens what the judge serves, and says who judged', () => {
  const opened = redeemed('res1', world());
  assert.ok(typeof opened !== 'string', String(opened));
  assert.equal(opened.claims.judgedBy, 'judge');
  assert.deepEqual(opened.claims.via, SIGN_IN.via);
  assert.equal(redeemed('res2', world()), 'issuer-may-not');
  assert.equal(redeemed('res1', world('judge')), 'issuer-may-not');
  assert.equal(mayOpen(world().keys, judged().claims, 'res1'), true);
  assert.equal(mayOpen(world().keys, judged().claims, 'res2'), false);
});

test('whatever ended the sessions of the user before ends it, too, where it is heard of only later', () => {
  const known = new RevocationTable();
  known.revoke({ kind: 'user', userId: 'ann', minimumEpoch: 3, atUnixMs: NOW });
  assert.equal(judged(known).claims.epoch, 3);
  const late = judged().claims;
  assert.equal(known.reasonAgainst(late, 'judge'), 'user-revoked');
  assert.equal(known.reasonAgainst(judged(known).claims, 'judge'), undefined);
  known.revoke({ kind: 'provider', providerId: 'okta', sid: 'one', atUnixMs: NOW });
  assert.equal(known.reasonAgainst(judged(known).claims, 'judge'), 'provider-signed-out');
});
