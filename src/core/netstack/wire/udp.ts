/**
 * UDP (RFC 768).
 *
 *     0 source port | 2 destination port | 4 length | 6 checksum | 8 payload
 */
import type { DropReason } from '../counters.ts';
import { finishChecksum, foldSum, pseudoHeaderSum, sumWords } from './checksum.ts';
import { type IpHeader, PROTOCOL_UDP } from './ip.ts';

export const UDP_HEADER_BYTES = 8;
const LENGTH = 4;
const CHECKSUM = 6;

export interface UdpHeader {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Offset in the view. */
  readonly payloadOffset: number;
  readonly payloadLength: number;
}

export function parseUdp(view: DataView, ip: IpHeader): UdpHeader | DropReason {
  if (ip.payloadLength < UDP_HEADER_BYTES) return 'udp-bad-header';
  const at = ip.payloadOffset;
  const length = view.getUint16(at + LENGTH);
  if (length < UDP_HEADER_BYTES || length > ip.payloadLength) return 'udp-bad-header';
  const hasChecksum = view.getUint16(at + CHECKSUM) !== 0;
  // Zero means none over IPv4 and is forbidden over IPv6 (RFC 8200 section 8.1).
  if (!hasChecksum && ip.version === 6) return 'udp-bad-checksum';
  const sum =
    pseudoHeaderSum(view, ip.sourceOffset, ip.addressBytes, PROTOCOL_UDP, length) + sumWords(view, at, length);
  if (hasChecksum && foldSum(sum) !== 0xffff) return 'udp-bad-checksum';
  return {
    sourcePort: view.getUint16(at),
    destinationPort: view.getUint16(at + 2),
    payloadOffset: at + UDP_HEADER_BYTES,
    payloadLength: length - UDP_HEADER_BYTES,
  };
}

/** Writes header and payload behind an IP header whose addresses start at `sourceOffset`; returns the length. */
export function emitUdp(
  view: DataView,
  at: number,
  sourceOffset: number,
  addressBytes: number,
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array,
): number {
  const length = UDP_HEADER_BYTES + payload.length;
  view.setUint16(at, sourcePort);
  view.setUint16(at + 2, destinationPort);
  view.setUint16(at + LENGTH, length);
  view.setUint16(at + CHECKSUM, 0);
  new Uint8Array(view.buffer, view.byteOffset + at + UDP_HEADER_BYTES, payload.length).set(payload);
  const sum = pseudoHeaderSum(view, sourceOffset, addressBytes, PROTOCOL_UDP, length) + sumWords(view, at, length);
  // A checksum of zero is sent as all ones, which is the same number (RFC 768).
  view.setUint16(at + CHECKSUM, finishChecksum(sum) || 0xffff, true);
  return length;
}
