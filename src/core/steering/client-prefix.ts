import {
  formatPrefix,
  type IpAddress,
  ipAddress,
  type Prefix,
  PrefixTrie,
  parsePrefix,
  unmapIpv4,
} from '../../base/index.ts';

/** The block of addresses that is taken for one client: near enough to have one place and one round trip. */
export interface ClientPrefix {
  /** `192.0.2.0/24`, `2001:db8::/48`. */
  readonly text: string;
  readonly length: number;
  readonly address: IpAddress;
}

const IPV4_LENGTH = 24;
const IPV6_LENGTH = 48;

/** The block of an address: /24 or /48, or as much of the address as is known (RFC 7871 hides the rest). */
export function clientPrefix(of: IpAddress, knownBits = 128): ClientPrefix {
  const plain = unmapIpv4(of);
  const length = Math.min(plain.version === 4 ? IPV4_LENGTH : IPV6_LENGTH, knownBits);
  const address = ipAddress(plain.bytes.map((byte, index) => byte & maskOf(length - 8 * index)));
  return { address, length, text: formatPrefix({ address, length }) };
}

function maskOf(bits: number): number {
  if (bits >= 8) return 0xff;
  return bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff;
}

/** Blocks that are nobody's place on the Internet (IANA special-purpose registries, RFC 6890). */
const SPECIAL = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/3'],
  ...['::/8', '100::/64', 'fc00::/7', 'fe80::/10', 'ff00::/8', '2001:db8::/32'],
];
const special = new PrefixTrie<true>();
for (const text of SPECIAL) special.set(parsePrefix(text) as Prefix, true);

/** Whether an address can be somewhere on the Internet, so that it is worth looking up. */
export function isPublicAddress(address: IpAddress): boolean {
  return special.match(unmapIpv4(address)) === undefined;
}
