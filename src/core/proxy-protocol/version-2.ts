import { assertNever, type Endpoint, ipAddress, unmapIpv4 } from '../../base/index.ts';
import { VERSION_2_MAX_BYTES } from './constants.ts';
import { crc32c } from './crc32c.ts';
import type { ProxyHeader, ProxyHeaderFault, ProxyHeaderRead } from './header.ts';

/** No text protocol begins like this (section 2.2). */
export const SIGNATURE = new Uint8Array([13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]);
/** Signature, version and command, family and transport, length. */
export const HEAD_BYTES = 16;
export const PROXY_COMMAND = 0x21;
export const LOCAL_COMMAND = 0x20;
export const CRC32C_TYPE = 0x03;
const TLV_HEAD_BYTES = 3;

/** Families as the upper half of their byte; the lower half is 1 for streams and 2 for datagrams. */
export const FAMILIES = { unspecified: 0x00, ipv4: 0x10, ipv6: 0x20, unix: 0x30 } as const;
export const TRANSPORTS = { stream: 1, datagram: 2 } as const;

const ADDRESSES_BYTES = { ipv4: 12, ipv6: 36, unix: 216 } as const;
type Family = keyof typeof ADDRESSES_BYTES;

/**
 * Reads a header of version 2 (section 2.2) from bytes that begin with as much of the signature as there is:
 *
 *     at 0   signature   12 bytes
 *     at 12  version 2 and command (0 LOCAL, 1 PROXY)
 *     at 13  family and transport
 *     at 14  length      2 bytes, big endian, of what follows
 *     at 16  addresses   two of 4 or 16 bytes, then two ports; 2 times 108 bytes for UNIX
 *     then   TLVs        type (1) | length (2) | value: passed over, but for CRC32c, which is checked
 */
export function readVersion2(bytes: Uint8Array): ProxyHeaderRead {
  if (bytes.length < HEAD_BYTES) return { kind: 'incomplete', atLeastBytes: HEAD_BYTES };
  const command = bytes[12] as number;
  if (command !== PROXY_COMMAND && command !== LOCAL_COMMAND) return refused('proxy-header-unknown-command');
  const length = HEAD_BYTES + integerAt(bytes, 14);
  if (length > VERSION_2_MAX_BYTES) return refused('proxy-header-too-long');
  if (bytes.length < length) return { kind: 'incomplete', atLeastBytes: length };
  // Of LOCAL and UNSPEC everything is to be passed over, so there is no telling where TLVs would begin.
  if (command === LOCAL_COMMAND) return { kind: 'header', header: { kind: 'local' }, length };
  if (bytes[13] === FAMILIES.unspecified) return { kind: 'header', header: { kind: 'unknown' }, length };
  return readAddresses(bytes.subarray(0, length));
}

function readAddresses(whole: Uint8Array): ProxyHeaderRead {
  const byte = whole[13] as number;
  const family = familyOf(byte & 0xf0);
  const transport = transportOf(byte & 0x0f);
  if (!family || !transport) return refused('proxy-header-unknown-family');
  const tlvs = HEAD_BYTES + ADDRESSES_BYTES[family];
  if (whole.length < tlvs) return refused('proxy-header-cut-short');
  const fault = faultOfTlvs(whole, tlvs);
  if (fault) return refused(fault);
  return { kind: 'header', header: headerOf(whole, family, transport), length: whole.length };
}

function headerOf(whole: Uint8Array, family: Family, transport: 'stream' | 'datagram'): ProxyHeader {
  switch (family) {
    case 'ipv4':
    case 'ipv6': {
      const size = family === 'ipv4' ? 4 : 16;
      const source = endpointAt(whole, HEAD_BYTES, size, HEAD_BYTES + 2 * size);
      const destination = endpointAt(whole, HEAD_BYTES + size, size, HEAD_BYTES + 2 * size + 2);
      return { kind: 'proxied', transport, source, destination };
    }
    case 'unix':
      return { kind: 'unknown' };
    default:
      return assertNever(family);
  }
}

/** Undefined where the TLVs end with the header and a CRC32c among them is right. */
function faultOfTlvs(whole: Uint8Array, from: number): ProxyHeaderFault | undefined {
  let at = from;
  while (at < whole.length) {
    if (at + TLV_HEAD_BYTES > whole.length) return 'proxy-header-cut-short';
    const value = at + TLV_HEAD_BYTES;
    const end = value + integerAt(whole, at + 1);
    if (end > whole.length) return 'proxy-header-cut-short';
    if (whole[at] === CRC32C_TYPE && !isChecksumRight(whole, value, end)) return 'proxy-header-wrong-checksum';
    at = end;
  }
  return undefined;
}

/** Over the whole header, the field itself taken for zeros (section 2.2.3). So two of them are never both right but by chance. */
function isChecksumRight(whole: Uint8Array, value: number, end: number): boolean {
  if (end - value !== 4) return false;
  const said = integerAt(whole, value) * 0x10000 + integerAt(whole, value + 2);
  return said === crc32c(whole, value, end);
}

function endpointAt(bytes: Uint8Array, at: number, size: number, portAt: number): Endpoint {
  return { address: unmapIpv4(ipAddress(bytes.subarray(at, at + size))), port: integerAt(bytes, portAt) };
}

function familyOf(bits: number): Family | undefined {
  if (bits === FAMILIES.ipv4) return 'ipv4';
  if (bits === FAMILIES.ipv6) return 'ipv6';
  return bits === FAMILIES.unix ? 'unix' : undefined;
}

function transportOf(bits: number): 'stream' | 'datagram' | undefined {
  if (bits === TRANSPORTS.stream) return 'stream';
  return bits === TRANSPORTS.datagram ? 'datagram' : undefined;
}

function integerAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function refused(fault: ProxyHeaderFault): ProxyHeaderRead {
  return { kind: 'refused', fault };
}
