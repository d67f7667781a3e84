import { TARGET_HEALTH_CHANGES_KEPT } from '../constants.ts';
import type { TargetHealthChangesTable, TargetHealthTable } from '../schema-of-health.ts';
import type { Queries, StoreTransaction } from '../store.ts';

/** How targets were found last. */
export async function targetHealthOf(queries: Queries, targetIds: readonly string[]): Promise<TargetHealthTable[]> {
  if (targetIds.length === 0) return [];
  return queries
    .selectFrom('target_health')
    .selectAll()
    .where('target_id', 'in', targetIds)
    .orderBy('target_id')
    .orderBy('pop_id')
    .orderBy('connector_id')
    .execute();
}

/** How targets were found last by one PoP. */
export function targetHealthByPop(queries: Queries, popId: string): Promise<TargetHealthTable[]> {
  return queries.selectFrom('target_health').selectAll().where('pop_id', '=', popId).execute();
}

/** The newest changes of a target, the newest first. */
export function targetHealthChanges(queries: Queries, targetId: string): Promise<TargetHealthChangesTable[]> {
  return queries
    .selectFrom('target_health_changes')
    .selectAll()
    .where('target_id', '=', targetId)
    .orderBy('id', 'desc')
    .limit(TARGET_HEALTH_CHANGES_KEPT)
    .execute();
}

/** A target is found otherwise than before. */
export async function putTargetHealth(
  transaction: StoreTransaction,
  found: TargetHealthTable,
  change: TargetHealthChangesTable,
): Promise<void> {
  const { state, reason, since_unix_ms } = found;
  await transaction
    .insertInto('target_health')
    .values(found)
    .onConflict((conflict) =>
      conflict.columns(['target_id', 'pop_id', 'connector_id']).doUpdateSet({ state, reason, since_unix_ms }),
    )
    .execute();
  await transaction.insertInto('target_health_changes').values(change).execute();
}

/** A PoP knows nothing of a target any more. */
export async function removeTargetHealth(
  transaction: StoreTransaction,
  { target_id, pop_id, connector_id }: Pick<TargetHealthTable, 'target_id' | 'pop_id' | 'connector_id'>,
): Promise<void> {
  await transaction
    .deleteFrom('target_health')
    .where('target_id', '=', target_id)
    .where('pop_id', '=', pop_id)
    .where('connector_id', '=', connector_id)
    .execute();
}

/** A connector or device is no way any more. */
export async function removeTargetHealthOf(transaction: StoreTransaction, nodeId: string): Promise<void> {
  await transaction.deleteFrom('target_health').where('connector_id', '=', nodeId).execute();
}

/** Forgets all but the newest changes of a target. */
export async function pruneTargetHealthChanges(transaction: StoreTransaction, targetId: string): Promise<void> {
  const oldest = await transaction
    .selectFrom('target_health_changes')
    .select('id')
    .where('target_id', '=', targetId)
    .orderBy('id', 'desc')
    .offset(TARGET_HEALTH_CHANGES_KEPT - 1)
    .limit(1)
    .executeTakeFirst();
  if (!oldest) return;
  await transaction
    .deleteFrom('target_health_changes')
    .where('target_id', '=', targetId)
    .where('id', '<', oldest.id)
    .execute();
}
