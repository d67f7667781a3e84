import type { SnapshotVersion } from '../../../core/link/index.ts';
import type { CountersTable, KeysTable } from '../schema.ts';
import type { AuthoritiesTable } from '../schema-of-nodes.ts';
import type { Queries, StoreTransaction } from '../store.ts';

export function readCounters(queries: Queries): Promise<CountersTable> {
  return queries.selectFrom('counters').selectAll().where('id', '=', 'snapshot').executeTakeFirstOrThrow();
}

/** Starts a new epoch above everything that was ever published; `atLeast` where nobody knows what that was. */
export async function startEpoch(
  queries: Queries,
  above: Pick<SnapshotVersion, 'epoch'>,
  revocationSequence: number,
  atLeast = 0,
): Promise<number> {
  const epoch = Math.max(above.epoch + 1, Math.floor(atLeast));
  await queries
    .updateTable('counters')
    .set({ epoch, revocation_sequence: revocationSequence + 1 })
    .where('id', '=', 'snapshot')
    .execute();
  return epoch;
}

export async function setLineage(queries: Queries, lineage: string | null): Promise<void> {
  await queries.updateTable('counters').set({ lineage }).where('id', '=', 'snapshot').execute();
}

export function findAuthority(queries: Queries): Promise<AuthoritiesTable | undefined> {
  return queries.selectFrom('authorities').selectAll().where('id', '=', 'local').executeTakeFirst();
}

export async function insertAuthority(transaction: StoreTransaction, row: AuthoritiesTable): Promise<void> {
  await transaction.insertInto('authorities').values(row).execute();
}

export async function setAuthorityKey(queries: Queries, keyPem: string): Promise<void> {
  await queries.updateTable('authorities').set({ key_pem: keyPem }).where('id', '=', 'local').execute();
}

export function listKeys(queries: Queries): Promise<KeysTable[]> {
  return queries.selectFrom('keys').selectAll().orderBy('id').execute();
}

export async function insertKey(transaction: StoreTransaction, key: KeysTable): Promise<void> {
  await transaction.insertInto('keys').values(key).execute();
}

export async function deleteKey(transaction: StoreTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('keys').where('id', '=', id).execute();
}
