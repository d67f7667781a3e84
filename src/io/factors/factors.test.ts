import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { createRandom } from '../random.ts';
import { deviceKeyIdOf, readDeviceKey, verifyDeviceSignature } from './device-key.ts';
import { readPasskeyAnswer, verifyNewPasskey, verifyPasskey } from './passkeys.ts';
import { hashOfRecoveryCode, newRecoveryCodes } from './recovery-codes.ts';
import { newTotpSecret, totpCodeAt, totpStepOf, totpUri } from './totp.ts';

const random = createRandom();
const NOW = 1_800_000_015_000;
const STEP = Math.floor(NOW / 30_000);

describe('TOTP', () => {
  // RFC 6238, appendix B: the last six of the eight digits, for SHA-1 and the secret "12345678901234567890".
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  for (const [seconds, code] of [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_234_567_890, '005924'],
    [20_000_000_000, '353130'],
  ] as const)
    test(`of RFC 6238 at ${seconds}`, () => {
      assert.equal(totpCodeAt(secret, seconds * 1000), code);
      assert.equal(totpStepOf(secret, code, seconds * 1000), Math.floor(seconds / 30));
    });

  const own = newTotpSecret(random);
  for (const [name, atMs, step] of [
    ['now', 0, 0],
    ['the step before', -30_000, -1],
    ['the step after', 30_000, 1],
  ] as const)
    test(`takes the code of ${name}`, () =>
      assert.equal(totpStepOf(own, totpCodeAt(own, NOW + atMs), NOW), STEP + step));

  for (const text of ['', '12345', '1234567', 'abcdef', '１２３４５６', totpCodeAt(own, NOW - 90_000)])
    test(`refuses ${JSON.stringify(text)}`, () => assert.equal(totpStepOf(own, text, NOW), undefined));

  test('takes blanks as telephones show them', () =>
    assert.equal(totpStepOf(own, totpCodeAt(own, NOW).replace(/^.../, '$& '), NOW), STEP));

  test('the QR code names who asks and for whom', () => {
    const uri = new URL(totpUri(own, 'North: wind', 'ada@example.org'));
    assert.equal(uri.protocol + uri.host, 'otpauth:totp');
    assert.equal(uri.searchParams.get('secret'), own);
    assert.equal(uri.searchParams.get('issuer'), 'North  wind');
  });
});

describe('recovery codes', () => {
  const codes = newRecoveryCodes(random);

  test('are ten, all different', () => assert.equal(new Set(codes).size, 10));

  test('are taken however they are typed, for their user alone', () => {
    const [code = ''] = codes;
    const hash = hashOfRecoveryCode('usr_1', code);
    assert.ok(hash);
    assert.equal(hashOfRecoveryCode('usr_1', ` ${code.toUpperCase().replaceAll('-', ' ')} `), hash);
    assert.notEqual(hashOfRecoveryCode('usr_2', code), hash);
  });

  for (const text of ['', 'short', 'u'.repeat(16), '1'.repeat(17)])
    test(`${JSON.stringify(text)} is none`, () => assert.equal(hashOfRecoveryCode('usr_1', text), undefined));
});

describe('a key of a device', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const text = publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
  const signed = (message: string): string =>
    sign('sha256', Buffer.from(message), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');

  test('proves itself by signing the nonce', () => {
    assert.ok(verifyDeviceSignature(text, 'nonce', signed('manis device v1\nnonce')));
    assert.equal(deviceKeyIdOf(text).length, 22);
  });
  test('and by nothing else', () => {
    assert.ok(!verifyDeviceSignature(text, 'other', signed('manis device v1\nnonce')));
    assert.ok(!verifyDeviceSignature(text, 'nonce', signed('nonce')));
    assert.ok(!verifyDeviceSignature(text, 'nonce', 'AAAA'));
  });
  test('is on P-256', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
    assert.equal(readDeviceKey(other.export({ format: 'der', type: 'spki' }).toString('base64url')), undefined);
    assert.equal(readDeviceKey('AAAA'), undefined);
  });
});

describe('an answer of a passkey that is nonsense', () => {
  const place = { rpId: 'manis.localhost', origin: 'https://manis.localhost', nonce: 'AAAA' };
  for (const text of ['', '{', '[]', 'null', '{"id":1}', '{"id":"a","response":{}}', 'x'.repeat(20_000)])
    test(`${text.slice(0, 30)} is refused`, async () => {
      const read = readPasskeyAnswer(text);
      const passkey = { credentialId: 'a', publicKey: 'AAAA', counter: 0 };
      if (read) assert.equal((await verifyPasskey(read.answer, passkey, place)).ok, false);
      assert.equal(await verifyNewPasskey(text, place), undefined);
    });
});
