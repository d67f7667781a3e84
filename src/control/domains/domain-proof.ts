import type { Random } from '../../base/index.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** What proves a domain: 100 bits in letters and digits that every DNS form takes, and that fit into a label. */
export function newProofToken(random: Random): string {
  return Array.from(random.bytes(20), (byte) => ALPHABET.charAt(byte & 31)).join('');
}
