import type { QuickTunnelsTable } from '../schema-of-quick-tunnels.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';

export function listQuickTunnels(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
): Promise<Page<QuickTunnelsTable>> {
  const all = queries.selectFrom('quick_tunnels').selectAll();
  return readPage(all.where('organisation_id', '=', organisationId), request);
}

/** Another organisation's is not found. */
export function findQuickTunnel(
  queries: Queries,
  organisationId: string,
  id: string,
): Promise<QuickTunnelsTable | undefined> {
  const own = queries.selectFrom('quick_tunnels').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

/** Of every organisation: those whose time is over, or whose program has been silent for too long. */
export function endedQuickTunnels(queries: Queries, nowUnixMs: number): Promise<QuickTunnelsTable[]> {
  const all = queries.selectFrom('quick_tunnels').selectAll();
  return all
    .where((either) =>
      either.or([either('expires_unix_ms', '<=', nowUnixMs), either('lease_unix_ms', '<=', nowUnixMs)]),
    )
    .execute();
}

export async function insertQuickTunnel(transaction: StoreTransaction, row: QuickTunnelsTable): Promise<void> {
  await transaction.insertInto('quick_tunnels').values(row).execute();
}

export async function leaseQuickTunnel(queries: Queries, id: string, leaseUnixMs: number): Promise<void> {
  await queries.updateTable('quick_tunnels').set({ lease_unix_ms: leaseUnixMs }).where('id', '=', id).execute();
}

export async function deleteQuickTunnel(transaction: StoreTransaction, id: string): Promise<boolean> {
  const deleted = transaction.deleteFrom('quick_tunnels').where('id', '=', id);
  return (await deleted.executeTakeFirst()).numDeletedRows > 0n;
}

/** From now on they do not end by themselves. */
export async function keepForGood(
  transaction: StoreTransaction,
  siteId: string,
  resourceIds: readonly string[],
): Promise<void> {
  await transaction.updateTable('sites').set({ expires_unix_ms: null }).where('id', '=', siteId).execute();
  if (resourceIds.length === 0) return;
  await transaction
    .updateTable('resources')
    .set({ expires_unix_ms: null })
    .where('id', 'in', [...resourceIds])
    .execute();
}
