/** Recovery codes: a way in for whoever lost the authenticator. Shown once, kept as hashes, each good for one time. */
import { createHash } from 'node:crypto';
import type { Random } from '../../base/index.ts';
import { RECOVERY_CODE_CHARACTERS, RECOVERY_CODES } from './constants.ts';

/** Crockford's base 32 without letters that are read as digits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new set: `k3f7-9m2p-x4ta-81wq`. */
export function newRecoveryCodes(random: Random): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const letters = [...random.bytes(RECOVERY_CODE_CHARACTERS)].map((byte) => ALPHABET.charAt(byte & 31)).join('');
    return letters.replaceAll(/(.{4})(?=.)/g, '$1-');
  });
}

/** What the store keeps; undefined for a text that is no recovery code. Case, blanks and dashes do not matter. */
export function hashOfRecoveryCode(userId: string, text: string): string | undefined {
  const plain = text.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll(/[il]/g, '1').replaceAll('o', '0');
  if (plain.length !== RECOVERY_CODE_CHARACTERS || ![...plain].every((letter) => ALPHABET.includes(letter)))
    return undefined;
  return createHash('sha256').update(`manis recovery code v1\n${userId}\n${plain}`).digest('hex');
}
