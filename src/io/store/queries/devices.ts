import type { DevicesTable } from '../schema-of-devices.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { removeTargetHealthOf } from './health.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { SORTED } from './sorted.ts';

export function listDevices(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
  siteId?: string,
): Promise<Page<DevicesTable>> {
  const query = queries.selectFrom('devices').selectAll().where('organisation_id', '=', organisationId);
  return readPage(siteId === undefined ? query : query.where('site_id', '=', siteId), request, {
    searched: ['name'],
    sorted: SORTED.named,
  });
}

export function allDevices(queries: Queries): Promise<DevicesTable[]> {
  return queries.selectFrom('devices').selectAll().orderBy('id').execute();
}

export function findDevice(queries: Queries, organisationId: string, id: string): Promise<DevicesTable | undefined> {
  const own = queries.selectFrom('devices').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

export async function insertDevice(transaction: StoreTransaction, device: DevicesTable): Promise<void> {
  await transaction.insertInto('devices').values(device).execute();
}

/** Has the device's tunnel go to another PoP. */
export async function moveDevice(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
  popId: string,
): Promise<boolean> {
  const changed = transaction
    .updateTable('devices')
    .set({ pop_id: popId })
    .where('organisation_id', '=', organisationId);
  return (await changed.where('id', '=', id).executeTakeFirst()).numUpdatedRows > 0n;
}

export async function deleteDevice(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
): Promise<boolean> {
  const deleted = transaction.deleteFrom('devices').where('organisation_id', '=', organisationId);
  const isGone = (await deleted.where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
  if (isGone) await removeTargetHealthOf(transaction, id);
  return isGone;
}

export async function siteHasDevices(queries: Queries, siteId: string): Promise<boolean> {
  const query = queries.selectFrom('devices').select('id').where('site_id', '=', siteId).limit(1);
  return (await query.executeTakeFirst()) !== undefined;
}
