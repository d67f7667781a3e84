import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Failure, fromBase64, toBase64, toBase64Url } from '../base/index.ts';
import type { Signer } from '../core/link/index.ts';
import { createEd25519, ED25519_KEY_BYTES } from './crypto/ed25519.ts';
import { OWNER_ONLY, readJson, writeJson } from './files.ts';

/** What a node is: two key pairs, made on the node, that never leave it. */
export interface Identity {
  /** Curve25519, 32 bytes. */
  readonly wireguardPrivateKey: Uint8Array;
  /** Ed25519. */
  readonly signer: Signer;
}

interface StoredIdentity {
  /** Base64 of 32 bytes. */
  readonly wireguardPrivateKey: string;
  /** Base64 of the seed (RFC 8032 section 5.1.5), 32 bytes. */
  readonly signingSeed: string;
}

/** The identity in `<dataDir>/identity.json`, made at the first start. Failure `identity-damaged`. */
export async function loadIdentity(dataDir: string): Promise<Identity> {
  const path = join(dataDir, 'identity.json');
  const stored = await readJson(path);
  if (stored !== undefined) return read(stored, path);
  const made: StoredIdentity = {
    wireguardPrivateKey: toBase64(randomBytes(32)),
    signingSeed: toBase64(randomBytes(ED25519_KEY_BYTES)),
  };
  await writeJson(path, made, OWNER_ONLY);
  return read(made, path);
}

/** Base64url of the raw Ed25519 public key. */
export function signingPublicKey(identity: Identity): string {
  return toBase64Url(identity.signer.publicKey);
}

function read(stored: unknown, path: string): Identity {
  const { wireguardPrivateKey, signingSeed } = stored as Partial<StoredIdentity>;
  const privateKey = typeof wireguardPrivateKey === 'string' ? fromBase64(wireguardPrivateKey) : undefined;
  const seed = typeof signingSeed === 'string' ? fromBase64(signingSeed) : undefined;
  if (privateKey?.length !== 32 || seed?.length !== ED25519_KEY_BYTES) {
    throw new Failure('identity-damaged', `${path} does not hold this node's keys; restore it or enrol anew`);
  }
  const ed25519 = createEd25519();
  const signer: Signer = { publicKey: ed25519.publicKeyOf(seed), sign: ed25519.signer(seed) };
  return { wireguardPrivateKey: privateKey, signer };
}
