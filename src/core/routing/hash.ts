import { utf8 } from '../../base/index.ts';

/**
 * A spread of texts over [0, 2^32): FNV-1a, then the finaliser of MurmurHash3 (Appleby, public domain), because FNV alone
 * leaves the high bits of similar texts alike. Not for secrets: everybody can compute it.
 */
export function hash32(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (const octet of utf8(text)) hash = Math.imul(hash ^ octet, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number in (0, 1), the same for the same text on every node. */
export function hashFraction(text: string): number {
  // 52 bits: 2^20 of one hash times 2^32 of another, and half a step so that neither end is met.
  const high = hash32(text) >>> 12;
  const low = hash32(text, 0x9e3779b9);
  return (high * 2 ** 32 + low + 0.5) / 2 ** 52;
}
