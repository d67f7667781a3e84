/** Keys of known devices: ECDSA with P-256 and SHA-256, made by WebCrypto in a browser and never let out of it. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { fromBase64Url, utf8 } from '../../base/index.ts';

/** SubjectPublicKeyInfo of a P-256 key, base64url, or undefined where the text is none. */
export function readDeviceKey(text: string): KeyObject | undefined {
  const der = fromBase64Url(text);
  if (!der || der.length > 128) return undefined;
  try {
    const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** The id of a device's key: the beginning of its SHA-256, so that the browser can work it out as well. */
export function deviceKeyIdOf(publicKey: string): string {
  return createHash('sha256')
    .update(fromBase64Url(publicKey) ?? '')
    .digest('base64url')
    .slice(0, 22);
}

/** Whether the key signed the nonce: IEEE P1363 form, as WebCrypto gives it. */
export function verifyDeviceSignature(publicKey: string, nonce: string, signature: string): boolean {
  const key = readDeviceKey(publicKey);
  const bytes = fromBase64Url(signature);
  if (!key || bytes?.length !== 64) return false;
  return verify('sha256', utf8(`manis device v1\n${nonce}`), { key, dsaEncoding: 'ieee-p1363' }, bytes);
}
