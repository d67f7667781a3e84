/** The little of DER (ITU-T X.690) that a certificate of the local authority is made of. */
import { concat, utf8 } from '../base/index.ts';

export const DER_TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** A value with its tag and length (X.690 section 8.1). */
export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = content.reduce((total, part) => total + part.length, 0);
  return concat(new Uint8Array([tag, ...lengthOf(length)]), ...content);
}

export function derSequence(...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return der(DER_TAG.sequence, ...content);
}

/** Whole bytes as a bit string. */
export function derBits(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return der(DER_TAG.bitString, new Uint8Array([0]), bytes);
}

/** `2.5.29.17`: the first two parts are one number, each number has seven bits a byte (X.690 section 8.19). */
export function derOid(dotted: string): Uint8Array<ArrayBuffer> {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [40 * first + second, ...rest].flatMap((part) => {
    const groups = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(DER_TAG.objectIdentifier, new Uint8Array(bytes));
}

/** UTCTime up to 2049 and GeneralizedTime from then on, in whole seconds (RFC 5280 section 4.1.2.5). */
export function derTime(unixMs: number): Uint8Array<ArrayBuffer> {
  const text = `${new Date(unixMs)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '')}`;
  return text < '2050' ? der(DER_TAG.utcTime, utf8(text.slice(2))) : der(DER_TAG.generalizedTime, utf8(text));
}

/** A value within bytes, and where it ends. */
export interface DerValue {
  readonly tag: number;
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

/** The values that stand in a row in bytes which OpenSSL has read before: they are well formed. */
export function derValues(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const short = bytes[at + 1] as number;
    const more = short < 0x80 ? 0 : short & 0x7f;
    let length = more === 0 ? short : 0;
    for (let i = 0; i < more; i++) length = length * 256 + (bytes[at + 2 + i] as number);
    const from = at + 2 + more;
    const whole = bytes.subarray(at, from + length);
    values.push({ tag: bytes[at] as number, whole, content: bytes.subarray(from, from + length) });
    at = from + length;
  }
  return values;
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return [0x80 | bytes.length, ...bytes];
}
