/**
 * ICMP (RFC 792) and ICMPv6 (RFC 4443), as far as a host needs them.
 *
 *     0 type | 1 code | 2 checksum | 4 rest of header: identifier and sequence, or MTU | 8 data or the packet it is about
 */
import type { DropReason } from '../counters.ts';
import { finishChecksum, foldSum, pseudoHeaderSum, sumWords } from './checksum.ts';
import { type IpHeader, PROTOCOL_ICMPV6 } from './ip.ts';

export const ICMP_HEADER_BYTES = 8;
const CHECKSUM = 2;
const REST = 4;

export const ICMP_V4 = { echoReply: 0, unreachable: 3, echoRequest: 8, timeExceeded: 11 } as const;
export const ICMP_V6 = {
  unreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  echoRequest: 128,
  echoReply: 129,
} as const;
/** Codes of ICMPv4 destination unreachable. */
export const V4_HOST_UNREACHABLE = 1;
export const V4_PORT_UNREACHABLE = 3;
export const V4_FRAGMENTATION_NEEDED = 4;
/** Codes of ICMPv6 destination unreachable. */
export const V6_ADDRESS_UNREACHABLE = 3;
export const V6_PORT_UNREACHABLE = 4;

export interface IcmpEcho {
  readonly kind: 'echoRequest' | 'echoReply';
  readonly identifier: number;
  readonly sequence: number;
}

export type IcmpError =
  | { readonly kind: 'unreachable'; readonly cause: 'port' | 'host' }
  | { readonly kind: 'packetTooBig'; readonly mtu: number }
  | { readonly kind: 'timeExceeded' };

export type IcmpMessage = IcmpEcho | IcmpError;

export function isEcho(message: IcmpMessage): message is IcmpEcho {
  return message.kind === 'echoRequest' || message.kind === 'echoReply';
}

/** Reads the message in `ip`'s payload; what follows the eight header bytes is the caller's to read. */
export function parseIcmp(view: DataView, ip: IpHeader): IcmpMessage | DropReason {
  const at = ip.payloadOffset;
  if (ip.payloadLength < ICMP_HEADER_BYTES) return 'icmp-bad-header';
  const pseudo =
    ip.version === 6 ? pseudoHeaderSum(view, ip.sourceOffset, ip.addressBytes, PROTOCOL_ICMPV6, ip.payloadLength) : 0;
  if (foldSum(pseudo + sumWords(view, at, ip.payloadLength)) !== 0xffff) return 'icmp-bad-checksum';
  const type = view.getUint8(at);
  const code = view.getUint8(at + 1);
  return ip.version === 4 ? messageV4(view, at, type, code) : messageV6(view, at, type, code);
}

function messageV4(view: DataView, at: number, type: number, code: number): IcmpMessage | DropReason {
  if (type === ICMP_V4.echoRequest) return echo('echoRequest', view, at);
  if (type === ICMP_V4.echoReply) return echo('echoReply', view, at);
  if (type === ICMP_V4.timeExceeded) return { kind: 'timeExceeded' };
  if (type !== ICMP_V4.unreachable) return 'icmp-unknown-type';
  if (code === V4_FRAGMENTATION_NEEDED) return { kind: 'packetTooBig', mtu: view.getUint16(at + REST + 2) };
  return { kind: 'unreachable', cause: code === V4_PORT_UNREACHABLE ? 'port' : 'host' };
}

function messageV6(view: DataView, at: number, type: number, code: number): IcmpMessage | DropReason {
  if (type === ICMP_V6.echoRequest) return echo('echoRequest', view, at);
  if (type === ICMP_V6.echoReply) return echo('echoReply', view, at);
  if (type === ICMP_V6.timeExceeded) return { kind: 'timeExceeded' };
  if (type === ICMP_V6.packetTooBig) return { kind: 'packetTooBig', mtu: view.getUint32(at + REST) };
  if (type === ICMP_V6.unreachable)
    return { kind: 'unreachable', cause: code === V6_PORT_UNREACHABLE ? 'port' : 'host' };
  return 'icmp-unknown-type';
}

function echo(kind: 'echoRequest' | 'echoReply', view: DataView, at: number): IcmpMessage {
  return { kind, identifier: view.getUint16(at + REST), sequence: view.getUint16(at + REST + 2) };
}

/**
 * Writes the header of a message of `length` bytes whose body is there already, with its checksum. `sourceOffset` is
 * where the IPv6 addresses are, or -1 for ICMPv4, which has no pseudo-header.
 */
export function emitIcmp(
  view: DataView,
  at: number,
  length: number,
  type: number,
  code: number,
  rest: number,
  sourceOffset: number,
): void {
  view.setUint8(at, type);
  view.setUint8(at + 1, code);
  view.setUint16(at + CHECKSUM, 0);
  view.setUint32(at + REST, rest >>> 0);
  const pseudo = sourceOffset < 0 ? 0 : pseudoHeaderSum(view, sourceOffset, 16, PROTOCOL_ICMPV6, length);
  view.setUint16(at + CHECKSUM, finishChecksum(pseudo + sumWords(view, at, length)), true);
}
