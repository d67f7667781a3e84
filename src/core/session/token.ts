import { fromBase64Url, toBase64Url } from '../../base/bytes.ts';
import { fromUtf8, utf8 } from '../../base/text.ts';
import { MAXIMUM_TOKEN_LENGTH } from './constants.ts';
import type { SigningKey } from './crypto.ts';
import type { IssuerKey, IssuerKeys } from './keys.ts';
import type { TokenDropReason } from './reasons.ts';

/**
 * The envelope of everything Manis signs for itself:
 *
 *     v1 . key id . base64url(payload) . base64url(Ed25519 signature)
 *
 * The signature covers `domain "\n" v1.keyId.payload`. The domain is never sent, so a token of one kind cannot stand
 * for one of another. One value has one spelling: base64url is unpadded and canonical, the payload is compared with
 * its own re-encoding by whoever reads it.
 */
export type TokenDomain =
  | 'manis session v1'
  | 'manis code v1'
  | 'manis second step v1'
  | 'manis key challenge v1'
  | 'manis provider attempt v1'
  | 'manis known browser v1';

export interface OpenedToken {
  readonly payload: string;
  readonly keyId: string;
  readonly key: IssuerKey;
}

const VERSION = 'v1';
const SIGNATURE_BYTES = 64;
const KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Signs a payload. Throws for a key id that has no place in a token, a programming error. */
export function sealToken(domain: TokenDomain, payload: string, key: SigningKey): string {
  if (!KEY_ID.test(key.id)) throw new RangeError('a key id has 1 to 64 characters of A-Z a-z 0-9 - _');
  const body = `${VERSION}.${key.id}.${toBase64Url(utf8(payload))}`;
  return `${body}.${toBase64Url(key.signer.sign(signedBytes(domain, body)))}`;
}

/** The payload of a token that a known key signed, or why it is none. */
export function openToken(domain: TokenDomain, token: string, keys: IssuerKeys): OpenedToken | TokenDropReason {
  if (token.length > MAXIMUM_TOKEN_LENGTH) return 'token-too-long';
  const [version, keyId, payloadText, signatureText, ...rest] = token.split('.', 5);
  if (version !== VERSION) return signatureText === undefined ? 'token-malformed' : 'token-version-unknown';
  if (keyId === undefined || payloadText === undefined || signatureText === undefined || rest.length > 0)
    return 'token-malformed';
  const signature = fromBase64Url(signatureText);
  const payloadBytes = fromBase64Url(payloadText);
  if (!payloadBytes || signature?.length !== SIGNATURE_BYTES) return 'token-malformed';
  const key = keys.keyOf(keyId);
  if (!key) return 'key-unknown';
  const body = token.slice(0, token.length - signatureText.length - 1);
  if (!key.verifier.verify(signedBytes(domain, body), signature)) return 'signature-wrong';
  const payload = fromUtf8(payloadBytes);
  return payload === undefined ? 'token-malformed' : { payload, keyId, key };
}

function signedBytes(domain: TokenDomain, body: string): Uint8Array {
  return utf8(`${domain}\n${body}`);
}
