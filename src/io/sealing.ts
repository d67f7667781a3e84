/**
 * How contents of this node's disk are sealed: AES-256-GCM (NIST SP 800-38D) with a key derived (HKDF, RFC 5869) from a
 * secret of the node, so that only this node can read them and nobody can change them unseen.
 *
 *     0             12                    n-16      n
 *     | nonce (12)  | ciphertext          | tag (16)|
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { utf8 } from '../base/index.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** The first format of sealed files; part of every key. */
export const SEALING_MAGIC = utf8('manisSF1');

/**
 * @param secret at least 32 bytes that belong to this node alone.
 * @param purpose what is sealed; what was sealed for one purpose does not open for another.
 */
export function sealingKey(secret: Uint8Array, purpose: string): Uint8Array {
  if (secret.length < KEY_BYTES) throw new RangeError('the secret of a sealed file has at least 32 bytes');
  const info = utf8(`manis sealed file ${purpose}`);
  return new Uint8Array(hkdfSync('sha256', secret, SEALING_MAGIC, info, KEY_BYTES));
}

/** @param bound what the sealed bytes belong to: they open only where it is the same. */
export function seal(key: Uint8Array, bound: Uint8Array, contents: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(bound);
  return Buffer.concat([nonce, cipher.update(contents), cipher.final(), cipher.getAuthTag()]);
}

/** The contents, or undefined where the bytes are not what `seal` gave for this key and this place. */
export function unseal(key: Uint8Array, bound: Uint8Array, bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(bound);
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    const plain = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES));
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}
