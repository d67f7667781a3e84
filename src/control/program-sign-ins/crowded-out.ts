import { largestBy } from '../../base/index.ts';
import { addressNetwork, addressRegion } from '../../io/address-group.ts';

/** A program that waits. */
export interface Waiting {
  readonly id: string;
  readonly client_address: string;
}

/**
 * Who makes room for others: one after another of the network that has most of the region that has most, the oldest first. So
 * whoever has many addresses near to one another crowds out themselves, and who is alone somewhere is the last to go.
 * @param waiting the oldest first.
 */
export function crowdedOut(waiting: readonly Waiting[], count: number): string[] {
  const regions = new Map<string, Map<string, string[]>>();
  for (const { id, client_address: address } of waiting) {
    const region = regions.get(addressRegion(address)) ?? new Map<string, string[]>();
    regions.set(addressRegion(address), region);
    const network = region.get(addressNetwork(address)) ?? [];
    region.set(addressNetwork(address), network);
    network.push(id);
  }
  const sizes = new Map([...regions.values()].map((region) => [region, [...region.values()].flat().length]));
  const out: string[] = [];
  while (out.length < count) {
    const region = largestBy(sizes.keys(), (each) => sizes.get(each) ?? 0);
    const id = region && largestBy(region.values(), (each) => each.length)?.shift();
    if (region === undefined || id === undefined) break;
    sizes.set(region, (sizes.get(region) ?? 0) - 1);
    out.push(id);
  }
  return out;
}
