/** ChaCha20-Poly1305, XChaCha20-Poly1305 and X25519 over libsodium: the fastest packet path measured (docs/decisions). */
import sodium from 'sodium-native';
import type { PacketKey } from '../../core/wireguard/index.ts';
import type { Primitives } from './create-wireguard-crypto.ts';
import { writeNonce } from './nonce.ts';

const TAG_BYTES = 16;

class SodiumPacketKey implements PacketKey {
  readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes);
  }

  destroy(): void {
    this.bytes.fill(0);
  }
}

/** A view as the Buffer that sodium's types ask for; its code takes any typed array. */
const asBuffer = (bytes: Uint8Array): Buffer => bytes as Buffer;

export function sodiumPrimitives(): Primitives {
  const nonce = Buffer.alloc(12);
  return {
    packetPath: 'sodium',
    x25519PublicKey(privateKey) {
      const publicKey = Buffer.alloc(32);
      sodium.crypto_scalarmult_base(publicKey, asBuffer(privateKey));
      return publicKey;
    },
    x25519(privateKey, publicKey) {
      const secret = Buffer.alloc(32);
      return holds(() => sodium.crypto_scalarmult(secret, asBuffer(privateKey), asBuffer(publicKey)))
        ? secret
        : undefined;
    },
    seal(key, counter, plaintext, associatedData) {
      const sealed = Buffer.alloc(plaintext.length + TAG_BYTES);
      writeNonce(nonce, counter);
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
        sealed,
        asBuffer(plaintext),
        asBuffer(associatedData),
        null,
        nonce,
        asBuffer(key),
      );
      return sealed;
    },
    open(key, counter, sealed, associatedData) {
      if (sealed.length < TAG_BYTES) return undefined;
      const plaintext = Buffer.alloc(sealed.length - TAG_BYTES);
      writeNonce(nonce, counter);
      return holds(() =>
        sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
          plaintext,
          null,
          asBuffer(sealed),
          asBuffer(associatedData),
          nonce,
          asBuffer(key),
        ),
      )
        ? plaintext
        : undefined;
    },
    xseal(key, xnonce, plaintext, associatedData) {
      const sealed = Buffer.alloc(plaintext.length + TAG_BYTES);
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed,
        asBuffer(plaintext),
        asBuffer(associatedData),
        null,
        asBuffer(xnonce),
        asBuffer(key),
      );
      return sealed;
    },
    xopen(key, xnonce, sealed, associatedData) {
      if (sealed.length < TAG_BYTES) return undefined;
      const plaintext = Buffer.alloc(sealed.length - TAG_BYTES);
      return holds(() =>
        sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
          plaintext,
          null,
          asBuffer(sealed),
          asBuffer(associatedData),
          asBuffer(xnonce),
          asBuffer(key),
        ),
      )
        ? plaintext
        : undefined;
    },
    packetKey: (key) => new SodiumPacketKey(key),
    sealInPlace(key, counter, buffer, offset, plaintextLength) {
      writeNonce(nonce, counter);
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
        asBuffer(buffer.subarray(offset, offset + plaintextLength + TAG_BYTES)),
        asBuffer(buffer.subarray(offset, offset + plaintextLength)),
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
          asBuffer(buffer.subarray(offset, offset + sealedLength - TAG_BYTES)),
          null,
          asBuffer(buffer.subarray(offset, offset + sealedLength)),
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
