import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIpAddress } from '../../base/index.ts';
import { claimText, personOf, provedTwoFactors } from './claims.ts';
import { destinationClass } from './destination.ts';
import { presetDefaults } from './presets.ts';
import { PRESETS, type Preset, type ProviderSettings } from './settings.ts';
import { judgeIdentity, type KnownAccounts } from './verdict.ts';

function settings(changes: Partial<ProviderSettings> = {}): ProviderSettings {
  return {
    preset: 'generic',
    issuer: 'https://id.example.org',
    allowPrivate: false,
    emailTrust: 'claim',
    domains: [],
    linkDomains: [],
    provisioning: 'verified-email',
    defaultRoles: [],
    mfaValues: [],
    automatic: false,
    ...presetDefaults('generic'),
    ...changes,
  };
}

test('an address counts as verified where its provider can be relied on for it', () => {
  const table: [preset: Preset, claims: Record<string, unknown>, verified: boolean][] = [
    ['generic', { email_verified: true }, true],
    ['generic', { email_verified: 'true' }, false],
    ['generic', { email_verified: false }, false],
    ['generic', {}, false],
    ['entra', { email_verified: true }, false],
    ['entra', { xms_edov: true }, true],
    ['entra', { xms_edov: '1' }, true],
    ['entra', { xms_edov: false }, false],
    ['google', { email_verified: true }, false],
    ['google', { email_verified: true, hd: 'example.com' }, true],
    ['google', { email_verified: true, hd: 'other.example' }, false],
    ['google', { email_verified: true, email: 'ann@gmail.com' }, true],
    ['google', { email_verified: false, hd: 'example.com' }, false],
    ['github', { email_verified: true }, true],
  ];
  for (const [preset, claims, verified] of table) {
    const said = personOf(settings({ preset }), { sub: 's', email: 'Ann@Example.com', ...claims });
    assert.equal(said?.emailVerified, verified, `${preset} ${JSON.stringify(claims)}`);
  }
  const own = settings({ preset: 'entra', emailTrust: 'assume', domains: ['example.com'] });
  assert.equal(personOf(own, { sub: 's', email: 'ann@example.com' })?.emailVerified, true);
  assert.equal(personOf(own, { sub: 's', email: 'ann@elsewhere.com' })?.emailVerified, false);
  const never = settings({ emailTrust: 'never' });
  assert.equal(personOf(never, { sub: 's', email: 'ann@example.com', email_verified: true })?.emailVerified, false);
});

test('what is not an address, a subject or a line of text is passed over', () => {
  for (const email of [
    '',
    'ann',
    'ann@',
    '@example.com',
    'a b@example.com',
    'ann@exam ple.com',
    'ann@@example.com',
    7,
    null,
  ])
    assert.equal(personOf(settings(), { sub: 's', email })?.email, undefined, String(email));
  assert.equal(personOf(settings(), { sub: 's', email: `${'x'.repeat(65)}@example.com` })?.email, undefined);
  assert.equal(personOf(settings(), { sub: 's', email: ' Ann@EXAMPLE.com ' })?.email, 'ann@example.com');
  for (const sub of [undefined, '', 7, {}, 'x'.repeat(256), 'a\nb', 'ä'])
    assert.equal(personOf(settings(), { sub }), undefined);
  assert.equal(claimText({ name: 'Ann\r\n<b>' }, 'name'), 'Ann  <b>');
  assert.equal(claimText({ name: 'x'.repeat(500) }, 'name')?.length, 128);
  assert.equal(claimText({}, 'constructor'), undefined);
});

test('whose account it is', () => {
  const known = { userId: 'ann', disabled: false };
  const disabled = { userId: 'ann', disabled: true };
  const verified = { subject: 's1', email: 'ann@example.com', emailVerified: true };
  const claimed = { subject: 's1', email: 'ann@example.com', emailVerified: false };
  const linking = { linkDomains: ['example.com'] };
  const table: [what: Partial<ProviderSettings>, said: typeof verified, known: KnownAccounts, verdict: string][] = [
    [{}, claimed, { byIdentity: known }, 'known ann'],
    [{}, claimed, { byIdentity: known, byEmail: { userId: 'bob', disabled: false } }, 'known ann'],
    [{}, verified, { byIdentity: disabled }, 'user-disabled'],
    [{}, verified, {}, 'provision ann@example.com'],
    [{}, claimed, {}, 'email-unverified'],
    [{ provisioning: 'never' }, verified, {}, 'account-missing'],
    [{ provisioning: 'never' }, verified, { byIdentity: known }, 'known ann'],
    // An account is never taken over by an address alone.
    [{}, verified, { byEmail: known }, 'account-exists'],
    [linking, claimed, { byEmail: known }, 'account-exists'],
    [{ linkDomains: ['other.example'] }, verified, { byEmail: known }, 'account-exists'],
    [linking, verified, { byEmail: known }, 'link ann'],
    [linking, verified, { byEmail: disabled }, 'user-disabled'],
    [{ provisioning: 'never', ...linking }, verified, { byEmail: known }, 'link ann'],
    [{ domains: ['example.com'] }, verified, {}, 'provision ann@example.com'],
    [{ domains: ['example.com'] }, claimed, { byIdentity: known }, 'domain-refused'],
    [{ domains: ['other.example'] }, verified, { byIdentity: known }, 'domain-refused'],
    [{ provisioning: 'subject' }, verified, {}, 'provision ann@example.com'],
  ];
  for (const [what, said, accounts, expected] of table) {
    const verdict = judgeIdentity(settings(what), said, accounts);
    const text =
      verdict.kind === 'refused'
        ? verdict.reason
        : `${verdict.kind} ${verdict.kind === 'provision' ? verdict.email : verdict.userId}`;
    assert.equal(text, expected, JSON.stringify([what, said, accounts]));
  }
  assert.deepEqual(judgeIdentity(settings(), { subject: 's', emailVerified: false }, {}), {
    kind: 'refused',
    reason: 'email-missing',
  });
});

test('an account by subject alone does not get the address that nobody verified', () => {
  const bySubject = settings({ provisioning: 'subject' });
  const said = { subject: 'Auth0|0042', email: 'boss@example.com', emailVerified: false };
  for (const byEmail of [undefined, { userId: 'boss', disabled: false }]) {
    const verdict = judgeIdentity(bySubject, said, { byEmail });
    assert.ok(verdict.kind === 'provision');
    assert.match(verdict.email, /^auth0-0042\.[a-z0-9]+@identity\.invalid$/);
    const other = judgeIdentity(bySubject, { ...said, subject: 'auth0|0042' }, { byEmail });
    assert.notDeepEqual(other, verdict, 'subjects that differ in case alone');
  }
});

test('two factors are believed where the administrator said which words stand for them', () => {
  const mfa = settings({ mfaValues: ['mfa', 'phr'] });
  assert.equal(provedTwoFactors(mfa, { amr: ['pwd', 'mfa'] }), true);
  assert.equal(provedTwoFactors(mfa, { acr: 'phr' }), true);
  assert.equal(provedTwoFactors(mfa, { amr: ['pwd'] }), false);
  assert.equal(provedTwoFactors(mfa, { amr: 'mfa' }), false);
  assert.equal(provedTwoFactors(settings(), { amr: ['mfa'] }), false);
});

test('where a request of an administrator may go', () => {
  const table: [address: string, meaning: string][] = [
    ['93.184.216.34', 'public'],
    ['2606:2800:220:1::1', 'public'],
    ['10.1.2.3', 'private'],
    ['172.31.0.1', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['127.0.0.1', 'private'],
    ['::1', 'private'],
    ['fd00::1', 'private'],
    ['::ffff:127.0.0.1', 'private'],
    ['64:ff9b::7f00:1', 'private'],
    ['2002:c0a8:101::1', 'private'],
    ['169.254.169.254', 'never'],
    ['::ffff:169.254.169.254', 'never'],
    ['64:ff9b::a9fe:a9fe', 'never'],
    ['2002:a9fe:a9fe::1', 'never'],
    ['fe80::1', 'never'],
    ['fd00:ec2::254', 'never'],
    ['fd20:ce::254', 'never'],
    ['fd00:c1::a9fe:a9fe', 'never'],
    ['64:ff9b:1::a9fe:a9fe', 'private'],
    ['100.100.100.200', 'never'],
    ['168.63.129.16', 'never'],
    ['0.0.0.0', 'never'],
    ['::', 'never'],
    ['::7f00:1', 'never'],
    ['224.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['ff02::1', 'never'],
  ];
  for (const [text, meaning] of table) {
    const address = parseIpAddress(text);
    assert.equal(address && destinationClass(address), meaning, text);
  }
});

test('every preset says what its issuer looks like', () => {
  for (const preset of PRESETS) {
    const { issuer, issuerForm, scopes } = presetDefaults(preset);
    assert.ok(issuerForm.startsWith(issuer ?? ''));
    assert.ok(preset === 'github' || scopes.includes('openid'));
  }
});
