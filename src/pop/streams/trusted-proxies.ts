import { type IpAddress, PrefixTrie, parsePrefix } from '../../base/index.ts';
import type { StreamResourceRecord } from '../../core/link/index.ts';

const known = new WeakMap<StreamResourceRecord, PrefixTrie<true>>();

/** Whether a resource believes what an address says of who came. */
export function trustsProxy(record: StreamResourceRecord, address: IpAddress): boolean {
  const from = record.proxyProtocol?.from;
  if (!from) return false;
  let prefixes = known.get(record);
  if (!prefixes) {
    prefixes = new PrefixTrie<true>();
    for (const text of from) {
      const prefix = parsePrefix(text);
      if (prefix) prefixes.set(prefix, true);
    }
    known.set(record, prefixes);
  }
  return prefixes.match(address) === true;
}
