/**
 * Addresses of IPv4 packets, changed where they stand. Checksums are brought along word by word (RFC 1624), so what was
 * wrong stays wrong.
 */
export const IPV4_HEADER_BYTES = 20;
export const IPV4_SOURCE_AT = 12;
export const IPV4_DESTINATION_AT = 16;

const FRAGMENT_AT = 6;
const PROTOCOL_AT = 9;
const CHECKSUM_AT = 10;
const ICMP = 1;
const TCP = 6;
const TCP_HEADER_BYTES = 20;
const TCP_CHECKSUM_AT = 16;
const ICMP_HEADER_BYTES = 8;

/** A whole IPv4 packet without options that carries TCP or ICMP: what devices and PoPs exchange. */
export function isPlainIpv4(bytes: Uint8Array, at: number, length: number): boolean {
  if (length < IPV4_HEADER_BYTES || bytes[at] !== 0x45) return false;
  const fragment = (((bytes[at + FRAGMENT_AT] as number) << 8) | (bytes[at + FRAGMENT_AT + 1] as number)) & 0x3fff;
  const protocol = bytes[at + PROTOCOL_AT];
  const least = protocol === TCP ? TCP_HEADER_BYTES : protocol === ICMP ? ICMP_HEADER_BYTES : Number.POSITIVE_INFINITY;
  return fragment === 0 && length >= IPV4_HEADER_BYTES + least;
}

/** Puts another address into a packet that `isPlainIpv4`; TCP's checksum covers it, ICMP's does not. */
export function readdress(bytes: Uint8Array, at: number, addressAt: number, to: Uint8Array): void {
  const isTcp = bytes[at + PROTOCOL_AT] === TCP;
  for (let i = 0; i < 4; i += 2) {
    const before = wordAt(bytes, at + addressAt + i);
    const after = wordAt(to, i);
    setWord(bytes, at + addressAt + i, after);
    adjust(bytes, at + CHECKSUM_AT, before, after);
    if (isTcp) adjust(bytes, at + IPV4_HEADER_BYTES + TCP_CHECKSUM_AT, before, after);
  }
}

/** RFC 1624 equation 3: HC' = ~(~HC + ~m + m'). */
function adjust(bytes: Uint8Array, checksumAt: number, before: number, after: number): void {
  let sum = (~wordAt(bytes, checksumAt) & 0xffff) + (~before & 0xffff) + after;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  setWord(bytes, checksumAt, ~sum & 0xffff);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function setWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 8;
  bytes[at + 1] = word & 0xff;
}
