import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from '../base/index.ts';

/** A Curve25519 pair, base64 as `wg` writes it. */
export interface WireguardKeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

export function makeWireguardKeys(): WireguardKeyPair {
  const { d = '', x = '' } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  return { privateKey: wgText(d), publicKey: wgText(x) };
}

/** Whether a text is a public key as `wg` writes it with which a tunnel can be had: points of small order give none. */
export function isUsableWireguardKey(text: string): boolean {
  const bytes = fromBase64(text);
  if (bytes?.length !== 32 || toBase64(bytes) !== text) return false;
  try {
    const publicKey = createPublicKey({
      key: { kty: 'OKP', crv: 'X25519', x: toBase64Url(bytes) },
      format: 'jwk',
    });
    const shared = diffieHellman({ privateKey: generateKeyPairSync('x25519').privateKey, publicKey });
    return shared.some((byte) => byte !== 0);
  } catch {
    return false;
  }
}

function wgText(base64Url: string): string {
  return toBase64(fromBase64Url(base64Url) ?? new Uint8Array());
}
