import type { ControlNodesTable, LeasesTable, PopStatusTable, SiteGrantsTable } from '../schema-of-nodes.ts';
import type { Queries, StoreTransaction } from '../store.ts';

export function listControlNodes(queries: Queries): Promise<ControlNodesTable[]> {
  return queries.selectFrom('control_nodes').selectAll().orderBy('id').execute();
}

export function findControlNode(queries: Queries, id: string): Promise<ControlNodesTable | undefined> {
  return queries.selectFrom('control_nodes').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function putControlNode(transaction: StoreTransaction, node: ControlNodesTable): Promise<void> {
  const { id: _id, ...rest } = node;
  await transaction
    .insertInto('control_nodes')
    .values(node)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
    .execute();
}

/** Says that the node is alive, or with 0 that it has stopped. False where it is not known any more. */
export async function touchControlNode(queries: Queries, id: string, seenUnixMs: number): Promise<boolean> {
  const result = await queries
    .updateTable('control_nodes')
    .set({ seen_unix_ms: Math.round(seenUnixMs) })
    .where('id', '=', id)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteControlNode(transaction: StoreTransaction, id: string): Promise<boolean> {
  return (await transaction.deleteFrom('control_nodes').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

export async function putSiteGrant(transaction: StoreTransaction, grant: SiteGrantsTable): Promise<void> {
  const { site_id: _id, ...rest } = grant;
  await transaction
    .insertInto('site_grants')
    .values(grant)
    .onConflict((conflict) => conflict.column('site_id').doUpdateSet(rest))
    .execute();
}

/** The PoP's link is with this control node now, whichever it was with before. */
export async function takePopStatus(queries: Queries, status: PopStatusTable): Promise<void> {
  const { pop_id: _id, ...rest } = status;
  await queries
    .insertInto('pop_status')
    .values(status)
    .onConflict((conflict) => conflict.column('pop_id').doUpdateSet(rest))
    .execute();
}

/** News of a PoP; nothing where its link is with another node by now. */
export async function updatePopStatus(queries: Queries, status: PopStatusTable): Promise<void> {
  const { pop_id: popId, control_id: controlId, ...rest } = status;
  await queries
    .updateTable('pop_status')
    .set(rest)
    .where('pop_id', '=', popId)
    .where('control_id', '=', controlId)
    .execute();
}

export async function deletePopStatus(queries: Queries, popId: string, controlId: string): Promise<void> {
  await queries.deleteFrom('pop_status').where('pop_id', '=', popId).where('control_id', '=', controlId).execute();
}

/** Links that a node does not hold: at its start, whatever an earlier run left. */
export async function deletePopStatusesOf(queries: Queries, controlId: string): Promise<void> {
  await queries.deleteFrom('pop_status').where('control_id', '=', controlId).execute();
}

/** PoPs whose links are with control nodes that were alive after `seenAfterUnixMs`. */
export function livePopStatuses(queries: Queries, seenAfterUnixMs: number): Promise<PopStatusTable[]> {
  return queries
    .selectFrom('pop_status')
    .innerJoin('control_nodes', 'control_nodes.id', 'pop_status.control_id')
    .where('control_nodes.seen_unix_ms', '>', Math.round(seenAfterUnixMs))
    .selectAll('pop_status')
    .orderBy('pop_id')
    .execute();
}

/** Takes or keeps a lease until then; false while another node holds it. */
export async function takeLease(
  queries: Queries,
  id: string,
  holder: string,
  unixMs: number,
  untilUnixMs: number,
): Promise<boolean> {
  const until = Math.round(untilUnixMs);
  const row = await queries
    .insertInto('leases')
    .values({ id, holder, until_unix_ms: until })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ holder, until_unix_ms: until })
        .where((old) =>
          old.or([old('leases.holder', '=', holder), old('leases.until_unix_ms', '<=', Math.round(unixMs))]),
        ),
    )
    .returning('holder')
    .executeTakeFirst();
  return row !== undefined;
}

export function findLease(queries: Queries, id: string): Promise<LeasesTable | undefined> {
  return queries.selectFrom('leases').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Gives a lease up, or takes it from a holder that is gone. */
export async function endLease(queries: Queries, id: string, holder: string): Promise<void> {
  await queries.deleteFrom('leases').where('id', '=', id).where('holder', '=', holder).execute();
}

/** Whether a control node gave a sign of life after that time. */
export async function touchedSince(queries: Queries, controlId: string, unixMs: number): Promise<boolean> {
  const node = await findControlNode(queries, controlId);
  return node !== undefined && node.seen_unix_ms > unixMs;
}
