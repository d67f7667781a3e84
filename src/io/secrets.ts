import { createHash, timingSafeEqual } from 'node:crypto';
import { type Random, toBase64Url } from '../base/index.ts';

/** Random bytes of tokens and set-up links. */
export const SECRET_BYTES = 32;

/** `mnp_...`: the prefix lets people and secret scanners see what leaked. */
export type SecretPrefix =
  | 'mna'
  | 'mnd'
  | 'mnp'
  | 'mnc'
  | 'mns'
  | 'mnl'
  | 'mnt'
  | 'mnw'
  | 'mnr'
  | 'mni'
  | 'mnk'
  | 'mnx';

/** A new secret of 256 bits, shown once. */
export function newSecret(prefix: SecretPrefix, random: Random): string {
  return `${prefix}_${toBase64Url(random.bytes(SECRET_BYTES))}`;
}

/** What the store keeps of it. A plain hash is enough for 256 random bits. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether two secrets are the same, in a time that tells nothing. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
