/** ChaCha20-Poly1305, XChaCha20-Poly1305 and X25519 over libsodium: the fastest packet path measured (docs/decisions). */
import sodiumNative from 'sodium-native';
import type { PacketKey } from '../../core/wireguard/index.ts';

import { writeNonce } from './nonce.ts';
import type { KeyAgreement, MessageSeals, PacketSeals, Primitives } from './primitives.ts';

const TAG_BYTES = 16;

type Encrypt = (
  sealed: Uint8Array,
  plaintext: Uint8Array,
  associatedData: Uint8Array | null,
  secretNonce: null,
  nonce: Uint8Array,
  key: Uint8Array,
) => number;
type Decrypt = (
  plaintext: Uint8Array,
  secretNonce: null,
  sealed: Uint8Array,
  associatedData: Uint8Array | null,
  nonce: Uint8Array,
  key: Uint8Array,
) => number;

/** The part of sodium-native that is used; its published types leave out the AEAD of RFC 8439. */
interface Sodium {
  crypto_scalarmult_base(publicKey: Uint8Array, privateKey: Uint8Array): void;
  crypto_scalarmult(secret: Uint8Array, privateKey: Uint8Array, publicKey: Uint8Array): void;
  crypto_aead_chacha20poly1305_ietf_encrypt: Encrypt;
  crypto_aead_chacha20poly1305_ietf_decrypt: Decrypt;
  crypto_aead_xchacha20poly1305_ietf_encrypt: Encrypt;
  crypto_aead_xchacha20poly1305_ietf_decrypt: Decrypt;
}

const sodium = sodiumNative as unknown as Sodium;

class SodiumPacketKey implements PacketKey {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    // Not from Buffer's shared pool: a key of its own can be wiped and keeps no slab alive.
    this.bytes = new Uint8Array(bytes);
  }

  destroy(): void {
    this.bytes.fill(0);
  }
}

export function sodiumPrimitives(): Primitives {
  return { ...keyAgreement, ...messageSeals(), ...packetSeals() };
}

const keyAgreement: KeyAgreement = {
  x25519PublicKey(privateKey) {
    const publicKey = new Uint8Array(32);
    sodium.crypto_scalarmult_base(publicKey, privateKey);
    return publicKey;
  },
  x25519(privateKey, publicKey) {
    const secret = new Uint8Array(32);
    return holds(() => sodium.crypto_scalarmult(secret, privateKey, publicKey)) ? secret : undefined;
  },
};

function messageSeals(): MessageSeals {
  const nonce = new Uint8Array(12);
  return {
    seal(key, counter, plaintext, associatedData) {
      const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
      writeNonce(nonce, counter);
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, plaintext, associatedData, null, nonce, key);
      return sealed;
    },
    open(key, counter, sealed, associatedData) {
      if (sealed.length < TAG_BYTES) return undefined;
      const plaintext = new Uint8Array(sealed.length - TAG_BYTES);
      writeNonce(nonce, counter);
      return holds(() =>
        sodium.crypto_aead_chacha20poly1305_ietf_decrypt(plaintext, null, sealed, associatedData, nonce, key),
      )
        ? plaintext
        : undefined;
    },
    xseal(key, xnonce, plaintext, associatedData) {
      const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, plaintext, associatedData, null, xnonce, key);
      return sealed;
    },
    xopen(key, xnonce, sealed, associatedData) {
      if (sealed.length < TAG_BYTES) return undefined;
      const plaintext = new Uint8Array(sealed.length - TAG_BYTES);
      return holds(() =>
        sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext, null, sealed, associatedData, xnonce, key),
      )
        ? plaintext
        : undefined;
    },
  };
}

function packetSeals(): PacketSeals {
  const nonce = new Uint8Array(12);
  return {
    packetPath: 'sodium',
    packetKey: (key) => new SodiumPacketKey(key),
    sealInPlace(key, counter, buffer, offset, plaintextLength) {
      writeNonce(nonce, counter);
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
        buffer.subarray(offset, offset + plaintextLength + TAG_BYTES),
        buffer.subarray(offset, offset + plaintextLength),
        null,
        null,
        nonce,
        (key as SodiumPacketKey).bytes,
      );
    },
    openInPlace(key, counter, buffer, offset, sealedLength) {
      if (sealedLength < TAG_BYTES) return false;
      writeNonce(nonce, counter);
      try {
        sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
          buffer.subarray(offset, offset + sealedLength - TAG_BYTES),
          null,
          buffer.subarray(offset, offset + sealedLength),
          null,
          nonce,
          (key as SodiumPacketKey).bytes,
        );
        return true;
      } catch {
        return false;
      }
    },
  };
}

/** sodium-native throws where a tag or a point does not hold; to the caller that is an ordinary answer. */
function holds(operation: () => unknown): boolean {
  try {
    operation();
    return true;
  } catch {
    return false;
  }
}
