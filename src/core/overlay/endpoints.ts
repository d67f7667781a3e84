import type { Endpoint } from '../../base/index.ts';

/** UDP port, on the overlay, of WireGuard datagrams that travel through a relay. */
export const RELAY_PORT = 4;

/** fd6d:616e:6974::/48 (RFC 4193): addresses here stand for carriers, and never leave the node. */
const CARRIER_PREFIX = [0xfd, 0x6d, 0x61, 0x6e, 0x69, 0x74] as const;

/** Whether an endpoint stands for a carrier (a WebSocket over TLS) instead of a UDP address. */
export function isCarrierEndpoint(endpoint: Endpoint): boolean {
  const { address } = endpoint;
  return address.version === 6 && CARRIER_PREFIX.every((byte, i) => address.bytes[i] === byte);
}
