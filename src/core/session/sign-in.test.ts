import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import type { PortalClaims } from './claims.ts';
import { callbackLocation, issueCode, newId, redeemCode, sessionIdOfCode } from './code.ts';
import { CLOCK_SKEW_MS, CODE_LIFETIME_MS, MAXIMUM_ATTEMPTS } from './constants.ts';
import { type ManisCookies, readManisCookies } from './cookies.ts';
import type { IssuerKey } from './keys.ts';
import { readQuery, writeQuery } from './query.ts';
import { isReturnTarget, returnTargetOrRoot } from './return-target.ts';
import { RevocationTable } from './revocation-table.ts';
import { type AuthorizeRequest, beginSignIn, readAuthorizeRequest } from './sign-in.ts';

const crypto = new NodeSessionCrypto();
const NOW = 1_800_000_000_000;
const LIFETIMES = { absoluteMs: 8 * 3_600_000, idleMs: 3_600_000 };
const APP = { resourceId: 'res1', host: 'app.example.org' };
const NO_COOKIES: ManisCookies = { attempts: new Map() };

const pair = crypto.generateKeyPair();
const signer = { id: 'control-1', signer: crypto.signer(pair.seed) };
const verifier = crypto.verifier(pair.publicKey) ?? assert.fail();

function world(mayIssue: IssuerKey['mayIssue'] = () => true) {
  const key: IssuerKey = { verifier, issuer: 'control', mayIssue };
  return {
    keys: { keyOf: (id: string) => (id === 'control-1' ? key : undefined) },
    revocations: new RevocationTable(),
  };
}

const portal: PortalClaims = {
  kind: 'portal',
  id: newId(crypto),
  subject: { kind: 'user', userId: 'ann' },
  epoch: 2,
  methods: ['passkey', 'mfa'],
  authenticatedAtUnixMs: NOW - 60_000,
  startedAtUnixMs: NOW - 60_000,
  issuedAtUnixMs: NOW - 60_000,
  expiresAtUnixMs: NOW + 4 * 3_600_000,
  idleExpiresAtUnixMs: NOW + 3_600_000,
  host: 'login.example.org',
};

/** What a browser brings along after an attempt: the Cookie field of the Set-Cookie values. */
function cookiesAfter(setCookies: readonly string[]): ManisCookies {
  const cookies = readManisCookies(setCookies.map((value) => value.split(';')[0]).join('; '));
  return typeof cookies === 'string' ? assert.fail(cookies) : cookies;
}

function attempt(returnTo = '/start?x=1&y=2') {
  const begun = beginSignIn(crypto, {
    portalOrigin: 'https://login.example.org:8443',
    resourceId: 'res1',
    host: 'app.example.org',
    returnTo,
    cookies: NO_COOKIES,
  });
  const request = readAuthorizeRequest(begun.location.slice(begun.location.indexOf('?')));
  return {
    begun,
    request: typeof request === 'string' ? assert.fail(request) : request,
    cookies: cookiesAfter(begun.setCookies),
  };
}

function codeFor(request: AuthorizeRequest, nowUnixMs = NOW): string {
  return issueCode(crypto, signer, portal, request, APP, nowUnixMs);
}

test('the whole way: attempt, authorisation, code, session', () => {
  const { begun, request, cookies } = attempt();
  assert.ok(
    begun.location.startsWith('https://login.example.org:8443/authorize?resource=res1&host=app.example.org&challenge='),
  );
  assert.match(
    begun.setCookies[0] ?? '',
    /^__Host-manis_attempt_[\w-]{16}=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=900$/,
  );
  const code = codeFor(request);
  assert.match(
    callbackLocation('https://app.example.org', code),
    /^https:\/\/app\.example\.org\/\.manis\/callback\?code=v1\.control-1\./,
  );
  const redeemed = redeemCode(crypto, code, cookies, APP, LIFETIMES, world(), NOW + 900);
  assert.ok(typeof redeemed !== 'string', String(redeemed));
  assert.equal(redeemed.returnTo, '/start?x=1&y=2');
  assert.match(redeemed.removeAttempt, /^__Host-manis_attempt_[\w-]{16}=; .*Max-Age=0$/);
  const { claims } = redeemed;
  assert.deepEqual(
    { ...claims, id: undefined },
    {
      kind: 'resource',
      id: undefined,
      subject: { kind: 'user', userId: 'ann' },
      epoch: 2,
      methods: ['passkey', 'mfa'],
      authenticatedAtUnixMs: NOW - 60_000,
      startedAtUnixMs: NOW,
      issuedAtUnixMs: NOW + 900,
      expiresAtUnixMs: portal.expiresAtUnixMs,
      idleExpiresAtUnixMs: NOW + 900 + LIFETIMES.idleMs,
      host: 'app.example.org',
      resourceId: 'res1',
      parentId: portal.id,
    },
  );
});

test('the verifier is not in what the portal or a bystander sees', () => {
  const { begun, cookies, request } = attempt();
  const [text = ''] = [...cookies.attempts.values()];
  assert.equal(begun.location.includes(text), false);
  assert.equal(
    Buffer.from(codeFor(request).split('.')[2] ?? '', 'base64url')
      .toString()
      .includes(text),
    false,
  );
});

test('a code is of use to nobody else, nowhere else and never later', () => {
  const { request, cookies } = attempt();
  const code = codeFor(request);
  const stranger = attempt().cookies;
  const forged: ManisCookies = { attempts: new Map([[request.challenge.slice(0, 16), 'x'.repeat(43)]]) };
  const empty: ManisCookies = { attempts: new Map([[request.challenge.slice(0, 16), 'short']]) };
  const table: [outcome: unknown, reason: string][] = [
    [redeemCode(crypto, code, NO_COOKIES, APP, LIFETIMES, world(), NOW), 'attempt-missing'],
    [redeemCode(crypto, code, stranger, APP, LIFETIMES, world(), NOW), 'attempt-missing'],
    [redeemCode(crypto, code, forged, APP, LIFETIMES, world(), NOW), 'verifier-wrong'],
    [redeemCode(crypto, code, empty, APP, LIFETIMES, world(), NOW), 'verifier-malformed'],
    [redeemCode(crypto, code, cookies, { ...APP, host: 'evil.example.org' }, LIFETIMES, world(), NOW), 'host-wrong'],
    [redeemCode(crypto, code, cookies, { ...APP, resourceId: 'res2' }, LIFETIMES, world(), NOW), 'resource-wrong'],
    [redeemCode(crypto, code, cookies, APP, LIFETIMES, world(), NOW + CODE_LIFETIME_MS), 'expired'],
    [redeemCode(crypto, code, cookies, APP, LIFETIMES, world(), NOW - CLOCK_SKEW_MS - 1), 'issued-in-the-future'],
    [
      redeemCode(
        crypto,
        code,
        cookies,
        APP,
        LIFETIMES,
        world(() => false),
        NOW,
      ),
      'issuer-may-not',
    ],
    [redeemCode(crypto, `${code}x`, cookies, APP, LIFETIMES, world(), NOW), 'token-malformed'],
    [redeemCode(crypto, '', cookies, APP, LIFETIMES, world(), NOW), 'token-malformed'],
  ];
  for (const [outcome, reason] of table) assert.equal(outcome, reason);
});

test('a code that is replayed gives the one session that it began; after sign-out a revoked one', () => {
  const { request, cookies } = attempt();
  const code = codeFor(request);
  const here = world();
  const first = redeemCode(crypto, code, cookies, APP, LIFETIMES, here, NOW + 10);
  const elsewhere = redeemCode(crypto, code, cookies, APP, LIFETIMES, world(), NOW + 20_000);
  assert.ok(typeof first !== 'string' && typeof elsewhere !== 'string');
  assert.equal(first.claims.id, elsewhere.claims.id);
  assert.equal(first.claims.expiresAtUnixMs, elsewhere.claims.expiresAtUnixMs);
  const end = { userId: 'ann', atUnixMs: NOW, expiresAtUnixMs: NOW + 1e9 };
  here.revocations.revoke({ kind: 'session', sessionId: first.claims.id, ...end });
  assert.equal(redeemCode(crypto, code, cookies, APP, LIFETIMES, here, NOW + 30), 'session-revoked');
  const other = world();
  other.revocations.revoke({ kind: 'session', sessionId: portal.id, ...end });
  assert.equal(redeemCode(crypto, code, cookies, APP, LIFETIMES, other, NOW + 30), 'parent-revoked');
});

test('codes differ, and their session ids do not tell them', () => {
  const ids = new Set(Array.from({ length: 100 }, () => sessionIdOfCode(crypto, newId(crypto))));
  assert.equal(ids.size, 100);
  for (const id of ids) assert.match(id, /^[\w-]{22}$/);
});

test('too many attempts are cleared away', () => {
  const attempts = new Map(Array.from({ length: MAXIMUM_ATTEMPTS }, (_, i) => [`attempt${i}`, 'v']));
  const ask = { portalOrigin: 'https://l', resourceId: 'r', host: 'h', returnTo: '/', cookies: { attempts } };
  const { setCookies } = beginSignIn(crypto, ask);
  assert.equal(setCookies.length, MAXIMUM_ATTEMPTS + 1);
  assert.equal(setCookies.filter((value) => value.includes('Max-Age=0')).length, MAXIMUM_ATTEMPTS);
  attempts.delete('attempt0');
  assert.equal(beginSignIn(crypto, ask).setCookies.length, 1);
});

test('what the portal accepts as an authorisation request', () => {
  const challenge = 'c'.repeat(43);
  const good = { resourceId: 'r', host: 'h', challenge, returnTo: '/' };
  const table: [query: string, expected: unknown][] = [
    [`?resource=r&host=h&challenge=${challenge}`, good],
    [`?resource=r&host=h&challenge=${challenge}&redirect=%2Fa%3Fb%3Dc`, { ...good, returnTo: '/a?b=c' }],
    [`?resource=r&host=h&challenge=${challenge}&prompt=mfa-required`, { ...good, prompt: 'mfa-required' }],
    [`?resource=r&host=h&challenge=${challenge}&prompt=anything`, good],
    [`?challenge=${challenge}`, 'resource-missing'],
    [`?resource=&challenge=${challenge}`, 'resource-missing'],
    ['?resource=r&host=h', 'challenge-malformed'],
    [`?resource=r&challenge=${challenge}`, 'host-missing'],
    [`?resource=r&host=${'h'.repeat(254)}&challenge=${challenge}`, 'host-missing'],
    [`?resource=r&host=h&challenge=${challenge}=`, 'challenge-malformed'],
    [`?resource=r&host=h&challenge=${challenge}&challenge=${challenge}`, 'parameter-duplicated'],
    [`?resource=r&res%6Furce=s&host=h&challenge=${challenge}`, 'parameter-duplicated'],
    [`?resource=%ff&challenge=${challenge}`, 'query-malformed'],
    [`?resource=r&host=h&challenge=${challenge}&redirect=https://evil.example`, 'return-target-refused'],
    [`?resource=r&host=h&challenge=${challenge}&redirect=//evil.example`, 'return-target-refused'],
  ];
  for (const [query, expected] of table) assert.deepEqual(readAuthorizeRequest(query), expected, query);
});

test('nothing but a path of the same host is returned to', () => {
  const good = [
    '/',
    '/a',
    '/a/b?c=d&e=%2F',
    '/a//b',
    '/?next=https://elsewhere',
    '/.well-known/x',
    '/@evil.example',
    '/:80',
  ];
  for (const text of good) {
    assert.equal(isReturnTarget(text), true, text);
    assert.equal(new URL(text, 'https://app.example.org').host, 'app.example.org', text);
  }
  const bad = [
    ...['', 'a', 'https://evil.example', 'javascript:alert(1)', '//evil.example', '///evil.example', '/\\evil.example'],
    ...[
      '\\\\evil.example',
      '/\t/evil.example',
      '/\n/evil.example',
      '\t//evil.example',
      ' /a',
      '/a b',
      '/a\r\nX: y',
      '/é',
    ],
    ...['/a\\b', '/a#b', '/\0', '?a', '/.manis/callback?code=x', '/.manis/sign-out', `/${'a'.repeat(3_000)}`],
  ];
  for (const text of bad) {
    assert.equal(isReturnTarget(text), false, JSON.stringify(text));
    assert.equal(returnTargetOrRoot(text), '/');
  }
});

test('queries are written and read back', () => {
  const parameters = { a: 'x y&z=1', ü: '/+?#', empty: '', left: undefined };
  const query = writeQuery(parameters);
  assert.deepEqual(
    readQuery(query),
    new Map([
      ['a', 'x y&z=1'],
      ['ü', '/+?#'],
      ['empty', ''],
    ]),
  );
  assert.equal(writeQuery({}), '');
  assert.deepEqual(
    readQuery('?a&&b=c=d+e'),
    new Map([
      ['a', ''],
      ['b', 'c=d e'],
    ]),
  );
});
