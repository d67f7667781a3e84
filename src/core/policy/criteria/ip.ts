import { unmapIpv4 } from '../../../base/address.ts';
import { type Prefix, parsePrefix } from '../../../base/prefix-trie.ts';
import type { Criterion } from '../criterion.ts';
import { readTextList } from '../problem.ts';
import { truthOf, Unknown } from '../truth.ts';

/** Names for address blocks that every network knows (RFC 1918, 4193, 6598, 1122, 3927, 4291). */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  cgnat: ['100.64.0.0/10'],
  loopback: ['127.0.0.0/8', '::1/128'],
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
};

const EXPECTED = `an address, a block such as 10.0.0.0/8, or one of ${Object.keys(CLASSES).join(', ')}`;

/** Whether the client's address is in one of these blocks; unknown where the address is. */
export const ip: Criterion<readonly string[]> = {
  expects: 'a list of addresses, blocks and address classes',
  parse: (json, path, list) => readTextList(json, path, list, expectation),
  compile(entries, { addresses }) {
    const list = addresses.add(entries.flatMap(blocksOf));
    return ({ clientAddress }) =>
      clientAddress === undefined ? Unknown : truthOf(addresses.covers(list, clientAddress));
  },
};

function expectation(entry: string): string | undefined {
  const blocks = blocksOf(entry);
  if (blocks.length === 0) return EXPECTED;
  // Client addresses are unmapped before they are compared, so a mapped block would never match.
  return blocks.some(isMapped) ? 'the IPv4 block itself, not its IPv4-mapped spelling' : undefined;
}

function blocksOf(entry: string): readonly Prefix[] {
  const texts = Object.hasOwn(CLASSES, entry) ? (CLASSES[entry] ?? []) : [entry];
  return texts.map(parsePrefix).filter((block) => block !== undefined);
}

function isMapped(block: Prefix): boolean {
  return block.address.version === 6 && block.length >= 96 && unmapIpv4(block.address).version === 4;
}
