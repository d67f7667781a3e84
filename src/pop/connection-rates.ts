/** How often somebody may come anew to a PoP. */
import { parsePrefix, prefixSet } from '../base/index.ts';
import type { ConnectionRates } from '../io/connection-rates.ts';
import type { TrustedProxies } from './client-facts.ts';
import {
  CONNECTION_RATE_NETWORK_FACTOR,
  MAXIMUM_CONNECTIONS_PER_ADDRESS,
  NEW_CONNECTIONS_BURST_PER_NETWORK,
} from './constants.ts';

/** The machine itself. */
const LOOPBACK = prefixSet([parsePrefix('127.0.0.0/8'), parsePrefix('::1/128')].flatMap((prefix) => prefix ?? []));

/** @param perSecond of one client, on average; 0: any number. */
export function connectionRates(perSecond: number, proxies: TrustedProxies | undefined): ConnectionRates | undefined {
  if (perSecond === 0) return undefined;
  return {
    // As many as it may have open may come at once, as after another PoP failed.
    perAddress: { requests: perSecond, perMs: 1_000, burst: MAXIMUM_CONNECTIONS_PER_ADDRESS },
    perNetwork: {
      requests: CONNECTION_RATE_NETWORK_FACTOR * perSecond,
      perMs: 1_000,
      burst: NEW_CONNECTIONS_BURST_PER_NETWORK,
    },
    exempts: (address) => LOOPBACK.match(address) === true || proxies?.prefixes.match(address) === true,
  };
}
