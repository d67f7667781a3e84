import type { ConnectionTable } from './connection-table.ts';
import { IPV6_MIN_MTU, MIN_PATH_MTU_IPV4 } from './constants.ts';
import type { DropReason } from './counters.ts';
import type { ControlBlock } from './tcp/control-block.ts';
import { fail } from './tcp/lifecycle.ts';
import { isInFlight } from './tcp/output.ts';
import { packetTooBigArrives } from './tcp/path-change.ts';
import { ICMP_HEADER_BYTES, type IcmpError } from './wire/icmp.ts';
import { IPV4_HEADER_BYTES, IPV6_HEADER_BYTES, type IpHeader, PROTOCOL_TCP } from './wire/ip.ts';

/** The part of a quoted packet that every ICMP error must have: IP header and eight bytes (RFC 792). */
const QUOTED_BYTES = 8;

/** An error about one of our segments. Errors about anything else are dropped. */
export function icmpErrorArrives(
  error: IcmpError,
  view: DataView,
  ip: IpHeader,
  table: ConnectionTable,
  nowMs: number,
): DropReason | undefined {
  const quoted = findQuoted(view, ip, table);
  if (!quoted) return 'icmp-unrelated';
  const { block, seq } = quoted;
  if (!isInFlight(block, seq)) return 'icmp-unrelated';
  if (error.kind === 'packetTooBig') return tooBig(block, seq, error.mtu, nowMs);
  block.tally.softErrors++;
  // Only while connecting does an error end a connection (RFC 5927 section 4.1).
  if (block.state === 'synSent' && error.kind === 'unreachable')
    fail(block, error.cause === 'port' ? 'refused' : 'unreachable');
  return undefined;
}

function tooBig(block: ControlBlock, seq: number, mtu: number, nowMs: number): DropReason | undefined {
  const floor = block.local.address.version === 4 ? MIN_PATH_MTU_IPV4 : IPV6_MIN_MTU;
  if (!packetTooBigArrives(block, seq, Math.max(floor, mtu), nowMs)) return 'icmp-unrelated';
  return undefined;
}

/** The connection and sequence number that the quoted packet is about. It was sent by us, so its sides are swapped. */
function findQuoted(
  view: DataView,
  ip: IpHeader,
  table: ConnectionTable,
): { readonly block: ControlBlock; readonly seq: number } | undefined {
  const at = ip.payloadOffset + ICMP_HEADER_BYTES;
  const headerBytes = ip.version === 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
  if (ip.payloadLength < ICMP_HEADER_BYTES + headerBytes + QUOTED_BYTES) return undefined;
  const first = view.getUint8(at);
  if (ip.version === 4 ? first !== 0x45 : first >>> 4 !== 6) return undefined;
  if (view.getUint8(at + (ip.version === 4 ? 9 : 6)) !== PROTOCOL_TCP) return undefined;
  const width = ip.addressBytes;
  const addressesAt = at + headerBytes - 2 * width;
  const swapped = new DataView(new ArrayBuffer(2 * width + 4));
  for (let i = 0; i < width; i++) {
    swapped.setUint8(i, view.getUint8(addressesAt + width + i));
    swapped.setUint8(width + i, view.getUint8(addressesAt + i));
  }
  swapped.setUint16(2 * width, view.getUint16(at + headerBytes + 2));
  swapped.setUint16(2 * width + 2, view.getUint16(at + headerBytes));
  const block = table.find(swapped, 0, width, 2 * width);
  return block && { block, seq: view.getInt32(at + headerBytes + 4) };
}
