import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { concat } from '../base/bytes.ts';
import type { SessionCrypto, Signer, Verifier } from '../core/session/index.ts';

/** DER around an Ed25519 seed (PKCS #8) and public key (SubjectPublicKeyInfo), RFC 8410 section 7. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;

/** Session cryptography by Node's OpenSSL. Keys are prepared once; every call is synchronous. */
export class NodeSessionCrypto implements SessionCrypto {
  bytes(length: number): Uint8Array {
    return randomBytes(length);
  }

  generateKeyPair(): { seed: Uint8Array; publicKey: Uint8Array } {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PRIVATE_PREFIX.length);
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_PREFIX.length);
    return { seed: new Uint8Array(seed), publicKey: new Uint8Array(raw) };
  }

  signer(seed: Uint8Array): Signer {
    if (seed.length !== KEY_BYTES) throw new RangeError(`an Ed25519 seed has ${KEY_BYTES} bytes, not ${seed.length}`);
    const der = Buffer.from(concat(PRIVATE_PREFIX, seed));
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    return { sign: (message) => sign(null, message, key) };
  }

  verifier(publicKey: Uint8Array): Verifier | undefined {
    if (publicKey.length !== KEY_BYTES) return undefined;
    const key = readPublicKey(publicKey);
    return key && { verify: (message, signature) => verify(null, message, key, signature) };
  }

  sha256(message: Uint8Array): Uint8Array {
    return createHash('sha256').update(message).digest();
  }

  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
    return createHmac('sha256', key).update(message).digest();
  }
}

function readPublicKey(publicKey: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(concat(PUBLIC_PREFIX, publicKey)), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
