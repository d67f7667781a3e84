/** Who a request is from, where proxies that are trusted stand before the PoP. */
import { type IpAddress, type Prefix, type PrefixTrie, prefixSet } from '../base/index.ts';
import { clientChain, fieldValue } from '../core/routing/index.ts';
import type { ProxiedConnections } from '../io/proxied-connections.ts';
import { FORWARDED_CLIENTS_KNOWN } from './constants.ts';
import type { Counters } from './counters.ts';
import { type ConnectionFacts, factsBehind } from './request-context.ts';
import { PROXY_HEADER_TIMEOUT_MS } from './streams/constants.ts';

/** Which proxies are believed, and how they say who came. */
export interface TrustedProxies {
  readonly prefixes: PrefixTrie<true>;
  /** They begin every connection with a PROXY header. */
  readonly speakProxyProtocol: boolean;
}

export function trustedProxies(prefixes: readonly Prefix[], speakProxyProtocol: boolean): TrustedProxies {
  return { prefixes: prefixSet(prefixes), speakProxyProtocol };
}

/** How listeners take connections of trusted proxies. Undefined where they come as everybody's do. */
export function proxiedBy(proxies: TrustedProxies | undefined, counters: Counters): ProxiedConnections | undefined {
  if (!proxies?.speakProxyProtocol) return undefined;
  return {
    trusts: (address) => proxies.prefixes.match(address) === true,
    refused: (reason) => counters.add('problems', reason),
    timeoutMs: PROXY_HEADER_TIMEOUT_MS,
  };
}

const known = new WeakMap<ConnectionFacts, Map<string, ConnectionFacts>>();

/**
 * What is known of the client of a request: of the connection itself, unless a trusted proxy made it. Then X-Forwarded-For
 * says who came, from its end, as far as each that added an entry is trusted; a proxy that names nobody is nobody.
 */
export function clientFacts(
  connection: ConnectionFacts,
  rawHeaders: readonly string[],
  proxies: TrustedProxies | undefined,
): ConnectionFacts {
  const { address } = connection;
  // Where a replay comes from is control's word; its fields are whoever's.
  if (!proxies || !address || connection.replay || !proxies.prefixes.match(address)) return connection;
  const field = fieldValue(rawHeaders, 'x-forwarded-for', ', ');
  if (field === undefined) return connection;
  const clients = known.get(connection) ?? new Map<string, ConnectionFacts>();
  known.set(connection, clients);
  const before = clients.get(field);
  if (before) return before;
  const made = factsBehind(connection, chainOf(address, field, proxies));
  if (clients.size >= FORWARDED_CLIENTS_KNOWN) clients.clear();
  clients.set(field, made);
  return made;
}

function chainOf(peer: IpAddress, field: string, { prefixes }: TrustedProxies): readonly IpAddress[] {
  return clientChain(peer, field, prefixes) ?? [];
}
