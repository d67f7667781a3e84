/** The signing port of `core/link` over the one place where Ed25519 and SHA-256 are called. */
import type { Signer, SigningPort } from '../core/link/index.ts';
import type { SessionCrypto } from '../core/session/index.ts';

export function createSigningPort(crypto: SessionCrypto): SigningPort {
  return {
    sha256: (bytes) => crypto.sha256(bytes),
    verify: (publicKey, message, signature) => crypto.verifier(publicKey)?.verify(message, signature) ?? false,
  };
}

/** A link signer from an Ed25519 seed and its public key. */
export function createLinkSigner(crypto: SessionCrypto, seed: Uint8Array, publicKey: Uint8Array): Signer {
  const signer = crypto.signer(seed);
  return { publicKey, sign: (message) => signer.sign(message) };
}
