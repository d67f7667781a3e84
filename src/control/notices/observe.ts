/** Looks how sites, PoPs, targets and certificates are, by what the store and the links of PoPs say. */
import { countRefusedSignIns, type Queries } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import type { PopStatus } from '../pop-statuses.ts';
import type { Condition } from './condition.ts';
import {
  CERTIFICATE_ENDS_SOON_MS,
  CERTIFICATE_FAILURES,
  REFUSED_SIGN_INS_BURST,
  REFUSED_SIGN_INS_WINDOW_MS,
} from './constants.ts';

/** What there is to tell of, well or not. What cannot be known now is left out: nothing changes for it. */
export interface Observed {
  readonly conditions: readonly Condition[];
  /** Kinds that were not judged. */
  readonly unknown: ReadonlySet<Condition['kind']>;
}

export async function observe(control: Control): Promise<Observed> {
  const { database } = control.store;
  const linked = await control.links.pops();
  const nowUnixMs = control.clock.unixMs();
  const seen = linked.length > 0;
  const conditions = [
    ...(await pops(database, linked)),
    // Where no PoP is linked nobody tells of tunnels and targets; that is told of PoPs.
    ...(seen ? await sites(database, linked) : []),
    ...(seen ? await targets(database) : []),
    ...(await certificates(database, control.organisationId, nowUnixMs)),
    await signIns(database, control.organisationId, nowUnixMs),
  ];
  return { conditions, unknown: new Set(seen ? [] : (['site', 'target'] as const)) };
}

async function pops(queries: Queries, linked: readonly PopStatus[]): Promise<Condition[]> {
  const rows = await queries.selectFrom('pops').select(['id', 'name']).execute();
  return rows.map(({ id, name }) => ({
    ...{ kind: 'pop', subjectId: id, organisationId: null, name },
    reason: linked.some(({ popId }) => popId === id) ? undefined : 'no-link',
  }));
}

/** A site is offline where none of its connectors and devices has a tunnel; one that never had any is not there yet. */
async function sites(queries: Queries, linked: readonly PopStatus[]): Promise<Condition[]> {
  const up = new Set(
    linked.flatMap(({ connectors }) =>
      connectors.filter(({ state }) => state !== 'down').map(({ connectorId }) => connectorId),
    ),
  );
  const rows = await queries.selectFrom('sites').select(['id', 'organisation_id', 'name']).execute();
  const nodes = [
    ...(await queries.selectFrom('connectors').select(['id', 'site_id']).execute()),
    ...(await queries.selectFrom('devices').select(['id', 'site_id']).execute()),
  ];
  const bySite = Map.groupBy(nodes, ({ site_id: siteId }) => siteId);
  return rows.flatMap(({ id, organisation_id: organisationId, name }) => {
    const own = bySite.get(id) ?? [];
    if (own.length === 0) return [];
    const reason = own.some((node) => up.has(node.id)) ? undefined : 'no-tunnel';
    return [{ kind: 'site', subjectId: id, organisationId, name, reason } as const];
  });
}

/** A target is down where every way to it that is checked is unhealthy. */
async function targets(queries: Queries): Promise<Condition[]> {
  const rows = await queries
    .selectFrom('target_health')
    .innerJoin('targets', 'targets.id', 'target_health.target_id')
    .innerJoin('resources', 'resources.id', 'targets.resource_id')
    .select(['targets.id', 'targets.organisation_id', 'targets.scheme', 'targets.host', 'targets.port'])
    .select(['resources.name', 'target_health.state', 'target_health.reason'])
    .where('target_health.state', '!=', 'unknown')
    .execute();
  return [...Map.groupBy(rows, ({ id }) => id)].map(([id, ways]) => {
    const [first] = ways as [(typeof ways)[number]];
    const isDown = ways.every(({ state }) => state === 'unhealthy');
    const name = `${first.name}: ${first.scheme}://${first.host}:${first.port}`;
    const common = { kind: 'target', subjectId: id, organisationId: first.organisation_id, name } as const;
    return { ...common, reason: isDown ? first.reason : undefined };
  });
}

async function certificates(queries: Queries, installationId: string, nowUnixMs: number): Promise<Condition[]> {
  const rows = await queries.selectFrom('certificates').select(['id', 'hosts', 'not_after_unix_ms']).execute();
  const orders = await queries.selectFrom('certificate_orders').select(['id', 'wish', 'failures']).execute();
  const owners = await ownersOfHosts(queries);
  const found = new Map<string, Condition>();
  const note = (id: string, hosts: readonly string[], reason: string | undefined): void => {
    const own = new Set(hosts.flatMap((host) => owners(host)));
    for (const organisationId of own.size > 0 ? own : [installationId]) {
      const key = `${organisationId} ${id}`;
      const known = found.get(key);
      const name = hosts.slice(0, 3).join(', ') || (known?.name ?? id);
      const common = { kind: 'certificate', subjectId: id, organisationId, name } as const;
      found.set(key, { ...common, reason: known?.reason ?? reason });
    }
  };
  for (const { id, hosts, not_after_unix_ms: end } of rows) {
    const leftMs = Number(end) - nowUnixMs;
    const reason = leftMs <= 0 ? 'expired' : leftMs < CERTIFICATE_ENDS_SOON_MS ? 'expiring' : undefined;
    note(id, JSON.parse(hosts) as string[], reason);
  }
  for (const { id, wish, failures } of orders) {
    const { names = [] } = JSON.parse(wish) as { readonly names?: readonly string[] };
    note(id, names, failures >= CERTIFICATE_FAILURES ? 'order-failing' : undefined);
  }
  return [...found.values()];
}

/** Whose the hosts of a name in a certificate are; of a wildcard, of all that it stands for. */
async function ownersOfHosts(queries: Queries): Promise<(name: string) => readonly string[]> {
  const rows = await queries.selectFrom('resources').select(['host', 'organisation_id']).execute();
  const byName = new Map<string, Set<string>>();
  for (const { host, organisation_id: organisationId } of rows) {
    if (host === null) continue;
    for (const name of [host, host.replace(/^[^.]+/, '*')]) {
      const known = byName.get(name);
      if (known) known.add(organisationId);
      else byName.set(name, new Set([organisationId]));
    }
  }
  return (name) => [...(byName.get(name) ?? [])];
}

/** Accounts are the installation's, so its organisation hears of that. */
async function signIns(queries: Queries, installationId: string, nowUnixMs: number): Promise<Condition> {
  const refused = await countRefusedSignIns(queries, nowUnixMs - REFUSED_SIGN_INS_WINDOW_MS);
  return {
    ...{ kind: 'sign-ins', subjectId: 'all', organisationId: installationId, name: 'Sign-ins' },
    reason: refused >= REFUSED_SIGN_INS_BURST ? 'many-refused' : undefined,
  };
}
