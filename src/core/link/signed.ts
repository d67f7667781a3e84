/**
 * Documents that control signs and others carry: snapshot headers and site grants, and the root key's delegation.
 *
 *     signature over   domain || 0x00 || payload            (UTF-8; the domain never holds 0x00)
 *     delegation over  'manis delegation v1' 0x00 controlId 0x00 signingKey 0x00 notAfterUnixMs
 *
 * The domain keeps a signature for one purpose from being shown for another. Ed25519: RFC 8032.
 */
import { fromBase64Url, toBase64Url, utf8 } from '../../base/index.ts';
import type { Delegation, SignedDocument } from './records.ts';

/** The cryptography that this room needs, given by an adapter. None of it throws for bytes of wrong length. */
export interface SigningPort {
  sha256(bytes: Uint8Array): Uint8Array;
  /** Ed25519; false for a malformed key or signature. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** Holds a private Ed25519 key. */
export interface Signer {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export type SigningDomain =
  | 'manis snapshot v1'
  | 'manis site grant v1'
  | 'manis link control v1'
  | 'manis link pop v1'
  | 'manis delegation v1';

export type SignedRefusal =
  | 'delegation-malformed'
  | 'delegation-bad-signature'
  | 'delegation-expired'
  | 'signer-mismatch'
  | 'signature-malformed'
  | 'bad-signature';

export type VerifiedSigner =
  | { readonly ok: true; readonly controlId: string; readonly signingKey: Uint8Array }
  | { readonly ok: false; readonly reason: SignedRefusal };

/** `domain || 0x00 || part || 0x00 || part ...`; only the last part may hold 0x00 bytes. */
export function signedBytes(domain: SigningDomain, ...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const pieces = [domain, ...parts].map((part) => (typeof part === 'string' ? utf8(part) : part));
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length + 1, -1));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length + 1;
  }
  return bytes;
}

/** The root key lets `signingKey` sign as `controlId` until `notAfterUnixMs`. */
export function delegate(root: Signer, controlId: string, signingKey: Uint8Array, notAfterUnixMs: number): Delegation {
  const key = toBase64Url(signingKey);
  const signature = root.sign(signedBytes('manis delegation v1', controlId, key, String(notAfterUnixMs)));
  return { controlId, signingKey: key, notAfterUnixMs, signature: toBase64Url(signature) };
}

/** Whether the pinned root key delegated to this signer, and until when. */
export function verifyDelegation(
  delegation: Delegation,
  rootKey: Uint8Array,
  unixMs: number,
  port: SigningPort,
): VerifiedSigner {
  const signingKey = fromBase64Url(delegation.signingKey);
  const signature = fromBase64Url(delegation.signature);
  if (signingKey?.length !== 32 || signature?.length !== 64 || delegation.controlId.includes('\0'))
    return { ok: false, reason: 'delegation-malformed' };
  const { controlId, notAfterUnixMs } = delegation;
  const message = signedBytes('manis delegation v1', controlId, delegation.signingKey, String(notAfterUnixMs));
  if (!port.verify(rootKey, message, signature)) return { ok: false, reason: 'delegation-bad-signature' };
  if (unixMs >= notAfterUnixMs) return { ok: false, reason: 'delegation-expired' };
  return { ok: true, controlId, signingKey };
}

export function signDocument(
  domain: SigningDomain,
  payload: string,
  signer: Signer,
  delegation: Delegation,
): SignedDocument {
  const signature = toBase64Url(signer.sign(signedBytes(domain, payload)));
  return { payload, keyId: delegation.controlId, signature, delegation };
}

/** Verifies a document up to the pinned root key. Its payload may be read only after this says ok. */
export function verifyDocument(
  domain: SigningDomain,
  document: SignedDocument,
  rootKey: Uint8Array,
  unixMs: number,
  port: SigningPort,
): VerifiedSigner {
  const signer = verifyDelegation(document.delegation, rootKey, unixMs, port);
  if (!signer.ok) return signer;
  if (document.keyId !== signer.controlId) return { ok: false, reason: 'signer-mismatch' };
  const signature = fromBase64Url(document.signature);
  if (signature?.length !== 64) return { ok: false, reason: 'signature-malformed' };
  if (!port.verify(signer.signingKey, signedBytes(domain, document.payload), signature))
    return { ok: false, reason: 'bad-signature' };
  return signer;
}
