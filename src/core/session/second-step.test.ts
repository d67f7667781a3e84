import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import {
  browserOf,
  type IssuerKeys,
  issueKeyChallenge,
  issueSecondStep,
  type KeyChallengeBinding,
  methodsWith,
  openKeyChallenge,
  openSecondStep,
} from './index.ts';

const crypto = new NodeSessionCrypto();
const NOW = 1_800_000_000_000;

function node(id: string) {
  const { seed, publicKey } = crypto.generateKeyPair();
  return { key: { id, signer: crypto.signer(seed) }, verifier: crypto.verifier(publicKey) };
}
const control = node('control-1');
const pop = node('pop-1');
const keys: IssuerKeys = {
  keyOf(id) {
    const [verifier, issuer] = id === 'pop-1' ? [pop.verifier, 'pop' as const] : [control.verifier, 'control' as const];
    return verifier && { verifier, issuer, mayIssue: () => true };
  },
};
const browser = browserOf(crypto, 'the cookie of a browser');
const step = {
  id: 'A'.repeat(22),
  userId: 'usr_1',
  epoch: 3,
  methods: ['password'],
  need: 'prove' as const,
  browser,
  deviceKeyId: 'key-1',
  via: { providerId: 'idp_1', sid: 's' },
};

describe('the second step of a sign-in', () => {
  const { token, claims } = issueSecondStep(control.key, step, NOW);

  test('says what was proved, in the browser that it was proved in', () => {
    assert.deepEqual(openSecondStep(token, keys, browser, NOW + 60_000), claims);
  });

  for (const [name, refused, reason] of [
    ['another browser', openSecondStep(token, keys, browserOf(crypto, 'another'), NOW), 'browser-differs'],
    ['too late', openSecondStep(token, keys, browser, NOW + 15 * 60_000), 'expired'],
    [
      'signed by a PoP',
      openSecondStep(issueSecondStep(pop.key, step, NOW).token, keys, browser, NOW),
      'issuer-may-not',
    ],
    [
      'changed',
      openSecondStep(
        token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
        keys,
        browser,
        NOW,
      ),
      null,
    ],
  ] as const)
    test(`is refused: ${name}`, () => {
      assert.equal(typeof refused, 'string');
      if (reason) assert.equal(refused, reason);
    });
});

describe('a challenge to a key', () => {
  const binding: KeyChallengeBinding = { purpose: 'second-step', browser, within: 'A'.repeat(22) };
  const { token, nonce } = issueKeyChallenge(crypto, pop.key, binding, NOW);

  test('is read by any node that knows the key of the one who asked', () => {
    const opened = openKeyChallenge(token, keys, binding, NOW + 1000);
    assert.ok(typeof opened !== 'string' && opened.nonce === nonce);
  });

  const others: readonly [string, Partial<KeyChallengeBinding>, string][] = [
    ['another browser', { browser: browserOf(crypto, 'another') }, 'browser-differs'],
    ['another purpose', { purpose: 'sign-in' }, 'purpose-differs'],
    ['another attempt', { within: 'B'.repeat(22) }, 'purpose-differs'],
  ];
  for (const [name, other, reason] of others)
    test(`is refused for ${name}`, () =>
      assert.equal(openKeyChallenge(token, keys, { ...binding, ...other }, NOW), reason));

  test('is refused when it is over, and does not stand for a second step', () => {
    assert.equal(openKeyChallenge(token, keys, binding, NOW + 30 * 60_000), 'expired');
    assert.equal(openSecondStep(token, keys, browser, NOW), 'signature-wrong');
  });
});

describe('methods of a session', () => {
  for (const [before, proved, verified, expected] of [
    [[], 'password', false, ['password']],
    [['password'], 'totp', false, ['password', 'totp', 'mfa']],
    [['password'], 'passkey', false, ['password', 'passkey', 'mfa']],
    [[], 'passkey', true, ['passkey', 'mfa']],
    [[], 'passkey', false, ['passkey']],
    [[], 'email-otp', false, ['email-otp']],
    [['email-otp'], 'totp', false, ['email-otp', 'totp', 'mfa']],
    [['password'], 'email-otp', false, ['password', 'email-otp', 'mfa']],
    [['passkey'], 'totp', false, ['passkey', 'totp']],
    [['password', 'totp', 'mfa'], 'totp', false, ['password', 'totp', 'mfa']],
  ] as const)
    test(`${[...before, proved].join(' + ')}${verified ? ', user verified' : ''}`, () =>
      assert.deepEqual(methodsWith(before, proved, verified), expected));
});
