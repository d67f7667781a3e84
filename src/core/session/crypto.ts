import type { Random } from '../../base/ports.ts';

/** A private Ed25519 key that is ready for use (RFC 8032). */
export interface Signer {
  /** The signature, 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** A public Ed25519 key that is ready for use. Two keys are the same key when they are the same object. */
export interface Verifier {
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** The cryptography that sessions need. `io/session-crypto.ts` implements it with Node's. */
export interface SessionCrypto extends Random {
  /** A new key pair: the seed of 32 bytes and its public key of 32 bytes. */
  generateKeyPair(): { readonly seed: Uint8Array; readonly publicKey: Uint8Array };
  /** From the private seed, 32 bytes (RFC 8032 section 5.1.5). */
  signer(seed: Uint8Array): Signer;
  /** From the public key, 32 bytes; undefined where these are not the bytes of one. */
  verifier(publicKey: Uint8Array): Verifier | undefined;
  sha256(message: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array;
}

/** A node's own signing key and the id under which the snapshot publishes its public half. */
export interface SigningKey {
  /** 1 to 64 characters of A-Z a-z 0-9 - _. */
  readonly id: string;
  readonly signer: Signer;
}
