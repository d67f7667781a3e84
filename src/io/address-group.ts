import { type IpAddress, parseIpAddress, toHex, unmapIpv4, unmapNat64 } from '../base/index.ts';

/**
 * Who counts as one client: an IPv4 address, or the /64 that one IPv6 subscriber has at the least (RFC 6177). An IPv4 address
 * within an IPv6 one counts as itself: else all who come so were one client, and one of them could use up what all have.
 */
export function addressGroup(text: string): string {
  if (!text.includes(':')) return text;
  const address = clientOf(text);
  if (address?.version === 6) return toHex(address.bytes.subarray(0, 8));
  return address?.text ?? text;
}

/** The network that an address is of, for shares that are wider than one client: an IPv4 /24, an IPv6 /48 (RFC 6177). */
export function addressNetwork(text: string): string {
  const address = clientOf(text);
  return address ? toHex(address.bytes.subarray(0, address.version === 6 ? 6 : 3)) : text;
}

/** What a provider gives out of, for shares that are wider than one network: an IPv4 /16, an IPv6 /32 (RFC 6177). */
export function addressRegion(text: string): string {
  const address = clientOf(text);
  return address ? toHex(address.bytes.subarray(0, address.version === 6 ? 4 : 2)) : text;
}

/** Translators in front of servers that have IPv6 alone say by NAT64 who came (RFC 7755). */
function clientOf(text: string): IpAddress | undefined {
  const address = parseIpAddress(text);
  return address && unmapNat64(unmapIpv4(address));
}
