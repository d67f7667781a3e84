import type { ConnectorsTable, EnrolmentTokensTable, PopsTable, SitesTable } from '../schema.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { removeTargetHealthOf } from './health.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { SORTED } from './sorted.ts';

export function listSites(queries: Queries, organisationId: string, request: PageRequest): Promise<Page<SitesTable>> {
  return readPage(queries.selectFrom('sites').selectAll().where('organisation_id', '=', organisationId), request, {
    searched: ['name'],
    sorted: SORTED.named,
  });
}

export function findSite(queries: Queries, organisationId: string, id: string): Promise<SitesTable | undefined> {
  const own = queries.selectFrom('sites').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

/** For who holds a token for the site: whose it is. */
export async function organisationOfSite(queries: Queries, id: string): Promise<string | undefined> {
  const found = queries.selectFrom('sites').select('organisation_id').where('id', '=', id);
  return (await found.executeTakeFirst())?.organisation_id;
}

export async function insertSite(transaction: StoreTransaction, site: SitesTable): Promise<void> {
  await transaction.insertInto('sites').values(site).execute();
}

export async function updateSite(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
  change: Partial<Pick<SitesTable, 'name' | 'publishing'>>,
): Promise<boolean> {
  if (Object.keys(change).length === 0) return true;
  const renamed = transaction.updateTable('sites').set(change).where('organisation_id', '=', organisationId);
  const result = await renamed.where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** With its connectors, devices and unused tokens. Its targets must be gone before. */
export async function deleteSite(transaction: StoreTransaction, organisationId: string, id: string): Promise<boolean> {
  const deleted = transaction.deleteFrom('sites').where('organisation_id', '=', organisationId);
  return (await deleted.where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

export function listConnectors(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
  siteId?: string,
): Promise<Page<ConnectorsTable>> {
  const query = queries.selectFrom('connectors').selectAll().where('organisation_id', '=', organisationId);
  return readPage(siteId === undefined ? query : query.where('site_id', '=', siteId), request, {
    searched: ['name'],
    sorted: SORTED.named,
  });
}

export function findConnector(
  queries: Queries,
  organisationId: string,
  id: string,
): Promise<ConnectorsTable | undefined> {
  const own = queries.selectFrom('connectors').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

/** Whosever it is. */
export function findConnectorAnywhere(queries: Queries, id: string): Promise<ConnectorsTable | undefined> {
  return queries.selectFrom('connectors').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertConnector(transaction: StoreTransaction, connector: ConnectorsTable): Promise<void> {
  await transaction.insertInto('connectors').values(connector).execute();
}

export async function deleteConnector(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
): Promise<boolean> {
  const deleted = transaction.deleteFrom('connectors').where('organisation_id', '=', organisationId);
  const isGone = (await deleted.where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
  if (isGone) await removeTargetHealthOf(transaction, id);
  return isGone;
}

export function listPops(queries: Queries, request: PageRequest): Promise<Page<PopsTable>> {
  return readPage(queries.selectFrom('pops').selectAll(), request, {
    searched: ['name', 'location_name'],
    sorted: SORTED.pops,
  });
}

export function findPop(queries: Queries, id: string): Promise<PopsTable | undefined> {
  return queries.selectFrom('pops').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertPop(transaction: StoreTransaction, pop: PopsTable): Promise<void> {
  await transaction.insertInto('pops').values(pop).execute();
}

/** Devices whose tunnel goes there are left without one. */
export async function deletePop(transaction: StoreTransaction, id: string): Promise<boolean> {
  await transaction.updateTable('devices').set({ pop_id: null }).where('pop_id', '=', id).execute();
  return (await transaction.deleteFrom('pops').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

/** An administrator empties a node, or gives it work again. False where there is none. */
export async function setDraining(
  transaction: StoreTransaction,
  nodes: 'pops' | 'connectors',
  /** Of a connector. */
  organisationId: string | undefined,
  id: string,
  isDraining: boolean,
): Promise<boolean> {
  let changed = transaction.updateTable(nodes).set({ draining: isDraining ? 1 : 0 });
  if (nodes === 'connectors') changed = changed.where('organisation_id' as 'id', '=', organisationId ?? '');
  return (await changed.where('id', '=', id).executeTakeFirst()).numUpdatedRows > 0n;
}

/** Whether a WireGuard key belongs to a node or device already. */
export async function isWireguardKeyTaken(queries: Queries, key: string): Promise<boolean> {
  for (const owners of ['pops', 'connectors', 'devices'] as const) {
    const owner = queries.selectFrom(owners).select('id').where('wireguard_key', '=', key);
    if (await owner.executeTakeFirst()) return true;
  }
  return false;
}

export async function insertEnrolmentToken(transaction: StoreTransaction, token: EnrolmentTokensTable): Promise<void> {
  await transaction.insertInto('enrolment_tokens').values(token).execute();
}

export function findEnrolmentToken(queries: Queries, hash: string): Promise<EnrolmentTokensTable | undefined> {
  return queries.selectFrom('enrolment_tokens').selectAll().where('token_hash', '=', hash).executeTakeFirst();
}

/** Marks the token as used; false where somebody was faster. */
export async function useEnrolmentToken(
  transaction: StoreTransaction,
  id: string,
  nodeId: string,
  unixMs: number,
): Promise<boolean> {
  const result = await transaction
    .updateTable('enrolment_tokens')
    .set({ used_unix_ms: unixMs, used_by: nodeId })
    .where('id', '=', id)
    .where('used_unix_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
