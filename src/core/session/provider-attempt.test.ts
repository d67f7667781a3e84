import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { ATTEMPT_LIFETIME_MS, MAXIMUM_PROVIDER_ATTEMPTS, MAXIMUM_PROVIDER_RETURN_LENGTH } from './constants.ts';
import { type ManisCookies, readManisCookies } from './cookies.ts';
import type { IssuerKey } from './keys.ts';
import { beginProviderAttempt, pkceChallenge, readProviderAttempt } from './provider-attempt.ts';
import { sealToken } from './token.ts';

const crypto = new NodeSessionCrypto();
const NOW = 1_800_000_000_000;
const NONE: ManisCookies = { attempts: new Map() };
const ASKED = { providerId: 'idp1', purpose: 'sign-in', returnTo: '/authorize?x=1', userId: '', fresh: false } as const;

const { seed, publicKey } = crypto.generateKeyPair();
const key = { id: 'pop-1', signer: crypto.signer(seed) };
const issuer: IssuerKey = {
  verifier: crypto.verifier(publicKey) ?? assert.fail(),
  issuer: 'pop',
  mayIssue: () => true,
};
const keys = { keyOf: (id: string) => (id === 'pop-1' ? issuer : undefined) };

function cookiesOf(setCookies: readonly string[]): ManisCookies {
  const kept = setCookies.filter((line) => !line.includes('Max-Age=0')).map((line) => line.split(';')[0]);
  const read = readManisCookies(kept.join('; '));
  return typeof read === 'string' ? assert.fail(read) : read;
}

const begin = (asked: Partial<Parameters<typeof beginProviderAttempt>[2]> = {}, cookies = NONE) =>
  beginProviderAttempt(crypto, key, { ...ASKED, ...asked }, cookies, NOW);

test('an attempt comes back to the browser that began it, on whichever PoP', () => {
  const { attempt, setCookies } = begin();
  const cookies = cookiesOf(setCookies);
  assert.deepEqual(readProviderAttempt(cookies, attempt.id, 'idp1', keys, NOW + 1_000), attempt);
  assert.match(
    setCookies[0] ?? '',
    /^__Host-manis_provider_[\w-]{22}=.*; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=900$/,
  );
  assert.equal(pkceChallenge(crypto, attempt).length, 43);
  assert.notEqual(attempt.nonce, attempt.verifier);
});

test('an answer that belongs to no attempt of this browser is refused', () => {
  const { attempt, setCookies } = begin();
  const cookies = cookiesOf(setCookies);
  const other = begin().attempt;
  const swapped = { attempts: new Map(), providers: new Map([[other.id, cookies.providers?.get(attempt.id) ?? '']]) };
  const forged = (payload: string) => ({
    attempts: new Map(),
    providers: new Map([[attempt.id, sealToken('manis provider attempt v1', payload, key)]]),
  });
  const table: [cookies: ManisCookies, state: string, provider: string, now: number, reason: string][] = [
    [NONE, attempt.id, 'idp1', NOW, 'attempt-missing'],
    [cookies, other.id, 'idp1', NOW, 'attempt-missing'],
    [cookies, '', 'idp1', NOW, 'attempt-missing'],
    [swapped, other.id, 'idp1', NOW, 'state-wrong'],
    [cookies, attempt.id, 'idp2', NOW, 'provider-wrong'],
    [cookies, attempt.id, 'idp1', NOW + ATTEMPT_LIFETIME_MS + 1, 'attempt-expired'],
    [cookies, attempt.id, 'idp1', NOW - 61_000, 'attempt-expired'],
    [forged('{}'), attempt.id, 'idp1', NOW, 'token-not-canonical'],
    [forged('[1,2]'), attempt.id, 'idp1', NOW, 'token-not-canonical'],
    [forged('['), attempt.id, 'idp1', NOW, 'token-not-canonical'],
  ];
  for (const [given, state, provider, now, reason] of table)
    assert.equal(readProviderAttempt(given, state, provider, keys, now), reason);
  const stranger = { keyOf: () => undefined };
  assert.equal(readProviderAttempt(cookies, attempt.id, 'idp1', stranger, NOW), 'key-unknown');
});

test('it leads nowhere but to a page of the portal, and no cookie grows too large', () => {
  for (const returnTo of ['//evil.example', 'https://evil.example', `/${'x'.repeat(MAXIMUM_PROVIDER_RETURN_LENGTH)}`])
    assert.equal(begin({ returnTo }).attempt.returnTo, '/');
  const longest = begin({ returnTo: `/${'"'.repeat(MAXIMUM_PROVIDER_RETURN_LENGTH - 1)}`, providerId: 'i'.repeat(64) });
  assert.equal(longest.attempt.returnTo, '/');
  const usual = begin({ returnTo: `/${'x'.repeat(MAXIMUM_PROVIDER_RETURN_LENGTH - 1)}` });
  assert.ok(usual.setCookies.every((cookie) => cookie.length < 4096));
});

test('a browser has a few attempts open at most', () => {
  let cookies = NONE;
  for (let count = 0; count < MAXIMUM_PROVIDER_ATTEMPTS; count++) {
    const { attempt, setCookies } = begin({}, cookies);
    assert.equal(setCookies.length, 1);
    const value = cookiesOf(setCookies).providers?.get(attempt.id) ?? '';
    cookies = { attempts: new Map(), providers: new Map([...(cookies.providers ?? []), [attempt.id, value]]) };
  }
  const { setCookies } = begin({}, cookies);
  assert.equal(setCookies.filter((line) => line.includes('Max-Age=0')).length, MAXIMUM_PROVIDER_ATTEMPTS);
});
