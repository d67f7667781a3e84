/** Both implementations against vectors that others published, and against each other. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concat, fromHex, toHex, utf8 } from '../../base/index.ts';
import { createRandom } from '../random.ts';
import { createWireguardCrypto } from './create-wireguard-crypto.ts';

const hex = (text: string): Uint8Array => {
  const bytes = fromHex(text.replace(/\s/g, ''));
  assert.ok(bytes, text);
  return bytes;
};
const EMPTY = new Uint8Array(0);
const sequence = (length: number, from = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => from + i);

/** RFC 8439 section 2.8.2. */
const SUNSCREEN = utf8(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
);
const RFC_8439_KEY = sequence(32, 0x80);

/** RFC 7748 section 6.1. */
const ALICE = '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a';
const ALICE_PUBLIC = '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a';
const BOB = '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb';
const BOB_PUBLIC = 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f';
const SHARED = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';

/**
 * Made with Python's cryptography package (OpenSSL): key 80, 81, ..., plaintext 0 to 39, associated data 1, 2, 3. The
 * vectors of RFC 8439 have nonces that do not begin with four zeros, so no counter spells them.
 */
const PYTHON_SEALED: readonly (readonly [counter: number, sealed: string])[] = [
  [
    0,
    '2a5d18ae3a5fe8ccc5382ff4a8d0a32566d978aad76fd77fbf2b48bd0f05159434aa7941fa79694b52aedbfbc2a6e3fe2994eeb5e87bfbfd',
  ],
  [
    7,
    'f0e17de0ce476fa203b388f86a8c03f9f7bd570023bf4ab54f473b714245905c725191d8efc7cc375440c60f66528e472aa6fb5266f64ddd',
  ],
  [
    2 ** 32 + 5,
    'f2edc6df0c2da36ae6dfee1231f8afcc481f00db560415b81d6fc0f575b7b04c8646928ae7891ce7bc72cf0694c5130501f4d1d2bc3410c5',
  ],
  [
    2 ** 53 - 1,
    '520440042f3d1d837efc00cc663b66519867c1100803ed35587460b34eaa8b3934196429f268b956c105fbbd6219002012c877fc790fdfb4',
  ],
];

/** draft-irtf-cfrg-xchacha-03 appendix A.3.1. */
const XCHACHA_ASSOCIATED = '50515253c0c1c2c3c4c5c6c7';
const XCHACHA_SEALED = `
  bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216
  cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13
  b52ec0875924c1c7987947deafd8780acf49`;

/** CPython's hashlib.blake2s(data, key=key, digest_size=16) for a key 1, 2, 3, ... and data 0, 1, 2, ... */
const PYTHON_MACS: readonly (readonly [keyBytes: number, dataBytes: number, mac: string])[] = [
  [16, 0, '841d60d07b134487ea2147d09361336d'],
  [16, 1, '3904e3d082b5bc566d20fcdf6336c31f'],
  [16, 63, 'e7c1ad991b5b9278efe0a7f84b651aeb'],
  [16, 64, 'b454408d5fa861311eaf72ce664b1e59'],
  [16, 65, 'a559f1e5758ec6779297f60c69737ab6'],
  [16, 116, '68bdd19bd1aa299b8bee5d49d7a9c0e3'],
  [16, 132, '753816650c76b2f3ed04df2de1a521ab'],
  [16, 1000, '36f4a3ae4c39be0ca754f25cafe18f31'],
  [32, 0, '1b7fb3c33429a975524ac696a8d8070c'],
  [32, 1, 'b5d4094070c89ee92142cf82d4bf44ce'],
  [32, 63, '99fb49c77e2244379631b5f1f69abf50'],
  [32, 64, '5011f396858435d2f64bb42387c38f4e'],
  [32, 65, '20a9c3d0e403f000ea1a99229db78970'],
  [32, 116, '57dc0e6cdcd13dfea0bf22173b0f3f1e'],
  [32, 132, 'caf432f19d3436d90ce97a5f2c57b025'],
  [32, 1000, '3cbe083f3ce807879051045ea15d1d1d'],
];

for (const packetPath of ['sodium', 'node'] as const) {
  describe(`WireGuard cryptography over ${packetPath}`, async () => {
    const crypto = await createWireguardCrypto({ packetPath });

    test('says which implementation it is', () => assert.equal(crypto.packetPath, packetPath));

    test('X25519: Alice and Bob of RFC 7748 section 6.1', () => {
      const alice = hex(ALICE);
      const bob = hex(BOB);
      assert.equal(toHex(crypto.x25519PublicKey(alice)), ALICE_PUBLIC);
      assert.equal(toHex(crypto.x25519PublicKey(bob)), BOB_PUBLIC);
      assert.equal(toHex(crypto.x25519(alice, hex(BOB_PUBLIC)) ?? EMPTY), SHARED);
      assert.equal(toHex(crypto.x25519(bob, hex(ALICE_PUBLIC)) ?? EMPTY), SHARED);
    });

    test('X25519: iterated 1,000 times (RFC 7748 section 5.2)', () => {
      let k = concat(Uint8Array.of(9), new Uint8Array(31));
      let u: Uint8Array = k;
      for (let i = 0; i < 1000; i++) {
        const next = crypto.x25519(k, u);
        assert.ok(next);
        u = k;
        k = Uint8Array.from(next);
      }
      assert.equal(toHex(k), '684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
    });

    for (const point of [new Uint8Array(32), concat(Uint8Array.of(1), new Uint8Array(31))])
      test(`X25519: the point of small order ${toHex(point).slice(0, 4)}... gives no secret`, () =>
        assert.equal(crypto.x25519(sequence(32, 1), point), undefined));

    test('BLAKE2s of "abc" (RFC 7693 appendix B)', () => {
      const expected = '508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982';
      assert.equal(toHex(crypto.hash(utf8('abc'))), expected);
      assert.equal(toHex(crypto.hash(utf8('a'), utf8('bc'))), expected);
      assert.equal(toHex(crypto.hash(utf8('abc'), EMPTY)), expected);
    });

    test('BLAKE2s with a key of 32 bytes: the first 16 bytes differ from the 32-byte output, so the length counts', () => {
      // The parameter block holds the output length (RFC 7693 section 2.5), so a MAC is no prefix of a hash.
      assert.equal(crypto.mac(sequence(32), EMPTY).length, 16);
      assert.notDeepEqual(crypto.mac(sequence(32), EMPTY), crypto.hash(EMPTY).subarray(0, 16));
    });

    for (const [counter, sealed] of PYTHON_SEALED)
      test(`ChaCha20-Poly1305 (RFC 8439) under counter ${counter}`, () => {
        const associated = sequence(3, 1);
        assert.equal(toHex(crypto.seal(RFC_8439_KEY, counter, sequence(40), associated)), sealed);
        assert.deepEqual(bare(crypto.open(RFC_8439_KEY, counter, hex(sealed), associated)), sequence(40));
      });

    test('XChaCha20-Poly1305: draft-irtf-cfrg-xchacha-03 appendix A.3.1', () => {
      const nonce = sequence(24, 0x40);
      const sealed = crypto.xseal(RFC_8439_KEY, nonce, SUNSCREEN, hex(XCHACHA_ASSOCIATED));
      assert.equal(toHex(sealed), bareHex(XCHACHA_SEALED));
      assert.deepEqual(bare(crypto.xopen(RFC_8439_KEY, nonce, sealed, hex(XCHACHA_ASSOCIATED))), SUNSCREEN);
    });

    test('a changed bit anywhere is noticed, and so is what is too short', () => {
      const key = sequence(32);
      const nonce = sequence(24);
      const sealed = crypto.seal(key, 1, SUNSCREEN, EMPTY);
      const xsealed = crypto.xseal(key, nonce, SUNSCREEN, EMPTY);
      for (const at of [0, SUNSCREEN.length - 1, SUNSCREEN.length, sealed.length - 1]) {
        assert.equal(crypto.open(key, 1, flipped(sealed, at), EMPTY), undefined);
        assert.equal(crypto.xopen(key, nonce, flipped(xsealed, at), EMPTY), undefined);
      }
      assert.equal(crypto.open(key, 2, sealed, EMPTY), undefined);
      assert.equal(crypto.open(key, 1, sealed, Uint8Array.of(1)), undefined);
      assert.equal(crypto.open(key, 1, sealed.subarray(0, 15), EMPTY), undefined);
      assert.equal(crypto.xopen(key, nonce, xsealed.subarray(0, 15), EMPTY), undefined);
    });

    for (const length of [0, 1, 15, 16, 17, 1420, 65_000])
      test(`the packet path seals ${length} bytes where they stand as the handshake seal does`, () => {
        const key = sequence(32, 3);
        const packetKey = crypto.packetKey(key);
        const plaintext = sequence(length);
        for (const counter of [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
          const buffer = new Uint8Array(length + 16 + 20).fill(0xee);
          buffer.set(plaintext, 10);
          crypto.sealInPlace(packetKey, counter, buffer, 10, length);
          const sealed = buffer.subarray(10, 10 + length + 16);
          assert.deepEqual(Uint8Array.from(sealed), bare(crypto.seal(key, counter, plaintext, EMPTY)));
          assert.equal(crypto.openInPlace(packetKey, counter + 1, Uint8Array.from(buffer), 10, length + 16), false);
          assert.equal(crypto.openInPlace(packetKey, counter, buffer, 10, length + 16), true);
          assert.deepEqual(buffer.subarray(10, 10 + length), plaintext);
          // What stands around the packet is untouched.
          for (const at of [0, 9, buffer.length - 10, buffer.length - 1]) assert.equal(buffer[at], 0xee);
        }
      });

    test('the packet path refuses what is shorter than a tag, and a destroyed key', () => {
      const packetKey = crypto.packetKey(sequence(32));
      const buffer = new Uint8Array(64);
      assert.equal(crypto.openInPlace(packetKey, 0, buffer, 0, 15), false);
      crypto.sealInPlace(packetKey, 0, buffer, 0, 48);
      packetKey.destroy();
      assert.equal(crypto.openInPlace(packetKey, 0, buffer, 0, 64), false);
    });
  });
}

describe('keyed BLAKE2s', async () => {
  const crypto = await createWireguardCrypto();

  for (const [keyBytes, dataBytes, mac] of PYTHON_MACS)
    test(`a key of ${keyBytes} bytes over ${dataBytes} bytes`, () =>
      assert.equal(toHex(crypto.mac(sequence(keyBytes, 1), sequence(dataBytes))), mac));

  test('refuses keys of other lengths', () => assert.throws(() => crypto.mac(sequence(17), EMPTY), RangeError));

  test('keys that alternate do not mix', () => {
    const random = createRandom();
    const keys = Array.from({ length: 20 }, () => random.bytes(32));
    const first = keys.map((key) => toHex(crypto.mac(key, SUNSCREEN)));
    crypto.hash(SUNSCREEN);
    assert.deepEqual(
      keys.map((key) => toHex(crypto.mac(key, SUNSCREEN))),
      first,
    );
    assert.equal(new Set(first).size, keys.length);
  });
});

const bare = (bytes: Uint8Array | undefined): Uint8Array | undefined => bytes && Uint8Array.from(bytes);
const bareHex = (text: string): string => text.replace(/\s/g, '');
const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte));
