import { type IpAddress, toHex } from '../../base/index.ts';
import { hash32, hashFraction } from './hash.ts';
import type { Way } from './target.ts';

/**
 * What a request says of where it went before. Nothing here is state of a PoP: every PoP reads the same out of the same
 * request.
 */
export type Hint =
  | { readonly kind: 'none' }
  /** The value of the cookie: marks of a target and of a connector. */
  | { readonly kind: 'marked'; readonly mark: string }
  /** The client's address: whoever has it goes the same way. */
  | { readonly kind: 'hashed'; readonly key: string };

export const NO_HINT: Hint = { kind: 'none' };

/** The names of a way in a cookie. They say nothing of addresses or names, and are the same on every PoP. */
export function markOf({ targetId, connectorId }: Pick<Way, 'targetId' | 'connectorId'>): string {
  return `${nameOf(targetId)}.${nameOf(connectorId)}`;
}

export function marksTarget(mark: string, targetId: string): boolean {
  return mark.startsWith(`${nameOf(targetId)}.`);
}

export function marksConnector(mark: string, connectorId: string): boolean {
  return mark.endsWith(`.${nameOf(connectorId)}`);
}

function nameOf(id: string): string {
  return [1, 2].map((seed) => hash32(id, seed).toString(36)).join('-');
}

/** The key of a client's address: an IPv6 host has its whole /64 and changes within it (RFC 8981). */
export function addressKey(address: IpAddress): string {
  return address.version === 4 ? address.text : toHex(address.bytes.subarray(0, 8));
}

/**
 * Weighted rendezvous hashing (Thaler and Ravishankar 1998; weights after Schindelhauer and Schomaker 2005): the item
 * with the highest score has the key. One that goes takes only its own keys along, one that comes takes its share from
 * all alike.
 */
export function rendezvousScore(key: string, itemId: string, weight: number): number {
  return -weight / Math.log(hashFraction(`${key}\0${itemId}`));
}

/** The items in the order in which they have the key. */
export function byRendezvous<Item>(
  items: readonly Item[],
  key: string,
  describe: (item: Item) => { readonly id: string; readonly weight: number },
): Item[] {
  const scored = items.map((item) => {
    const { id, weight } = describe(item);
    return { item, score: rendezvousScore(key, id, weight) };
  });
  return scored.sort((one, other) => other.score - one.score).map(({ item }) => item);
}
