/**
 * IPv4 (RFC 791) and IPv6 (RFC 8200) headers, without options, fragments and extension headers.
 *
 *     IPv4  0 version 4, IHL 5 | 1 DSCP | 2 total length | 4 identification | 6 flags, fragment offset
 *           8 TTL | 9 protocol | 10 checksum | 12 source | 16 destination | 20
 *     IPv6  0 version 6, class, flow label | 4 payload length | 6 next header | 7 hop limit
 *           8 source | 24 destination | 40
 */
import type { IpAddress } from '../../../base/index.ts';
import { HOP_LIMIT } from '../constants.ts';
import type { DropReason } from '../counters.ts';
import { finishChecksum, foldSum, sumWords } from './checksum.ts';

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ICMPV6 = 58;

export const IPV4_HEADER_BYTES = 20;
const V4_TOTAL_LENGTH = 2;
const V4_FRAGMENT = 6;
const V4_TTL = 8;
const V4_PROTOCOL = 9;
const V4_CHECKSUM = 10;
const V4_SOURCE = 12;
const V4_DO_NOT_FRAGMENT = 0x4000;
const V4_FRAGMENT_MASK = 0x3fff;

export const IPV6_HEADER_BYTES = 40;
const V6_PAYLOAD_LENGTH = 4;
const V6_NEXT_HEADER = 6;
const V6_HOP_LIMIT = 7;
const V6_SOURCE = 8;
const V6_FRAGMENT_HEADER = 44;
/** Hop-by-hop, routing, ESP, AH, destination options, mobility, HIP, shim6 (IANA's list of extension headers). */
const V6_EXTENSION_HEADERS: readonly number[] = [0, 43, 50, 51, 60, 135, 139, 140];

/** Where things are in one packet. One object is used over and over, so parsing allocates nothing. */
export class IpHeader {
  version: 4 | 6 = 4;
  protocol = 0;
  /** Offset of the header in the view. */
  offset = 0;
  headerBytes = IPV4_HEADER_BYTES;
  /** The destination address follows the source address at once, in both versions. */
  sourceOffset = 0;
  addressBytes = 4;
  payloadOffset = 0;
  payloadLength = 0;
}

export function ipHeaderBytes(version: 4 | 6): number {
  return version === 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
}

/** Reads the IP header at `offset` into `header`; bytes beyond the packet's own length are ignored. */
export function parseIp(view: DataView, offset: number, length: number, header: IpHeader): DropReason | undefined {
  if (length < 1) return 'truncated';
  const version = view.getUint8(offset) >>> 4;
  if (version === 4) return parseIpv4(view, offset, length, header);
  if (version === 6) return parseIpv6(view, offset, length, header);
  return 'bad-version';
}

function parseIpv4(view: DataView, offset: number, length: number, header: IpHeader): DropReason | undefined {
  if (length < IPV4_HEADER_BYTES) return 'truncated';
  const headerBytes = (view.getUint8(offset) & 0x0f) * 4;
  if (headerBytes < IPV4_HEADER_BYTES) return 'ipv4-bad-header';
  if (headerBytes > IPV4_HEADER_BYTES) return 'ipv4-options';
  const totalLength = view.getUint16(offset + V4_TOTAL_LENGTH);
  if (totalLength < IPV4_HEADER_BYTES) return 'ipv4-bad-header';
  if (totalLength > length) return 'truncated';
  if (foldSum(sumWords(view, offset, IPV4_HEADER_BYTES)) !== 0xffff) return 'ipv4-bad-checksum';
  if ((view.getUint16(offset + V4_FRAGMENT) & V4_FRAGMENT_MASK) !== 0) return 'ipv4-fragment';
  header.version = 4;
  header.offset = offset;
  header.headerBytes = IPV4_HEADER_BYTES;
  header.protocol = view.getUint8(offset + V4_PROTOCOL);
  header.sourceOffset = offset + V4_SOURCE;
  header.addressBytes = 4;
  header.payloadOffset = offset + IPV4_HEADER_BYTES;
  header.payloadLength = totalLength - IPV4_HEADER_BYTES;
  return undefined;
}

function parseIpv6(view: DataView, offset: number, length: number, header: IpHeader): DropReason | undefined {
  if (length < IPV6_HEADER_BYTES) return 'truncated';
  const payloadLength = view.getUint16(offset + V6_PAYLOAD_LENGTH);
  if (payloadLength > length - IPV6_HEADER_BYTES) return 'truncated';
  const nextHeader = view.getUint8(offset + V6_NEXT_HEADER);
  if (nextHeader === V6_FRAGMENT_HEADER) return 'ipv6-fragment';
  if (nextHeader !== PROTOCOL_TCP && V6_EXTENSION_HEADERS.includes(nextHeader)) return 'ipv6-extension-header';
  header.version = 6;
  header.offset = offset;
  header.headerBytes = IPV6_HEADER_BYTES;
  header.protocol = nextHeader;
  header.sourceOffset = offset + V6_SOURCE;
  header.addressBytes = 16;
  header.payloadOffset = offset + IPV6_HEADER_BYTES;
  header.payloadLength = payloadLength;
  return undefined;
}

/** Writes a header for `payloadLength` bytes that follow; returns the header's length. The families must be the same. */
export function emitIp(
  view: DataView,
  offset: number,
  source: IpAddress,
  destination: IpAddress,
  protocol: number,
  payloadLength: number,
): number {
  if (source.version === 4) emitIpv4Prefix(view, offset, protocol);
  else emitIpv6Prefix(view, offset, protocol);
  const sourceOffset = offset + (source.version === 4 ? V4_SOURCE : V6_SOURCE);
  const width = source.bytes.length;
  for (let i = 0; i < width; i++) {
    view.setUint8(sourceOffset + i, source.bytes[i] as number);
    view.setUint8(sourceOffset + width + i, destination.bytes[i] as number);
  }
  setPayloadLength(view, offset, source.version, payloadLength);
  return ipHeaderBytes(source.version);
}

/** Sets the length of a header written by `emitIp` (or copied from one) and finishes the IPv4 checksum. */
export function setPayloadLength(view: DataView, offset: number, version: 4 | 6, payloadLength: number): void {
  if (version === 6) {
    view.setUint16(offset + V6_PAYLOAD_LENGTH, payloadLength);
    return;
  }
  view.setUint16(offset + V4_TOTAL_LENGTH, IPV4_HEADER_BYTES + payloadLength);
  view.setUint16(offset + V4_CHECKSUM, 0);
  view.setUint16(offset + V4_CHECKSUM, finishChecksum(sumWords(view, offset, IPV4_HEADER_BYTES)), true);
}

/** Identification stays zero: the packet is atomic, DF set (RFC 6864 section 4.1). */
function emitIpv4Prefix(view: DataView, offset: number, protocol: number): void {
  view.setUint16(offset, 0x4500);
  view.setUint16(offset + 4, 0);
  view.setUint16(offset + V4_FRAGMENT, V4_DO_NOT_FRAGMENT);
  view.setUint8(offset + V4_TTL, HOP_LIMIT);
  view.setUint8(offset + V4_PROTOCOL, protocol);
}

function emitIpv6Prefix(view: DataView, offset: number, protocol: number): void {
  view.setUint32(offset, 0x60000000);
  view.setUint8(offset + V6_NEXT_HEADER, protocol);
  view.setUint8(offset + V6_HOP_LIMIT, HOP_LIMIT);
}

/** Whether the address at `offset` may be the source of a packet: not unspecified, multicast or broadcast. */
export function isUnicastAt(view: DataView, offset: number, addressBytes: number): boolean {
  const first = view.getUint8(offset);
  if (addressBytes === 4) return first !== 0 && first < 224;
  if (first === 0xff) return false;
  return (
    view.getUint32(offset) !== 0 ||
    view.getUint32(offset + 4) !== 0 ||
    view.getUint32(offset + 8) !== 0 ||
    view.getUint32(offset + 12) !== 0
  );
}
