/** The few IPv4 packets that interop tests send through a tunnel: ICMP echo (RFC 792) and UDP (RFC 768). */
import { parseIpAddress } from '../../src/base/index.ts';

const IPV4_HEADER_BYTES = 20;
const ICMP_HEADER_BYTES = 8;
const PROTOCOL_ICMP = 1;
const PROTOCOL_UDP = 17;
const ECHO_REPLY = 0;
const ECHO_REQUEST = 8;
const PAYLOAD_BYTES = 56;

/** An echo request with 56 bytes of payload. */
export function echoRequest(from: string, to: string, sequence: number): Uint8Array {
  const packet = new Uint8Array(IPV4_HEADER_BYTES + ICMP_HEADER_BYTES + PAYLOAD_BYTES);
  const view = new DataView(packet.buffer);
  packet[0] = 0x45;
  view.setUint16(2, packet.length);
  packet[8] = 64;
  packet[9] = PROTOCOL_ICMP;
  packet.set(parseIpAddress(from)?.bytes ?? [], 12);
  packet.set(parseIpAddress(to)?.bytes ?? [], 16);
  view.setUint16(10, internetChecksum(packet.subarray(0, IPV4_HEADER_BYTES)));
  packet[IPV4_HEADER_BYTES] = ECHO_REQUEST;
  view.setUint16(IPV4_HEADER_BYTES + 6, sequence);
  setIcmpChecksum(packet);
  return packet;
}

/** The sequence number of an echo reply, or undefined. */
export function isEchoReply(packet: Uint8Array): number | undefined {
  if (packet[9] !== PROTOCOL_ICMP || packet[IPV4_HEADER_BYTES] !== ECHO_REPLY) return undefined;
  return new DataView(packet.buffer, packet.byteOffset).getUint16(IPV4_HEADER_BYTES + 6);
}

/** The reply to an echo request, or undefined. */
export function echoReply(packet: Uint8Array): Uint8Array | undefined {
  if (packet[9] !== PROTOCOL_ICMP || packet[IPV4_HEADER_BYTES] !== ECHO_REQUEST) return undefined;
  const reply = withSwappedAddresses(packet);
  reply[IPV4_HEADER_BYTES] = ECHO_REPLY;
  setIcmpChecksum(reply);
  return reply;
}

export function isUdp(packet: Uint8Array): boolean {
  return packet[0] === 0x45 && packet[9] === PROTOCOL_UDP;
}

/** The same datagram back to where it came from. Swapping addresses and ports leaves every checksum as it was. */
export function swappedUdp(packet: Uint8Array): Uint8Array {
  const reply = withSwappedAddresses(packet);
  reply.set(packet.subarray(IPV4_HEADER_BYTES + 2, IPV4_HEADER_BYTES + 4), IPV4_HEADER_BYTES);
  reply.set(packet.subarray(IPV4_HEADER_BYTES, IPV4_HEADER_BYTES + 2), IPV4_HEADER_BYTES + 2);
  return reply;
}

/** A copy without WireGuard's padding, source and destination exchanged. */
function withSwappedAddresses(packet: Uint8Array): Uint8Array {
  const totalBytes = new DataView(packet.buffer, packet.byteOffset).getUint16(2);
  const copy = Uint8Array.from(packet.subarray(0, totalBytes));
  copy.set(packet.subarray(16, 20), 12);
  copy.set(packet.subarray(12, 16), 16);
  return copy;
}

function setIcmpChecksum(packet: Uint8Array): void {
  const view = new DataView(packet.buffer, packet.byteOffset);
  view.setUint16(IPV4_HEADER_BYTES + 2, 0);
  view.setUint16(IPV4_HEADER_BYTES + 2, internetChecksum(packet.subarray(IPV4_HEADER_BYTES)));
}

/** RFC 1071. */
function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
