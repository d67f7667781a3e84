import { type IpAddress, ipAddress, unmapIpv4, unmapNat64 } from '../../base/address.ts';
import { PrefixTrie, parsePrefix } from '../../base/prefix-trie.ts';

/**
 * Where a request that an administrator's setting causes may go. `private` needs an explicit setting; `never` is what no identity
 * provider has: link-local addresses, among them the metadata services of clouds, multicast, and what is not an address of a host.
 */
export type DestinationClass = 'public' | 'private' | 'never';

/** IANA's registries of special-purpose addresses (RFC 6890), and metadata services that are elsewhere. */
const BLOCKS: readonly (readonly [block: string, meaning: DestinationClass])[] = [
  ['0.0.0.0/8', 'never'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'private'],
  // Alibaba Cloud's metadata service, within the space of carrier-grade NAT.
  ['100.100.100.200/32', 'never'],
  ['127.0.0.0/8', 'private'],
  // Azure's wire server, which hands out a virtual machine's secrets.
  ['168.63.129.16/32', 'never'],
  ['169.254.0.0/16', 'never'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'never'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'private'],
  ['224.0.0.0/3', 'never'],
  ['::/96', 'never'],
  ['::1/128', 'private'],
  ['fc00::/7', 'private'],
  // The metadata services of Amazon, Google and Oracle over IPv6.
  ['fd00:ec2::254/128', 'never'],
  ['fd20:ce::254/128', 'never'],
  ['fd00:c1::a9fe:a9fe/128', 'never'],
  // NAT64 of a network of one's own (RFC 8215): to which addresses it leads only that network knows.
  ['64:ff9b:1::/48', 'private'],
  ['fe80::/10', 'never'],
  ['fec0::/10', 'never'],
  ['ff00::/8', 'never'],
];

const TABLE = tableOf();

function tableOf(): PrefixTrie<DestinationClass> {
  const table = new PrefixTrie<DestinationClass>();
  for (const [text, meaning] of BLOCKS) {
    const prefix = parsePrefix(text);
    if (!prefix) throw new RangeError(`${text} is not a block of addresses`);
    table.set(prefix, meaning);
  }
  return table;
}

/** What kind of place an address is. An IPv4 address within an IPv6 one counts as what it leads to. */
export function destinationClass(address: IpAddress): DestinationClass {
  return TABLE.match(embeddedIpv4(unmapIpv4(address))) ?? 'public';
}

/** The IPv4 address within one of NAT64 or 6to4 (2002::/16, RFC 3056). */
function embeddedIpv4(address: IpAddress): IpAddress {
  const { version, bytes } = address;
  const is6to4 = version === 6 && bytes[0] === 0x20 && bytes[1] === 0x02;
  return is6to4 ? ipAddress(bytes.subarray(2, 6)) : unmapNat64(address);
}
