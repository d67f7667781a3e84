/** The handshake against vectors that others published, message by message. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concat, fromHex, toHex, utf8 } from '../../base/index.ts';
import { createWireguardCrypto } from '../../io/crypto/create-wireguard-crypto.ts';
import { deriveKeys, hmac } from './kdf.ts';
import {
  KEY_BYTES,
  readCaller,
  readFirstPayload,
  readSecondMessage,
  SymmetricState,
  writeFirstMessage,
  writeSecondMessage,
} from './noise.ts';

/** Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s from the vectors of cacophony (haskell-cryptography/cacophony, public domain). */
const CACOPHONY = {
  prologue: '4a6f686e2047616c74',
  psk: '54686973206973206d7920417573747269616e20706572737065637469766521',
  initiatorStatic: 'e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1',
  initiatorEphemeral: '893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a',
  responderStatic: '4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893',
  responderStaticPublic: '31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62',
  responderEphemeral: 'bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b',
  handshakeHash: 'f5191b875290abcd41347ac3622d9679688a7e980229cb937ef748336cfde0e5',
  messages: [
    {
      payload: '4c756477696720766f6e204d69736573',
      ciphertext:
        'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944001e21de9f98ddd8e2ad57527207feb56253c9c94a9e496782ecfcb2a75fbcaf1b52948cc48daefe660c62119ab5000980c84831215f2441eba616548e832985464cf17e51ee93109008399a21f7e13f',
    },
    {
      payload: '4d757272617920526f746862617264',
      ciphertext:
        '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843cb765f2caef0751b8f007572dab0322217755c0632f365717edbf34d33e87a',
    },
    { payload: '462e20412e20486179656b', ciphertext: '8153ca9833bc3c1b91a7e66e5f4d4f5b59bf9e64c2f20d15f0bba7' },
    { payload: '4361726c204d656e676572', ciphertext: '07af0c9c86e1b4e80f36b04ff7688d51141af3debd0332f0a705ef' },
    {
      payload: '4a65616e2d426170746973746520536179',
      ciphertext: '6ab1467c0448cc78394494abaaf23afce0e234315d6e2624dcbfa8a21c1c4d073d',
    },
    {
      payload: '457567656e2042f6686d20766f6e2042617765726b',
      ciphertext: 'dfc346c0d2296ae6cf1acf6f12b8456a1dba228cf8d8b774aacf1c47fc53aa80ebc7a4c292',
    },
  ],
} as const;

const hex = (text: string): Uint8Array => {
  const bytes = fromHex(text);
  assert.ok(bytes, text);
  return bytes;
};
const EMPTY = new Uint8Array(0);

for (const packetPath of ['sodium', 'node'] as const) {
  describe(`Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s over ${packetPath}`, async () => {
    const crypto = await createWireguardCrypto({ packetPath });
    const keyPair = (privateKey: string) => {
      const bytes = hex(privateKey);
      return { privateKey: bytes, publicKey: crypto.x25519PublicKey(bytes) };
    };
    const initiator = { s: keyPair(CACOPHONY.initiatorStatic), e: keyPair(CACOPHONY.initiatorEphemeral) };
    const responder = { s: keyPair(CACOPHONY.responderStatic), e: keyPair(CACOPHONY.responderEphemeral) };
    const prologue = hex(CACOPHONY.prologue);
    const psk = hex(CACOPHONY.psk);
    const [first, second, ...transport] = CACOPHONY.messages;
    const newState = () => new SymmetricState(crypto, prologue, responder.s.publicKey);

    function firstMessage(state: SymmetricState): Uint8Array {
      const ss = crypto.x25519(initiator.s.privateKey, responder.s.publicKey) ?? EMPTY;
      const keys = { ...initiator, rs: responder.s.publicKey, ss };
      return writeFirstMessage(crypto, state, keys, hex(first.payload)) ?? EMPTY;
    }

    function answer(message: Uint8Array, key = psk) {
      const state = newState();
      const caller = readCaller(crypto, state, responder.s, message);
      assert.ok(caller);
      const ss = crypto.x25519(responder.s.privateKey, caller.rs) ?? EMPTY;
      const payload = readFirstPayload(state, ss, message);
      const response = writeSecondMessage(crypto, state, responder.e, caller, key, hex(second.payload)) ?? EMPTY;
      return { state, caller, payload, response };
    }

    test("both messages and the handshake hash are cacophony's", () => {
      const state = newState();
      const message = firstMessage(state);
      assert.equal(toHex(message), first.ciphertext);
      const answered = answer(message);
      assert.equal(toHex(answered.caller.rs), toHex(initiator.s.publicKey));
      assert.equal(toHex(answered.payload ?? EMPTY), first.payload);
      assert.equal(toHex(answered.response), second.ciphertext);
      const payload = readSecondMessage(crypto, state, initiator, psk, answered.response);
      assert.equal(toHex(payload ?? EMPTY), second.payload);
      assert.equal(toHex(state.hash), CACOPHONY.handshakeHash);
      assert.equal(toHex(answered.state.hash), CACOPHONY.handshakeHash);
    });

    test('the transport messages that follow are as well', () => {
      const state = newState();
      const answered = answer(firstMessage(state));
      readSecondMessage(crypto, state, initiator, psk, answered.response);
      const keys = state.split();
      assert.deepEqual(answered.state.split(), keys);
      for (const [index, { payload, ciphertext }] of transport.entries()) {
        const key = index % 2 === 0 ? keys.initiatorToResponder : keys.responderToInitiator;
        assert.equal(toHex(crypto.seal(key, index >> 1, hex(payload), EMPTY)), ciphertext);
      }
    });

    test('a changed bit in any part of the first message is noticed, in the step it belongs to', () => {
      const message = firstMessage(newState());
      for (let at = 0; at < message.length; at++) {
        const changed = message.map((byte, i) => (i === at ? byte ^ 1 : byte));
        const state = newState();
        const caller = readCaller(crypto, state, responder.s, changed);
        if (at < 2 * KEY_BYTES + 16) {
          assert.equal(caller, undefined, `byte ${at}`);
        } else {
          assert.ok(caller);
          const ss = crypto.x25519(responder.s.privateKey, caller.rs) ?? EMPTY;
          assert.equal(readFirstPayload(state, ss, changed), undefined, `byte ${at}`);
        }
      }
    });

    test('another preshared key, or a changed bit, spoils the second message but not the state it was tried on', () => {
      const state = newState();
      const message = firstMessage(state);
      const { response } = answer(message);
      const foreign = answer(message, new Uint8Array(32)).response;
      assert.equal(readSecondMessage(crypto, state.fork(), initiator, psk, foreign), undefined);
      for (const at of [0, 31, 32, response.length - 1]) {
        const changed = response.map((byte, i) => (i === at ? byte ^ 1 : byte));
        assert.equal(readSecondMessage(crypto, state.fork(), initiator, psk, changed), undefined, `byte ${at}`);
      }
      assert.ok(readSecondMessage(crypto, state, initiator, psk, response));
    });

    test('an ephemeral of small order is refused', () => {
      const message = concat(new Uint8Array(32), firstMessage(newState()).subarray(32));
      assert.equal(readCaller(crypto, newState(), responder.s, message), undefined);
    });
  });
}

describe('key derivation', async () => {
  const crypto = await createWireguardCrypto();

  // CPython: hmac.new(key, data, hashlib.blake2s).hexdigest().
  const HMACS = [
    ['', '', 'eaf4bb25938f4d20e72656bbbc7a9bf63c0c18537333c35bdb67db1402661acd'],
    ['6b6579', 'The quick brown fox', '8717096fc5e7ac53d11d990acd4380c9ddd7bd8da5d8b5bc29855e6c98a866a4'],
    ['00'.repeat(64), 'x', 'b68b06e897d266245ad94499b034fdcb74fdfdd99e354709277ee21687821dd2'],
  ] as const;
  for (const [key, data, expected] of HMACS)
    test(`HMAC-BLAKE2s under ${key.length / 2} bytes over "${data}"`, () =>
      assert.equal(toHex(hmac(crypto, hex(key), utf8(data))), expected));

  test('the keys are HKDF without info (RFC 5869), one after the other', () => {
    const expected = [
      '17cdf2d7371de9035d081b63b5d0993c1ce87d38abb21913f3bc825920f88124',
      '437f52b1d367f50760b57edc19f21fba061fe48eedb600857a555bb169e767be',
      '74c97525c9c2f75b71987b2c664078b3d3d361d21bf460a9de63ac1b9072d624',
    ];
    const chainingKey = new Uint8Array(32).fill(1);
    for (const count of [1, 2, 3] as const)
      assert.deepEqual(deriveKeys(crypto, chainingKey, utf8('input'), count).map(toHex), expected.slice(0, count));
  });
});
