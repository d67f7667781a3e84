import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { createEd25519, type Ed25519, nodeEd25519, sodiumEd25519 } from './ed25519.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const sodium = sodiumEd25519();
const implementations: Ed25519[] = sodium ? [sodium, nodeEd25519()] : [nodeEd25519()];

/** RFC 8032 section 7.1, TEST 2. */
const VECTOR = {
  seed: hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'),
  publicKey: hex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
  message: hex('72'),
  signature: hex(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ),
};

test('libsodium is there on the machines that we ship for', () => assert.equal(createEd25519().name, 'sodium'));

for (const ed25519 of implementations) {
  describe(`Ed25519 by ${ed25519.name}`, () => {
    test('signs and verifies the vector of RFC 8032', () => {
      assert.deepEqual(Buffer.from(ed25519.publicKeyOf(VECTOR.seed)), VECTOR.publicKey);
      assert.deepEqual(Buffer.from(ed25519.signer(VECTOR.seed)(VECTOR.message)), VECTOR.signature);
      assert.ok(ed25519.verifier(VECTOR.publicKey)(VECTOR.message, VECTOR.signature));
    });

    test('refuses every other message, signature and key, and signatures of other lengths', () => {
      const verify = ed25519.verifier(VECTOR.publicKey);
      const flipped = (bytes: Buffer, at: number): Buffer =>
        Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
      assert.ok(!verify(hex('73'), VECTOR.signature));
      for (const at of [0, 31, 32, 63]) assert.ok(!verify(VECTOR.message, flipped(VECTOR.signature, at)));
      for (const length of [0, 63, 65]) assert.ok(!verify(VECTOR.message, Buffer.alloc(length)));
      assert.ok(!ed25519.verifier(flipped(VECTOR.publicKey, 5))(VECTOR.message, VECTOR.signature));
      assert.ok(!ed25519.verifier(Buffer.alloc(32, 255))(VECTOR.message, VECTOR.signature));
    });
  });
}

test('what one implementation signs the other verifies', () => {
  for (let i = 0; i < 20; i++) {
    const seed = randomBytes(32);
    const message = randomBytes(i * 7);
    for (const signing of implementations) {
      const signature = signing.signer(seed)(message);
      for (const verifying of implementations) {
        assert.ok(verifying.verifier(verifying.publicKeyOf(seed))(message, signature));
      }
    }
  }
});
