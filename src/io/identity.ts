import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { join } from 'node:path';
import { Failure, fromBase64, fromBase64Url, toBase64, toBase64Url } from '../base/index.ts';
import type { Signer } from '../core/link/index.ts';
import { OWNER_ONLY, readJson, writeJson } from './files.ts';

/** What a node is: two key pairs, made on the node, that never leave it. */
export interface Identity {
  /** Curve25519, 32 bytes. */
  readonly wireguardPrivateKey: Uint8Array;
  /** Ed25519. */
  readonly signingKey: KeyObject;
  readonly signer: Signer;
}

interface StoredIdentity {
  readonly wireguardPrivateKey: string;
  /** PKCS #8, base64. */
  readonly signingPrivateKey: string;
}

/** The identity in `<dataDir>/identity.json`, made at the first start. Failure `identity-damaged`. */
export async function loadIdentity(dataDir: string): Promise<Identity> {
  const path = join(dataDir, 'identity.json');
  const stored = await readJson(path);
  if (stored !== undefined) return read(stored, path);
  const made: StoredIdentity = {
    wireguardPrivateKey: toBase64(randomBytes(32)),
    signingPrivateKey: generateKeyPairSync('ed25519')
      .privateKey.export({ type: 'pkcs8', format: 'der' })
      .toString('base64'),
  };
  await writeJson(path, made, OWNER_ONLY);
  return read(made, path);
}

/** Base64url of the raw Ed25519 public key. */
export function signingPublicKey(identity: Identity): string {
  return toBase64Url(identity.signer.publicKey);
}

function read(stored: unknown, path: string): Identity {
  const { wireguardPrivateKey, signingPrivateKey } = stored as Partial<StoredIdentity>;
  const privateKey = typeof wireguardPrivateKey === 'string' ? fromBase64(wireguardPrivateKey) : undefined;
  try {
    if (privateKey?.length !== 32 || typeof signingPrivateKey !== 'string') throw new Error('a key is missing');
    const key = Buffer.from(signingPrivateKey, 'base64');
    const signingKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
    return { wireguardPrivateKey: privateKey, signingKey, signer: signerOf(signingKey) };
  } catch (error) {
    throw new Failure('identity-damaged', `${path} does not hold this node's keys; restore it or enrol anew`, error);
  }
}

function signerOf(signingKey: KeyObject): Signer {
  const { x } = createPublicKey(signingKey).export({ format: 'jwk' });
  const publicKey = fromBase64Url(x ?? '');
  if (publicKey?.length !== 32) throw new Error('not an Ed25519 key');
  return { publicKey, sign: (message) => sign(null, message, signingKey) };
}
