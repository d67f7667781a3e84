import { parseIpAddress, toHex } from '../base/index.ts';

/** Who counts as one client: an IPv4 address, or the /64 that one IPv6 subscriber has at the least (RFC 6177). */
export function addressGroup(text: string): string {
  if (!text.includes(':')) return text;
  const address = parseIpAddress(text);
  return address?.version === 6 ? toHex(address.bytes.subarray(0, 8)) : text;
}

/** The network that an address is of, for shares that are wider than one client: an IPv4 /24, an IPv6 /48 (RFC 6177). */
export function addressNetwork(text: string): string {
  const address = parseIpAddress(text);
  return address ? toHex(address.bytes.subarray(0, address.version === 6 ? 6 : 3)) : text;
}

/** What a provider gives out of, for shares that are wider than one network: an IPv4 /16, an IPv6 /32 (RFC 6177). */
export function addressRegion(text: string): string {
  const address = parseIpAddress(text);
  return address ? toHex(address.bytes.subarray(0, address.version === 6 ? 4 : 2)) : text;
}
