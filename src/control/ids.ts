import type { Clock, Random } from '../base/index.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

export type IdPrefix =
  | 'acm'
  | 'alr'
  | 'thc'
  | 'aud'
  | 'con'
  | 'cau'
  | 'crd'
  | 'ctl'
  | 'crt'
  | 'dev'
  | 'dns'
  | 'dom'
  | 'enr'
  | 'idp'
  | 'mai'
  | 'grp'
  | 'inv'
  | 'key'
  | 'liv'
  | 'org'
  | 'otp'
  | 'msg'
  | 'pky'
  | 'rem'
  | 'pop'
  | 'prg'
  | 'qtn'
  | 'rep'
  | 'req'
  | 'res'
  | 'rol'
  | 'sit'
  | 'tgt'
  | 'tok'
  | 'usr'
  | 'whk';

/**
 * `usr_01jd9k...`: a prefix that says what it names, then a ULID in lower case: 48 bits of time and 80 of chance, in
 * Crockford's base 32. Ids made later sort later, so lists page by id.
 */
export function newId(prefix: IdPrefix, clock: Clock, random: Random): string {
  return idOf(prefix, clock.unixMs(), random.bytes(16));
}

/** The same from a given time and 16 bytes, five bits of each: for an id that follows from what it names. */
export function idOf(prefix: IdPrefix, unixMs: number, chance: Uint8Array): string {
  let time = Math.floor(unixMs);
  let text = '';
  for (let i = 0; i < 10; i++) {
    text = ALPHABET.charAt(time % 32) + text;
    time = Math.floor(time / 32);
  }
  for (const byte of chance.subarray(0, 16)) text += ALPHABET.charAt(byte & 31);
  return `${prefix}_${text}`;
}
