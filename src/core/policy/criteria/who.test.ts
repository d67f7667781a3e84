import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADA, asked, GUEST, HOLDER, problemOf, requestWith } from '../../../testing/policy-asking.ts';
import type { Subject } from '../context.ts';

const NOW = requestWith({ nowUnixMs: 10_000 });
const PASSKEY: Subject = { ...ADA, methods: ['passkey'], mfa: true, authenticatedAtUnixMs: 2_000 };
const FACTOR: Subject = { ...ADA, mfa: true, mfaAtUnixMs: 9_000 };
const AT_WORK: Subject = { ...ADA, methods: ['oidc'], providerId: 'corporate' };
const KNOWN: Subject = { ...ADA, device: { known: true, approved: false } };
const APPROVED: Subject = { ...ADA, device: { known: true, approved: true } };
const STRANGE: Subject = { ...ADA, device: { known: false, approved: true } };

test('criteria over who asks', () => {
  const table: [name: string, config: unknown, true: Subject[], false: Subject[]][] = [
    ['user', ['ada', 'bob'], [ADA], [{ ...ADA, userId: 'eve' }, GUEST, HOLDER]],
    ['role', ['engineer'], [ADA], [{ ...ADA, roles: ['x'] }, GUEST, HOLDER]],
    ['group', ['paris', 'berlin'], [ADA], [{ ...ADA, groups: [] }, GUEST, HOLDER]],
    ['email', ['ada@example.com'], [ADA, GUEST], [HOLDER, { ...ADA, email: 'ada@example.org' }]],
    ['email', ['*@EXAMPLE.com'], [ADA, GUEST], [HOLDER, { ...ADA, email: 'ada@sub.example.com' }]],
    ['identityProvider', ['corporate'], [AT_WORK], [ADA, { ...AT_WORK, providerId: 'other' }, GUEST, HOLDER]],
    ['loginMethod', ['passkey', 'oidc'], [PASSKEY, AT_WORK], [ADA, GUEST, HOLDER]],
    ['loginMethod', ['pin'], [HOLDER], [ADA, GUEST]],
    ['mfa', true, [PASSKEY, FACTOR], [ADA, GUEST, HOLDER]],
    ['mfa', { maximumAgeMs: 1_000 }, [FACTOR], [PASSKEY, ADA]],
    ['mfa', { maximumAgeMs: 8_000 }, [FACTOR, PASSKEY], [ADA]],
    ['sessionAge', { maximumMs: 8_000 }, [PASSKEY], [ADA, GUEST]],
    ['sessionAge', { maximumMs: 10_000 }, [PASSKEY, ADA], []],
    ['knownDevice', 'known', [KNOWN, APPROVED], [ADA, STRANGE]],
    ['knownDevice', 'approved', [APPROVED], [KNOWN, ADA, STRANGE]],
  ];
  for (const [name, config, holds, fails] of table) {
    const of = `${name} ${JSON.stringify(config)}`;
    for (const subject of holds) assert.equal(asked(name, config, NOW, subject), 'true', of);
    for (const subject of fails) assert.equal(asked(name, config, NOW, subject), 'false', of);
    assert.equal(asked(name, config, NOW, undefined), 'unknown-until-signed-in', of);
  }
});

test('what they do not take', () => {
  const table: [name: string, config: unknown, problem: RegExp][] = [
    ['email', ['ada'], /^email\[0\]: an e-mail address, or/],
    ['email', ['*@*.example.com'], /an e-mail address/],
    ['email', ['a*@example.com'], /an e-mail address/],
    ['loginMethod', ['face'], /one of password/],
    ['mfa', false, /^mfa: true/],
    ['mfa', {}, /^mfa.maximumAgeMs: milliseconds/],
    ['mfa', { maximumAgeMs: 0 }, /above 0/],
    ['sessionAge', {}, /^sessionAge.maximumMs/],
    ['sessionAge', { maximumMs: 1.5 }, /a whole number/],
    ['knownDevice', true, /"known" or "approved"/],
    ['group', [], /a list of 1/],
  ];
  for (const [name, config, problem] of table) assert.match(problemOf(name, config), problem);
});
