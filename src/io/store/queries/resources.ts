import { bareOf } from '../../../base/index.ts';
import { FIRST_TARGET_OVERLAY_PORT } from '../constants.ts';
import type { ResourcesTable, TargetsTable } from '../schema.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { StoreFailure } from '../store-failure.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { SORTED } from './sorted.ts';

export function listResources(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
): Promise<Page<ResourcesTable>> {
  return readPage(queries.selectFrom('resources').selectAll().where('organisation_id', '=', organisationId), request, {
    searched: ['name', 'host'],
    sorted: SORTED.resources,
  });
}

/** Those with a host where people sign in, of every organisation. */
export function allEnabledResources(queries: Queries): Promise<ResourcesTable[]> {
  return queries
    .selectFrom('resources')
    .selectAll()
    .where('enabled', '=', 1)
    .where('kind', 'in', ['http', 'access'])
    .orderBy('name')
    .execute();
}

/** Those that PoPs show certificates for: of TLS that is passed through the certificate is the target's. */
export function certifiedHosts(queries: Queries): Promise<Pick<ResourcesTable, 'id' | 'host' | 'organisation_id'>[]> {
  return hostsOf(queries).where('kind', '!=', 'tls').execute();
}

/** Those among them that are called so. */
export function certifiedHostsNamed(
  queries: Queries,
  names: readonly string[],
): Promise<Pick<ResourcesTable, 'id' | 'host' | 'organisation_id'>[]> {
  return hostsOf(queries).where('kind', '!=', 'tls').where('host', 'in', names).execute();
}

/** Of a resource without a host the column begins with a colon. */
function hostsOf(queries: Queries) {
  return queries.selectFrom('resources').select(['id', 'host', 'organisation_id']).where('host', 'not like', ':%');
}

/** Hosts of every resource that has one, and whose they are. */
export function allHosts(queries: Queries): Promise<Pick<ResourcesTable, 'id' | 'host' | 'organisation_id'>[]> {
  return hostsOf(queries).execute();
}

/**
 * Hosts of other organisations that may meet a host: the same, a wildcard above it, or, where it is a wildcard itself, what
 * is below it.
 */
export function hostsOfOthersNear(
  queries: Queries,
  organisationId: string,
  host: string,
): Promise<Pick<ResourcesTable, 'id' | 'host' | 'organisation_id'>[]> {
  const bare = bareOf(host);
  const labels = bare.split('.');
  const names = [host, ...labels.slice(1).map((_, i) => `*.${labels.slice(i + 1).join('.')}`)];
  return hostsOf(queries)
    .where('organisation_id', '!=', organisationId)
    .where(({ or, eb }) => or([eb('host', 'in', names), ...(bare === host ? [] : [eb('host', 'like', `%.${bare}`)])]))
    .execute();
}

export function findResource(
  queries: Queries,
  organisationId: string,
  id: string,
): Promise<ResourcesTable | undefined> {
  const own = queries.selectFrom('resources').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

/** A resource whatever its organisation, for a PoP that has it in its snapshot. */
export function publishedResource(queries: Queries, id: string): Promise<ResourcesTable | undefined> {
  return queries.selectFrom('resources').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertResource(transaction: StoreTransaction, resource: ResourcesTable): Promise<void> {
  await transaction.insertInto('resources').values(resource).execute();
}

export async function updateResource(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
  change: Partial<
    Pick<
      ResourcesTable,
      | 'name'
      | 'host'
      | 'enabled'
      | 'policy'
      | 'balancing'
      | 'sticky'
      | 'panic_threshold'
      | 'http_settings'
      | 'capture'
      | 'listen'
      | 'proxy_protocol'
    >
  >,
): Promise<boolean> {
  if (Object.keys(change).length === 0) return (await findResource(transaction, organisationId, id)) !== undefined;
  const changed = transaction.updateTable('resources').set(change).where('organisation_id', '=', organisationId);
  const result = await changed.where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** With its targets. */
export async function deleteResource(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
): Promise<boolean> {
  const deleted = transaction.deleteFrom('resources').where('organisation_id', '=', organisationId);
  return (await deleted.where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

/** Those of an organisation that have ports of their own, or may have them. */
export function streamResourcesOf(queries: Queries, organisationId: string): Promise<ResourcesTable[]> {
  return queries
    .selectFrom('resources')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('kind', 'in', ['tcp', 'udp'])
    .execute();
}

export function listTargets(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
  resourceId?: string,
): Promise<Page<TargetsTable>> {
  const query = queries.selectFrom('targets').selectAll().where('organisation_id', '=', organisationId);
  return readPage(resourceId === undefined ? query : query.where('resource_id', '=', resourceId), request, {
    searched: ['host'],
    sorted: SORTED.targets,
  });
}

/** Which targets so many resources have. */
export async function targetsOfResources(
  queries: Queries,
  organisationId: string,
  resourceIds: readonly string[],
): Promise<Pick<TargetsTable, 'id' | 'resource_id'>[]> {
  if (resourceIds.length === 0) return [];
  const own = queries.selectFrom('targets').select(['id', 'resource_id']).where('organisation_id', '=', organisationId);
  return own.where('resource_id', 'in', [...resourceIds]).execute();
}

export function findTarget(queries: Queries, organisationId: string, id: string): Promise<TargetsTable | undefined> {
  const own = queries.selectFrom('targets').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

export async function siteHasTargets(queries: Queries, siteId: string): Promise<boolean> {
  const query = queries.selectFrom('targets').select('id').where('site_id', '=', siteId).limit(1);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Adds a target on the next ports of its site. A port that was let go is taken again only when all were used once. */
export async function insertTarget(
  transaction: StoreTransaction,
  target: Omit<TargetsTable, 'overlay_port'>,
): Promise<number> {
  const port = await freeOverlayPort(transaction, target.site_id, target.port_count);
  await transaction
    .insertInto('targets')
    .values({ ...target, overlay_port: port })
    .execute();
  return port;
}

export async function updateTarget(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
  change: Partial<Omit<TargetsTable, 'id' | 'organisation_id' | 'resource_id' | 'site_id' | 'created_unix_ms'>>,
): Promise<boolean> {
  if (Object.keys(change).length === 0) return (await findTarget(transaction, organisationId, id)) !== undefined;
  const changed = transaction.updateTable('targets').set(change).where('organisation_id', '=', organisationId);
  const result = await changed.where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteTarget(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
): Promise<boolean> {
  const deleted = transaction.deleteFrom('targets').where('organisation_id', '=', organisationId);
  return (await deleted.where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

/** The first of so many ports in a row. */
export async function freeOverlayPort(transaction: StoreTransaction, siteId: string, count: number): Promise<number> {
  const rows = await transaction
    .selectFrom('targets')
    .select(['overlay_port', 'port_count'])
    .where('site_id', '=', siteId)
    .orderBy('overlay_port')
    .execute();
  const last = rows.at(-1);
  const next = last ? last.overlay_port + last.port_count : FIRST_TARGET_OVERLAY_PORT;
  if (next + count - 1 <= 65535) return next;
  let free = FIRST_TARGET_OVERLAY_PORT;
  for (const row of rows) {
    if (row.overlay_port - free >= count) return free;
    free = row.overlay_port + row.port_count;
  }
  throw new StoreFailure('store-conflict', 'the site has no free overlay port left', undefined, 'targets.overlay_port');
}
