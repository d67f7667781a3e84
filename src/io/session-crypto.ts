import { createHmac, hash, randomBytes } from 'node:crypto';
import type { SessionCrypto, Signer, Verifier } from '../core/session/index.ts';
import { createEd25519, ED25519_KEY_BYTES } from './crypto/ed25519.ts';

/** Session cryptography: Ed25519 by `crypto/ed25519.ts`, the rest by Node. Keys are prepared once; every call is synchronous. */
export class NodeSessionCrypto implements SessionCrypto {
  readonly #ed25519 = createEd25519();

  bytes(length: number): Uint8Array {
    return randomBytes(length);
  }

  generateKeyPair(): { seed: Uint8Array; publicKey: Uint8Array } {
    const seed = new Uint8Array(randomBytes(ED25519_KEY_BYTES));
    return { seed, publicKey: this.#ed25519.publicKeyOf(seed) };
  }

  signer(seed: Uint8Array): Signer {
    if (seed.length !== ED25519_KEY_BYTES) {
      throw new RangeError(`an Ed25519 seed has ${ED25519_KEY_BYTES} bytes, not ${seed.length}`);
    }
    return { sign: this.#ed25519.signer(seed) };
  }

  verifier(publicKey: Uint8Array): Verifier | undefined {
    if (publicKey.length !== ED25519_KEY_BYTES) return undefined;
    return { verify: this.#ed25519.verifier(new Uint8Array(publicKey)) };
  }

  sha256(message: Uint8Array): Uint8Array {
    // In one call: no object per hash, of which a snapshot makes a hundred thousand.
    return hash('sha256', message, 'buffer');
  }

  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
    return createHmac('sha256', key).update(message).digest();
  }
}
