/**
 * How control knows that something is a connector's own word though a PoP brought it: both have a Curve25519 key that the
 * other one knows (the connector's since its enrolment, control's by the signed grant), so both, and nobody else, have
 * one secret (RFC 7748), and what is said carries an HMAC by it.
 */
import { createHmac, createPrivateKey, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from 'node:crypto';
import { fromBase64Url, toBase64Url, utf8 } from '../base/index.ts';
import { sealingKey } from './sealing.ts';
import { sameSecret } from './secrets.ts';

/** DER in front of the 32 bytes of a key: PKCS 8 and SubjectPublicKeyInfo (RFC 8410). */
const PRIVATE_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_HEAD = Buffer.from('302a300506032b656e032100', 'hex');
const CONTEXT = utf8('manis connector blueprint v1');
const KEY_BYTES = 32;

export interface ConnectorProof {
  /** Base64url, for grants. */
  readonly publicKey: string;
  /** Whether a text is the word of whoever has this key. */
  isBy(connectorKey: Uint8Array, text: string, proof: string): boolean;
}

/** @param rootSeed the seed of the installation's root key: every control node has the same. */
export function createConnectorProof(rootSeed: Uint8Array): ConnectorProof {
  const own = privateKeyOf(sealingKey(rootSeed, 'connector proofs'));
  const publicKey = rawPublicKey(own);
  return {
    publicKey: toBase64Url(publicKey),
    isBy(connectorKey, text, proof) {
      const expected = proofOf(own, connectorKey, text);
      return expected !== undefined && sameSecret(expected, proof);
    },
  };
}

/** What a connector puts beside a text for control; undefined where control's key is none. */
export function connectorProof(privateKey: Uint8Array, controlKey: string, text: string): string | undefined {
  const key = fromBase64Url(controlKey);
  return key && proofOf(privateKeyOf(privateKey), key, text);
}

function proofOf(own: KeyObject, peer: Uint8Array, text: string): string | undefined {
  if (peer.length !== KEY_BYTES) return undefined;
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([PUBLIC_HEAD, peer]), format: 'der', type: 'spki' });
    // Points of small order give a secret that everybody knows; OpenSSL refuses them.
    const shared = diffieHellman({ privateKey: own, publicKey });
    const key = new Uint8Array(hkdfSync('sha256', shared, CONTEXT, new Uint8Array(), KEY_BYTES));
    return toBase64Url(createHmac('sha256', key).update(text).digest());
  } catch {
    return undefined;
  }
}

function privateKeyOf(bytes: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PRIVATE_HEAD, bytes]), format: 'der', type: 'pkcs8' });
}

function rawPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_HEAD.length));
}
