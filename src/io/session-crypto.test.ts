import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex, utf8 } from '../base/index.ts';
import { NodeSessionCrypto } from './session-crypto.ts';

const crypto = new NodeSessionCrypto();
const bytes = (hex: string): Uint8Array => fromHex(hex) ?? assert.fail(`not hexadecimal: ${hex}`);

test('Ed25519 as in RFC 8032 section 7.1', () => {
  const table = [
    {
      seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    },
    {
      seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: '72',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    },
  ];
  for (const { seed, publicKey, message, signature } of table) {
    assert.equal(toHex(crypto.signer(bytes(seed)).sign(bytes(message))), signature);
    const verifier = crypto.verifier(bytes(publicKey));
    assert.equal(verifier?.verify(bytes(message), bytes(signature)), true);
    assert.equal(verifier?.verify(bytes(`${message}00`), bytes(signature)), false);
    assert.equal(verifier?.verify(bytes(message), bytes(signature).subarray(1)), false);
  }
});

test('SHA-256 as in FIPS 180-4, HMAC as in RFC 4231 case 2', () => {
  assert.equal(toHex(crypto.sha256(utf8('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(
    toHex(crypto.hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?'))),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

test('a generated pair belongs together, and another does not', () => {
  const one = crypto.generateKeyPair();
  const other = crypto.generateKeyPair();
  assert.deepEqual([one.seed.length, one.publicKey.length], [32, 32]);
  const signature = crypto.signer(one.seed).sign(utf8('message'));
  assert.equal(crypto.verifier(one.publicKey)?.verify(utf8('message'), signature), true);
  assert.equal(crypto.verifier(other.publicKey)?.verify(utf8('message'), signature), false);
});

test('bytes that are no key', () => {
  assert.equal(crypto.verifier(new Uint8Array(31)), undefined);
  assert.throws(() => crypto.signer(new Uint8Array(31)), /32 bytes/);
});
