/** Checksums and headers written the slow, obvious way: twins of what the stack does, for tests. */
import type { IpAddress } from '../base/index.ts';

export const IP_BYTES = 20;

/** The checksum as RFC 1071 tells it, byte by byte: the twin of the quick one. */
export function naiveSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0);
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return sum;
}

/** Checksum of a TCP segment in an IPv4 packet; 0 when the packet holds its right one. */
export function naiveTcpChecksum(packet: Uint8Array): number {
  const length = packet.length - IP_BYTES;
  const pseudo = Uint8Array.from([...packet.subarray(12, 20), 0, 6, length >> 8, length & 255]);
  const whole = new Uint8Array(12 + length);
  whole.set(pseudo);
  whole.set(packet.subarray(IP_BYTES), 12);
  return ~naiveSum(whole) & 0xffff;
}

/** Writes an IPv4 header for a packet of `length` bytes. */
export function writeIpv4(view: DataView, length: number, from: IpAddress, to: IpAddress, protocol: number): void {
  view.setUint16(0, 0x4500);
  view.setUint16(2, length);
  view.setUint8(8, 64);
  view.setUint8(9, protocol);
  const bytes = new Uint8Array(view.buffer, view.byteOffset);
  bytes.set(from.bytes, 12);
  bytes.set(to.bytes, 16);
  view.setUint16(10, 0);
  view.setUint16(10, ~naiveSum(bytes.subarray(0, IP_BYTES)) & 0xffff);
}
