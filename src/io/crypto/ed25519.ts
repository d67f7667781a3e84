/**
 * Ed25519 (RFC 8032) over raw keys: libsodium where it loads (twice as fast to verify and to sign), else Node's OpenSSL.
 * Both are strict enough that a signature which one takes the other takes too, for keys that were made honestly.
 */
import { createPrivateKey, createPublicKey, sign as nodeSign, verify as nodeVerify } from 'node:crypto';
import { createRequire } from 'node:module';
import { concat } from '../../base/bytes.ts';

export const ED25519_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** DER around a seed (PKCS #8) and a public key (SubjectPublicKeyInfo), RFC 8410 section 7. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export interface Ed25519 {
  readonly name: 'sodium' | 'node';
  publicKeyOf(seed: Uint8Array): Uint8Array;
  signer(seed: Uint8Array): (message: Uint8Array) => Uint8Array;
  verifier(publicKey: Uint8Array): (message: Uint8Array, signature: Uint8Array) => boolean;
}

interface Sodium {
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
}

/** The faster implementation that this machine has. */
export function createEd25519(): Ed25519 {
  return sodiumEd25519() ?? nodeEd25519();
}

export function sodiumEd25519(): Ed25519 | undefined {
  let sodium: Sodium;
  try {
    sodium = createRequire(import.meta.url)('sodium-native') as Sodium;
  } catch {
    return undefined;
  }
  const pair = (seed: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array } => {
    const publicKey = new Uint8Array(ED25519_KEY_BYTES);
    const secretKey = new Uint8Array(64);
    sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
    return { publicKey, secretKey };
  };
  return {
    name: 'sodium',
    publicKeyOf: (seed) => pair(seed).publicKey,
    signer: (seed) => {
      const { secretKey } = pair(seed);
      return (message) => {
        const signature = new Uint8Array(SIGNATURE_BYTES);
        sodium.crypto_sign_detached(signature, message, secretKey);
        return signature;
      };
    },
    // A signature of another length would throw.
    verifier: (publicKey) => (message, signature) =>
      signature.length === SIGNATURE_BYTES && sodium.crypto_sign_verify_detached(signature, message, publicKey),
  };
}

export function nodeEd25519(): Ed25519 {
  const privateKeyOf = (seed: Uint8Array) => {
    const der = Buffer.from(concat(PRIVATE_PREFIX, seed));
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    return key;
  };
  return {
    name: 'node',
    publicKeyOf: (seed) => {
      const der = createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' });
      return new Uint8Array(der.subarray(PUBLIC_PREFIX.length));
    },
    signer: (seed) => {
      const key = privateKeyOf(seed);
      return (message) => nodeSign(null, message, key);
    },
    verifier: (publicKey) => {
      const der = Buffer.from(concat(PUBLIC_PREFIX, publicKey));
      const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
      return (message, signature) => nodeVerify(null, message, key, signature);
    },
  };
}
