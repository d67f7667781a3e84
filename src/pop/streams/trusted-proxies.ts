import { type IpAddress, type PrefixTrie, parsePrefix, prefixSet } from '../../base/index.ts';
import type { StreamResourceRecord } from '../../core/link/index.ts';

const known = new WeakMap<StreamResourceRecord, PrefixTrie<true>>();

/** Whether a resource believes what an address says of who came. */
export function trustsProxy(record: StreamResourceRecord, address: IpAddress): boolean {
  const from = record.proxyProtocol?.from;
  if (!from) return false;
  let prefixes = known.get(record);
  if (!prefixes) {
    prefixes = prefixSet(from.map(parsePrefix).filter((prefix) => prefix !== undefined));
    known.set(record, prefixes);
  }
  return prefixes.match(address) === true;
}
