/** Resources that are no HTTP: what they listen on, and that no two want the same. */
import { parsePrefix, unmapIpv4 } from '../base/index.ts';
import type { ProxyProtocolSettings, StreamListen, StreamResourceRecord } from '../core/link/index.ts';
import type { Policy } from '../core/policy/index.ts';
import type { Queries, ResourcesTable, TargetsTable } from '../io/store/index.ts';
import {
  PORTS_OF_A_RESOURCE_MAX,
  PORTS_PARKED_BELOW,
  TRUSTED_PROXIES_MAX,
  UDP_IDLE_MAX_MS,
  UDP_IDLE_MIN_MS,
} from './constants.ts';
import { ControlFailure } from './problems.ts';

export type ResourceKind = ResourcesTable['kind'];
export type StreamKind = Exclude<ResourceKind, 'http' | 'access'>;

/** Whether people sign in at the host of such a resource; the others listen on ports. */
export function isSignInKind(kind: ResourceKind): kind is 'http' | 'access' {
  return kind === 'http' || kind === 'access';
}

/** As the API has it; what a kind has no use for is null. */
export interface ListenSettings {
  readonly first: number | null;
  readonly last: number | null;
  readonly idleMs: number | null;
}

export interface ProxySettings {
  readonly from: string[];
  readonly to: 1 | 2 | null;
}

/** The host of a resource that has none: a host name never begins like this, and no two resources have the same. */
export function noHost(resourceId: string): string {
  return `:${resourceId}`;
}

/** As many ports as a resource has, at a place where nobody else is; for within a transaction. */
export function noPorts({ listen }: Pick<ResourcesTable, 'listen'>): string | null {
  const stored = storedListen({ listen });
  if (!stored) return listen;
  if (stored.transport === 'tls') return JSON.stringify({ transport: 'tls' } satisfies StreamListen);
  // Below all ports, and apart as they were: no two have the same.
  const first = stored.first - PORTS_PARKED_BELOW;
  return JSON.stringify({ ...stored, first, last: stored.last - PORTS_PARKED_BELOW } satisfies StreamListen);
}

/** Empty where a resource has none. */
export function hostOf({ host }: Pick<ResourcesTable, 'host'>): string {
  return host.startsWith(':') ? '' : host;
}

/** Reads what the API was given. Failure `listen-invalid`. */
export function readListen(kind: StreamKind, { first, last, idleMs }: Partial<ListenSettings>): StreamListen {
  if (kind !== 'udp' && typeof idleMs === 'number') throw invalid('listen.idleMs', 'nothing: only udp has sessions');
  if (kind === 'tls') {
    if (typeof last === 'number' && last !== first) throw invalid('listen.last', 'one port, or none');
    return { transport: 'tls', ...(typeof first === 'number' && { port: first }) };
  }
  if (typeof first !== 'number') throw invalid('listen.first', 'a port from 1 to 65535');
  const range = { first, last: last ?? first };
  const count = range.last - range.first + 1;
  if (count < 1 || count > PORTS_OF_A_RESOURCE_MAX)
    throw invalid('listen.last', `a port not below the first, and at most ${PORTS_OF_A_RESOURCE_MAX} in all`);
  if (kind === 'tcp') return { transport: 'tcp', ...range };
  if (typeof idleMs === 'number' && (idleMs < UDP_IDLE_MIN_MS || idleMs > UDP_IDLE_MAX_MS))
    throw invalid('listen.idleMs', `${UDP_IDLE_MIN_MS} to ${UDP_IDLE_MAX_MS} milliseconds`);
  return { transport: 'udp', ...range, ...(typeof idleMs === 'number' && { idleMs }) };
}

/** Undefined where nothing is said. Failure `listen-invalid`. */
export function readProxyProtocol({ from, to }: Partial<ProxySettings>): ProxyProtocolSettings | undefined {
  if ((from?.length ?? 0) > TRUSTED_PROXIES_MAX) throw invalid('proxyProtocol.from', `at most ${TRUSTED_PROXIES_MAX}`);
  for (const text of from ?? []) {
    const prefix = parsePrefix(text);
    const isMapped = prefix && prefix.address.version === 6 && unmapIpv4(prefix.address).version === 4;
    if (!prefix || isMapped) throw invalid('proxyProtocol.from', 'addresses and blocks such as 10.0.0.0/8');
  }
  const settings = { ...(from && from.length > 0 && { from }), ...(to && { to }) };
  return Object.keys(settings).length > 0 ? settings : undefined;
}

export function listenItem({ listen }: Pick<ResourcesTable, 'listen'>): ListenSettings | null {
  const stored = storedListen({ listen });
  if (!stored) return null;
  if (stored.transport === 'tls') return { first: stored.port ?? null, last: stored.port ?? null, idleMs: null };
  const { first, last } = stored;
  return { first, last, idleMs: (stored.transport === 'udp' && stored.idleMs) || null };
}

export function proxyItem({ proxy_protocol: text }: Pick<ResourcesTable, 'proxy_protocol'>): ProxySettings | null {
  if (text === null) return null;
  const { from = [], to = null } = JSON.parse(text) as ProxyProtocolSettings;
  return { from: [...from], to };
}

export function storedListen({ listen }: Pick<ResourcesTable, 'listen'>): StreamListen | undefined {
  return listen === null ? undefined : (JSON.parse(listen) as StreamListen);
}

/** How many ports in a row each target of a resource has. */
export function portCountOf(row: Pick<ResourcesTable, 'listen'>): number {
  const listen = storedListen(row);
  return listen && listen.transport !== 'tls' ? listen.last - listen.first + 1 : 1;
}

/** Refuses ports that another resource has, whosever it is. Gives how many the organisation has then. Failure `port-taken`. */
export async function requireFreePorts(queries: Queries, row: ResourcesTable): Promise<number> {
  const own = placeOf(row);
  if (!own) return 0;
  const others = await queries
    .selectFrom('resources')
    .selectAll()
    .where('kind', 'not in', ['http', 'access'])
    .execute();
  const held = new Set(portsOf(own));
  for (const other of others) {
    const place = other.id === row.id ? undefined : placeOf(other);
    if (place && other.organisation_id === row.organisation_id) for (const port of portsOf(place)) held.add(port);
    if (!place || place.transport !== own.transport || place.last < own.first || own.last < place.first) continue;
    // Names tell those apart that share a port for TLS.
    if (place.isNamed && own.isNamed) continue;
    const port = Math.max(own.first, place.first);
    throw new ControlFailure('port-taken', `listen: port ${port} over ${own.transport} belongs to another resource`);
  }
  return held.size;
}

function* portsOf({ transport, first, last }: NonNullable<ReturnType<typeof placeOf>>): Generator<string> {
  for (let port = first; port <= last; port++) yield `${transport}/${port}`;
}

function placeOf(row: Pick<ResourcesTable, 'listen'>) {
  const listen = storedListen(row);
  if (!listen) return undefined;
  if (listen.transport !== 'tls') return { ...listen, isNamed: false };
  const { port } = listen;
  return port === undefined ? undefined : { transport: 'tcp' as const, first: port, last: port, isNamed: true };
}

/** Refuses targets that a kind of resource cannot use. Failure `target-invalid`. */
export function requireFitting(
  kind: ResourceKind,
  target: Pick<TargetsTable, 'scheme' | 'port' | 'check_settings'>,
  count: number,
): void {
  const { scheme } = target;
  const isBytes = scheme === 'tcp' || scheme === 'udp';
  const wanted = kind === 'udp' ? 'udp' : 'tcp';
  if (kind === 'http' ? isBytes : scheme !== wanted) {
    const expected =
      kind === 'http' ? 'a target that speaks HTTP' : `${wanted}://host:port, since the resource is of kind ${kind}`;
    throw new ControlFailure('target-invalid', `url: expected ${expected}`);
  }
  if (target.port + count - 1 > 65_535)
    throw new ControlFailure(
      'target-invalid',
      `url: the resource has ${count} ports, so the target has as many from this one on`,
    );
  if (!isBytes || target.check_settings === null) return;
  const { kind: check } = JSON.parse(target.check_settings) as { readonly kind: string };
  if (scheme === 'udp')
    throw new ControlFailure('target-invalid', 'check: expected none; whether a target takes datagrams cannot be seen');
  if (check !== 'tcp')
    throw new ControlFailure('target-invalid', 'check: expected kind tcp, since the target speaks no HTTP');
}

export function streamResourceOf(
  row: ResourcesTable,
  targets: readonly TargetsTable[],
  auditsAll: boolean,
): StreamResourceRecord[] {
  const listen = storedListen(row);
  if (!listen) return [];
  const host = hostOf(row);
  return [
    {
      kind: 'streamResource',
      id: row.id,
      organisationId: row.organisation_id,
      name: row.name,
      ...(host !== '' && { host }),
      enabled: row.enabled === 1,
      listen,
      policy: JSON.parse(row.policy) as Policy,
      targets: targets.map(({ id, site_id: siteId, overlay_port: overlayPort, priority, weight }) => ({
        ...{ id, siteId, overlayPort, priority, weight },
      })),
      balance: { balancing: row.balancing, sticky: row.sticky, panicThreshold: row.panic_threshold },
      ...(auditsAll && { auditsAll }),
      ...(row.proxy_protocol !== null && { proxyProtocol: JSON.parse(row.proxy_protocol) as ProxyProtocolSettings }),
    },
  ];
}

function invalid(path: string, expected: string): ControlFailure {
  return new ControlFailure('listen-invalid', `${path}: expected ${expected}`, { problems: [{ path, expected }] });
}
