import { FIRST_TARGET_OVERLAY_PORT } from '../constants.ts';
import type { ResourcesTable, TargetsTable } from '../schema.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { StoreFailure } from '../store-failure.ts';
import { type Page, type PageRequest, readPage } from './page.ts';

export function listResources(queries: Queries, request: PageRequest): Promise<Page<ResourcesTable>> {
  return readPage(queries.selectFrom('resources').selectAll(), request);
}

export function allEnabledResources(queries: Queries): Promise<ResourcesTable[]> {
  return queries.selectFrom('resources').selectAll().where('enabled', '=', 1).orderBy('name').execute();
}

export function findResource(queries: Queries, id: string): Promise<ResourcesTable | undefined> {
  return queries.selectFrom('resources').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertResource(transaction: StoreTransaction, resource: ResourcesTable): Promise<void> {
  await transaction.insertInto('resources').values(resource).execute();
}

export async function updateResource(
  transaction: StoreTransaction,
  id: string,
  change: Partial<
    Pick<ResourcesTable, 'name' | 'host' | 'enabled' | 'policy' | 'balancing' | 'sticky' | 'panic_threshold'>
  >,
): Promise<boolean> {
  if (Object.keys(change).length === 0) return (await findResource(transaction, id)) !== undefined;
  const result = await transaction.updateTable('resources').set(change).where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** With its targets. */
export async function deleteResource(transaction: StoreTransaction, id: string): Promise<boolean> {
  return (await transaction.deleteFrom('resources').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

export function listTargets(queries: Queries, request: PageRequest, resourceId?: string): Promise<Page<TargetsTable>> {
  const query = queries.selectFrom('targets').selectAll();
  return readPage(resourceId === undefined ? query : query.where('resource_id', '=', resourceId), request);
}

export function findTarget(queries: Queries, id: string): Promise<TargetsTable | undefined> {
  return queries.selectFrom('targets').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function siteHasTargets(queries: Queries, siteId: string): Promise<boolean> {
  const query = queries.selectFrom('targets').select('id').where('site_id', '=', siteId).limit(1);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Adds a target on the next port of its site. A port that was let go is taken again only when all were used once. */
export async function insertTarget(
  transaction: StoreTransaction,
  target: Omit<TargetsTable, 'overlay_port'>,
): Promise<number> {
  const port = await freeOverlayPort(transaction, target.site_id);
  await transaction
    .insertInto('targets')
    .values({ ...target, overlay_port: port })
    .execute();
  return port;
}

export async function updateTarget(
  transaction: StoreTransaction,
  id: string,
  change: Partial<Omit<TargetsTable, 'id' | 'resource_id' | 'site_id' | 'overlay_port' | 'created_unix_ms'>>,
): Promise<boolean> {
  if (Object.keys(change).length === 0) return (await findTarget(transaction, id)) !== undefined;
  const result = await transaction.updateTable('targets').set(change).where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteTarget(transaction: StoreTransaction, id: string): Promise<boolean> {
  return (await transaction.deleteFrom('targets').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

async function freeOverlayPort(transaction: StoreTransaction, siteId: string): Promise<number> {
  const rows = await transaction
    .selectFrom('targets')
    .select('overlay_port')
    .where('site_id', '=', siteId)
    .orderBy('overlay_port')
    .execute();
  const last = rows.at(-1)?.overlay_port ?? FIRST_TARGET_OVERLAY_PORT - 1;
  if (last < 65535) return last + 1;
  const taken = new Set(rows.map((row) => row.overlay_port));
  for (let port = FIRST_TARGET_OVERLAY_PORT; port <= 65535; port++) if (!taken.has(port)) return port;
  throw new StoreFailure('store-conflict', 'the site has no free overlay port left', undefined, 'targets.overlay_port');
}
