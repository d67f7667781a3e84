import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { CLOCK_SKEW_MS, CSRF_LIFETIME_MS } from './constants.ts';
import { csrfToken, faultInCsrfToken } from './csrf.ts';

const crypto = new NodeSessionCrypto();
const key = crypto.bytes(32);
const NOW = 1_800_000_000_000;
const form = { browser: 'session-1', purpose: 'sign-out' };

test('a form’s token belongs to one browser, one form, one key and one half day', () => {
  const token = csrfToken(crypto, key, form, NOW);
  const fault = (changes: Partial<typeof form>, nowUnixMs = NOW, otherKey = key, text = token) =>
    faultInCsrfToken(crypto, otherKey, { ...form, ...changes }, text, nowUnixMs);
  assert.equal(fault({}), undefined);
  assert.equal(fault({}, NOW + CSRF_LIFETIME_MS), undefined);
  assert.equal(fault({}, NOW + CSRF_LIFETIME_MS + 1), 'csrf-expired');
  assert.equal(fault({}, NOW - CLOCK_SKEW_MS - 1), 'csrf-expired');
  assert.equal(fault({ browser: 'session-2' }), 'csrf-wrong');
  assert.equal(fault({ purpose: 'sign-in' }), 'csrf-wrong');
  assert.equal(fault({}, NOW, crypto.bytes(32)), 'csrf-wrong');
  const [version, issuedAt = '', tag = ''] = token.split('.');
  assert.equal(fault({}, NOW, key, `${version}.${issuedAt.slice(0, -1)}1.${tag}`), 'csrf-wrong');
  for (const text of [
    '',
    token.slice(1),
    `${token}x`,
    `${version}.${issuedAt}.${tag.slice(1)}`,
    `v1.-1.${tag}`,
    `v1..${tag}`,
  ])
    assert.equal(fault({}, NOW, key, text), 'csrf-malformed', text);
});

test('a browser’s id cannot be made to look like another purpose', () => {
  const token = csrfToken(crypto, key, { purpose: 'a', browser: 'b\nc' }, NOW);
  assert.equal(faultInCsrfToken(crypto, key, { purpose: 'a', browser: 'c' }, token, NOW), 'csrf-wrong');
  assert.throws(() => csrfToken(crypto, key, { purpose: 'a\nb', browser: 'c' }, NOW), RangeError);
});
