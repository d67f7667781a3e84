import { type IpAddress, unmapIpv4 } from '../../base/address.ts';
import { formatPrefix, type Prefix, PrefixTrie } from '../../base/prefix-trie.ts';

const NO_LISTS: ReadonlySet<number> = new Set();

/**
 * All address lists of a policy in one trie, so that a request walks it once and not once per rule. Each block holds
 * the numbers of the lists that cover it: its own and those of every wider block around it.
 */
export class AddressIndex {
  readonly #blocks = new Map<string, { readonly block: Prefix; readonly lists: Set<number> }>();
  #trie: PrefixTrie<ReadonlySet<number>> | undefined;
  #listCount = 0;
  #lastAddress: IpAddress | undefined;
  #lastLists = NO_LISTS;

  /** Takes a list of blocks; gives its number. */
  add(blocks: readonly Prefix[]): number {
    const list = this.#listCount++;
    for (const block of blocks) {
      const text = formatPrefix(block);
      const held = this.#blocks.get(text);
      if (held) held.lists.add(list);
      else this.#blocks.set(text, { block, lists: new Set([list]) });
    }
    this.#trie = undefined;
    this.#lastAddress = undefined;
    return list;
  }

  /** Whether a block of the list covers the address; IPv4-mapped addresses count as IPv4. */
  covers(list: number, address: IpAddress): boolean {
    if (address !== this.#lastAddress) {
      this.#trie ??= this.#build();
      this.#lastLists = this.#trie.match(unmapIpv4(address)) ?? NO_LISTS;
      this.#lastAddress = address;
    }
    return this.#lastLists.has(list);
  }

  /** Wider blocks first, so that what a block finds in the trie is what surrounds it. */
  #build(): PrefixTrie<ReadonlySet<number>> {
    const trie = new PrefixTrie<ReadonlySet<number>>();
    const entries = [...this.#blocks.values()].sort((a, b) => a.block.length - b.block.length);
    for (const { block, lists } of entries) {
      const around = trie.match(block.address) ?? NO_LISTS;
      trie.set(block, new Set([...around, ...lists]));
    }
    return trie;
  }
}
