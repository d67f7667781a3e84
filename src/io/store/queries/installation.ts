import type { SnapshotVersion } from '../../../core/link/index.ts';
import type { CertificatesTable, CountersTable, KeysTable, OrganisationTable } from '../schema.ts';
import type { Queries, StoreTransaction } from '../store.ts';

export function readCounters(queries: Queries): Promise<CountersTable> {
  return queries.selectFrom('counters').selectAll().where('id', '=', 'snapshot').executeTakeFirstOrThrow();
}

/** Starts a new epoch above everything that was ever published. */
export async function startEpoch(queries: Queries, above: SnapshotVersion, revocationSequence: number): Promise<void> {
  await queries
    .updateTable('counters')
    .set({ epoch: above.epoch + 1, revocation_sequence: revocationSequence + 1 })
    .where('id', '=', 'snapshot')
    .execute();
}

export function findOrganisation(queries: Queries): Promise<OrganisationTable | undefined> {
  return queries.selectFrom('organisation').selectAll().executeTakeFirst();
}

export async function insertOrganisation(transaction: StoreTransaction, row: OrganisationTable): Promise<void> {
  await transaction.insertInto('organisation').values(row).execute();
}

export function listKeys(queries: Queries): Promise<KeysTable[]> {
  return queries.selectFrom('keys').selectAll().orderBy('id').execute();
}

export async function insertKey(transaction: StoreTransaction, key: KeysTable): Promise<void> {
  await transaction.insertInto('keys').values(key).execute();
}

export function listCertificates(queries: Queries): Promise<CertificatesTable[]> {
  return queries.selectFrom('certificates').selectAll().orderBy('id').execute();
}

export async function putCertificate(transaction: StoreTransaction, row: CertificatesTable): Promise<void> {
  await transaction.deleteFrom('certificates').where('id', '=', row.id).execute();
  await transaction.insertInto('certificates').values(row).execute();
}
