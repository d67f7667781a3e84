/**
 * What travels through a relay: a WireGuard datagram of two nodes in a UDP packet between their overlay addresses, in the
 * tunnels to and from the relay.
 *
 *     at  0   IPv6 header        40 bytes    from the sender's overlay address to the receiver's
 *     at 40   UDP header          8 bytes    both ports RELAY_PORT; checksum 0, as tunnels may (RFC 6935, RFC 6936):
 *                                            both layers of WireGuard authenticate every byte
 *     at 48   WireGuard datagram             sealed from end to end
 */
import { RELAY_HEADER_BYTES } from './constants.ts';
import { RELAY_PORT } from './endpoints.ts';

const PROTOCOL_UDP = 17;
/** The relay, and nobody after it. */
const HOP_LIMIT = 2;
const IPV6_HEADER_BYTES = 40;
const UDP_HEADER_BYTES = 8;

/** Writes the headers before a datagram of `sizeBytes`; returns the length of the whole packet. */
export function emitRelayHeaders(
  out: Uint8Array,
  offset: number,
  from: Uint8Array,
  to: Uint8Array,
  sizeBytes: number,
): number {
  const view = new DataView(out.buffer, out.byteOffset + offset, RELAY_HEADER_BYTES);
  view.setUint32(0, 0x60000000);
  view.setUint16(4, UDP_HEADER_BYTES + sizeBytes);
  view.setUint16(6, (PROTOCOL_UDP << 8) | HOP_LIMIT);
  out.set(from, offset + 8);
  out.set(to, offset + 24);
  view.setUint16(40, RELAY_PORT);
  view.setUint16(42, RELAY_PORT);
  view.setUint16(44, UDP_HEADER_BYTES + sizeBytes);
  view.setUint16(46, 0);
  return RELAY_HEADER_BYTES + sizeBytes;
}

/** Whether an IPv6 packet is meant for, or as, a relayed datagram. */
export function isRelayPacket(bytes: Uint8Array, offset: number, length: number): boolean {
  return (
    length >= RELAY_HEADER_BYTES &&
    bytes[offset + 6] === PROTOCOL_UDP &&
    bytes[offset + 42] === RELAY_PORT >> 8 &&
    bytes[offset + 43] === (RELAY_PORT & 0xff)
  );
}

/** Length of the whole packet without WireGuard's padding, or 0 where its lengths contradict one another. */
export function relayPacketBytes(bytes: Uint8Array, offset: number, length: number): number {
  const payloadBytes = ((bytes[offset + 4] as number) << 8) | (bytes[offset + 5] as number);
  const udpBytes = ((bytes[offset + 44] as number) << 8) | (bytes[offset + 45] as number);
  const whole = IPV6_HEADER_BYTES + payloadBytes;
  return payloadBytes === udpBytes && payloadBytes >= UDP_HEADER_BYTES && whole <= length ? whole : 0;
}
