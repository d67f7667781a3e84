import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { type AssertedIdentity, AssertionIssuer, buildAssertion, jwksDocument } from './assertion.ts';
import { ASSERTION_REUSE_MS } from './constants.ts';

const crypto = new NodeSessionCrypto();
const pair = crypto.generateKeyPair();
const key = { id: 'pop-1', signer: crypto.signer(pair.seed) };
const NOW = 1_800_000_000_000;
const ISSUER = 'https://login.example.org';
const ann: AssertedIdentity = { userId: 'ann', email: 'ann@example.org', name: 'Ann É', roles: ['staff', 'a"b'] };

test('an independent JOSE library accepts the assertion with the published keys', async () => {
  const input = { issuer: ISSUER, audience: 'app.example.org', identity: ann, id: 'j1', nowUnixMs: NOW + 999 };
  const keys = createLocalJWKSet(JSON.parse(jwksDocument([{ id: 'pop-1', publicKey: pair.publicKey }])));
  const options = { issuer: ISSUER, audience: 'app.example.org', currentDate: new Date(NOW + 60_000) };
  const { payload, protectedHeader } = await jwtVerify(buildAssertion(input, key), keys, options);
  assert.deepEqual(protectedHeader, { alg: 'EdDSA', typ: 'JWT', kid: 'pop-1' });
  assert.deepEqual(payload, {
    iss: ISSUER,
    aud: 'app.example.org',
    sub: 'ann',
    email: 'ann@example.org',
    name: 'Ann É',
    roles: ['staff', 'a"b'],
    iat: NOW / 1000,
    exp: NOW / 1000 + 300,
    jti: 'j1',
  });
  const text = buildAssertion(input, key);
  await assert.rejects(jwtVerify(text, keys, { ...options, audience: 'other.example.org' }), /aud/);
  await assert.rejects(jwtVerify(text, keys, { ...options, currentDate: new Date(NOW + 301_000) }), /exp/);
  const stranger = jwksDocument([{ id: 'pop-1', publicKey: crypto.generateKeyPair().publicKey }]);
  await assert.rejects(jwtVerify(text, createLocalJWKSet(JSON.parse(stranger)), options), /signature/);
});

test('the text is canonical, and what is not known is left out', () => {
  const input = { issuer: ISSUER, audience: 'h', identity: { userId: 'u', roles: [] }, id: 'j', nowUnixMs: NOW };
  assert.equal(buildAssertion(input, key), buildAssertion(input, key));
  const payload = Buffer.from(buildAssertion(input, key).split('.')[1] ?? '', 'base64url').toString();
  assert.equal(
    payload,
    `{"iss":"${ISSUER}","aud":"h","sub":"u","roles":[],"iat":${NOW / 1000},"exp":${NOW / 1000 + 300},"jti":"j"}`,
  );
});

test('an assertion is handed out again for a minute, to the same session, host, identity and key', () => {
  const issuer = new AssertionIssuer(crypto, ISSUER);
  const first = issuer.assertionFor('s1', 'h', ann, key, NOW);
  assert.equal(issuer.assertionFor('s1', 'h', ann, key, NOW + ASSERTION_REUSE_MS - 1), first);
  const others = [
    issuer.assertionFor('s2', 'h', ann, key, NOW),
    issuer.assertionFor('s1', 'i', ann, key, NOW),
    issuer.assertionFor('s1', 'h', { ...ann }, key, NOW),
    issuer.assertionFor('s1', 'h', ann, { ...key }, NOW),
  ];
  assert.equal(new Set([first, ...others]).size, 5);
  const late = issuer.assertionFor('s2', 'h', ann, key, NOW + ASSERTION_REUSE_MS);
  assert.notEqual(late, others[0]);
  assert.notEqual(issuer.assertionFor('s2', 'h', ann, key, NOW), late, 'a clock that was set back signs anew');
});
