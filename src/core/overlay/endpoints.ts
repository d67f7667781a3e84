import { type Endpoint, ipAddress } from '../../base/index.ts';

/** UDP port, on the overlay, of WireGuard datagrams that travel through a relay. */
export const RELAY_PORT = 4;

/** fd6d:616e:6974::/48 (RFC 4193): addresses here stand for carriers, and never leave the node. */
const CARRIER_PREFIX = [0xfd, 0x6d, 0x61, 0x6e, 0x69, 0x74] as const;

/** Whether an endpoint stands for a carrier (a WebSocket over TLS) instead of a UDP address. */
export function isCarrierEndpoint(endpoint: Endpoint): boolean {
  const { address } = endpoint;
  if (address.version !== 6 || address.bytes[0] !== CARRIER_PREFIX[0]) return false;
  return CARRIER_PREFIX.every((byte, i) => address.bytes[i] === byte);
}

/** The endpoint that stands for a carrier; one for each number, and neighbours are in a /64 of their own each. */
export function carrierEndpoint(number: number): Endpoint {
  const bytes = new Uint8Array(16);
  bytes.set(CARRIER_PREFIX);
  const view = new DataView(bytes.buffer);
  // What is allowed per /64, such as handshakes under load, is for each carrier by itself.
  view.setUint16(6, number & 0xffff);
  view.setBigUint64(8, BigInt(number));
  return { address: ipAddress(bytes), port: 0 };
}
