import { type IpAddress, parseEndpoint, parseIpAddress, unmapIpv4 } from '../../base/address.ts';
import type { PrefixTrie } from '../../base/prefix-trie.ts';
import { utf8 } from '../../base/text.ts';
import { MAXIMUM_FORWARDED_HOPS, MAXIMUM_IDENTITY_VALUE_LENGTH } from './constants.ts';

/** Where a request came from, for the backend. */
export interface Forwarding {
  /** Client first, each proxy after it; from `clientChain`. */
  readonly chain: readonly IpAddress[];
  readonly scheme: 'https' | 'http';
  /** The Host that the client asked for, with its port where it gave one. */
  readonly host: string;
  readonly port: number;
}

/** X-Forwarded-* and Forwarded (RFC 7239 section 4), as a flat list of fields. */
export function forwardingFields({ chain, scheme, host, port }: Forwarding): readonly string[] {
  const addresses = chain.map((address) => address.text).join(', ');
  const elements = chain.map((address, index) => {
    const node = address.version === 6 ? `"[${address.text}]"` : address.text;
    return index === 0 ? `for=${node};host="${host}";proto=${scheme}` : `for=${node}`;
  });
  return [
    ...['X-Forwarded-For', addresses],
    ...['X-Forwarded-Proto', scheme],
    ...['X-Forwarded-Host', host],
    ...['X-Forwarded-Port', String(port)],
    ...['X-Real-IP', chain[0]?.text ?? ''],
    ...['Forwarded', elements.join(', ')],
  ];
}

/** Who the signed-in user is, in the plain fields that self-hosted applications read. */
export interface ForwardedIdentity {
  readonly user: string;
  readonly email?: string;
  readonly name?: string;
  readonly groups: readonly string[];
}

/** Remote-User, Remote-Email, Remote-Name and Remote-Groups. Make them once per user and snapshot. */
export function identityFields(identity: ForwardedIdentity): readonly string[] {
  const fields = ['Remote-User', encodeIdentityValue(identity.user)];
  if (identity.email !== undefined) fields.push('Remote-Email', encodeIdentityValue(identity.email));
  if (identity.name !== undefined) fields.push('Remote-Name', encodeIdentityValue(identity.name));
  if (identity.groups.length > 0) fields.push('Remote-Groups', joinGroups(identity.groups));
  return fields;
}

/** A list of names; a comma in a name is encoded, so no name can pass for two. Whole names that do not fit are left out. */
function joinGroups(groups: readonly string[]): string {
  let joined = '';
  for (const group of groups) {
    const encoded = encodeIdentityValue(group).replaceAll(',', '%2C');
    const longer = joined === '' ? encoded : `${joined},${encoded}`;
    if (longer.length <= MAXIMUM_IDENTITY_VALUE_LENGTH) joined = longer;
  }
  return joined;
}

/**
 * A text as a field value: printable ASCII stands for itself, everything else - line ends, other scripts, the percent
 * sign, blanks at either end - is percent-encoded UTF-8. Backends decode it as a URI component. A value that would be too
 * long becomes empty: half a name is somebody else's.
 */
export function encodeIdentityValue(text: string): string {
  let encoded = '';
  const bytes = utf8(text);
  for (let i = 0; i < bytes.length; i++) {
    const octet = bytes[i] as number;
    const isEdge = i === 0 || i === bytes.length - 1;
    const isPlain = octet > 0x20 && octet < 0x7f && octet !== 0x25;
    if (isPlain || (octet === 0x20 && !isEdge)) encoded += String.fromCharCode(octet);
    else encoded += `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded.length <= MAXIMUM_IDENTITY_VALUE_LENGTH ? encoded : '';
}

/**
 * The client behind proxies that are trusted, and the chain from it to here. X-Forwarded-For is read from its end, as
 * far as each address that added an entry is trusted; what stands before is anybody's invention and is dropped. Undefined
 * where a trusted proxy's entry is no address: the client is then unknown, and policies fail closed on it.
 */
export function clientChain(
  peer: IpAddress,
  forwardedFor: string | undefined,
  trustedProxies: PrefixTrie<true>,
): readonly IpAddress[] | undefined {
  const chain = [unmapIpv4(peer)];
  if (forwardedFor === undefined || trustedProxies.size === 0) return chain;
  const entries = forwardedFor.split(',').slice(-MAXIMUM_FORWARDED_HOPS);
  while (entries.length > 0 && trustedProxies.match(chain[0] as IpAddress)) {
    const address = readEntry((entries.pop() as string).trim());
    if (address === undefined) return undefined;
    chain.unshift(unmapIpv4(address));
  }
  return chain;
}

/** An address as proxies write it: bare, in brackets, or with a port. */
function readEntry(entry: string): IpAddress | undefined {
  const bare = entry.startsWith('[') && entry.endsWith(']') ? entry.slice(1, -1) : entry;
  return parseIpAddress(bare) ?? parseEndpoint(entry)?.address;
}
