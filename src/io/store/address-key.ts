import { type Prefix, parseIpAddress } from '../../base/index.ts';

/** An address as 32 hexadecimal digits, IPv4 within IPv6 (RFC 4291 section 2.5.5.2): so texts compare as addresses do. */
export function addressKey(text: string): string | null {
  const address = parseIpAddress(text);
  return address ? hexOf(sixteenBytes(address.bytes)) : null;
}

const MAPPED = [...new Array<number>(10).fill(0), 0xff, 0xff];

function sixteenBytes(bytes: Uint8Array): number[] {
  return bytes.length === 16 ? [...bytes] : [...MAPPED, ...bytes];
}

function hexOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The first and the last key of a block. */
export function keysOfBlock({ address: { bytes }, length }: Prefix): readonly [first: string, last: string] {
  const whole = sixteenBytes(bytes);
  const bits = length + (bytes.length === 16 ? 0 : 96);
  const host = (i: number): number => 0xff >> Math.min(8, Math.max(0, bits - i * 8));
  const first = whole.map((byte, i) => byte & ~host(i) & 0xff);
  return [hexOf(first), hexOf(whole.map((byte, i) => byte | host(i)))];
}
