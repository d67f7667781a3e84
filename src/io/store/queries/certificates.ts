import type {
  AcmeAccountsTable,
  AcmeChallengesTable,
  AcmeSettingsTable,
  CertificateOrdersTable,
  CertificatesTable,
} from '../schema-of-certificates.ts';
import type { Queries, StoreTransaction } from '../store.ts';

export function listCertificates(queries: Queries): Promise<CertificatesTable[]> {
  return queries.selectFrom('certificates').selectAll().orderBy('id').execute();
}

export function findCertificate(queries: Queries, id: string): Promise<CertificatesTable | undefined> {
  return queries.selectFrom('certificates').selectAll().where('id', '=', id).executeTakeFirst();
}

/** What a certificate is, without its chain and its key, which are most of a row. */
export type CertificateOutline = Omit<CertificatesTable, 'chain_pem' | 'key_pem'>;

export function listCertificateOutlines(queries: Queries): Promise<CertificateOutline[]> {
  const columns = ['id', 'hosts', 'not_before_unix_ms', 'not_after_unix_ms', 'source'] as const;
  return queries.selectFrom('certificates').select(columns).orderBy('id').execute();
}

/** As many at once as `CERTIFICATES_A_STATEMENT`. */
export async function certificatesOf(queries: Queries, ids: readonly string[]): Promise<CertificatesTable[]> {
  if (ids.length === 0) return [];
  return queries
    .selectFrom('certificates')
    .selectAll()
    .where('id', 'in', [...ids])
    .execute();
}

/** As many at once as `CERTIFICATES_A_STATEMENT`. */
export async function putCertificates(
  transaction: StoreTransaction,
  rows: readonly CertificatesTable[],
): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  await transaction.deleteFrom('certificates').where('id', 'in', ids).execute();
  await transaction
    .insertInto('certificates')
    .values([...rows])
    .execute();
}

export async function putCertificate(transaction: StoreTransaction, row: CertificatesTable): Promise<void> {
  await deleteCertificate(transaction, row.id);
  await transaction.insertInto('certificates').values(row).execute();
}

export async function deleteCertificate(transaction: StoreTransaction, id: string): Promise<boolean> {
  return (await transaction.deleteFrom('certificates').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

export function listCertificateOrders(queries: Queries): Promise<CertificateOrdersTable[]> {
  return queries.selectFrom('certificate_orders').selectAll().orderBy('id').execute();
}

export function findCertificateOrder(queries: Queries, id: string): Promise<CertificateOrdersTable | undefined> {
  return queries.selectFrom('certificate_orders').selectAll().where('id', '=', id).executeTakeFirst();
}

/** What is due, what has waited longest first. */
export function dueCertificateOrders(
  queries: Queries,
  unixMs: number,
  limit: number,
): Promise<CertificateOrdersTable[]> {
  return queries
    .selectFrom('certificate_orders')
    .selectAll()
    .where('next_unix_ms', '<=', Math.round(unixMs))
    .orderBy('next_unix_ms')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** When the next one is due; undefined where there is none. */
export async function nextCertificateOrderUnixMs(queries: Queries): Promise<number | undefined> {
  const next = queries.selectFrom('certificate_orders').select('next_unix_ms').orderBy('next_unix_ms').limit(1);
  return (await next.executeTakeFirst())?.next_unix_ms;
}

export async function insertCertificateOrder(queries: Queries, row: CertificateOrdersTable): Promise<void> {
  await queries.insertInto('certificate_orders').values(row).execute();
}

/** False where it is gone. */
export async function updateCertificateOrder(
  queries: Queries,
  id: string,
  changes: Partial<CertificateOrdersTable>,
): Promise<boolean> {
  const updated = queries.updateTable('certificate_orders').set(changes).where('id', '=', id);
  return (await updated.executeTakeFirst()).numUpdatedRows > 0n;
}

/** With the answers to its challenges. */
export async function deleteCertificateOrder(transaction: StoreTransaction, id: string): Promise<void> {
  await deleteAcmeChallengesOf(transaction, id);
  await transaction.deleteFrom('certificate_orders').where('id', '=', id).execute();
}

export function allAcmeChallenges(queries: Queries): Promise<AcmeChallengesTable[]> {
  return queries.selectFrom('acme_challenges').selectAll().orderBy('id').execute();
}

export function acmeChallengesOf(queries: Queries, certificateId: string): Promise<AcmeChallengesTable[]> {
  const of = queries.selectFrom('acme_challenges').selectAll().where('certificate_id', '=', certificateId);
  return of.orderBy('id').execute();
}

export async function insertAcmeChallenges(
  transaction: StoreTransaction,
  rows: readonly AcmeChallengesTable[],
): Promise<void> {
  if (rows.length > 0) await transaction.insertInto('acme_challenges').values(rows).execute();
}

export async function deleteAcmeChallengesOf(transaction: StoreTransaction, certificateId: string): Promise<boolean> {
  const deleted = transaction.deleteFrom('acme_challenges').where('certificate_id', '=', certificateId);
  return (await deleted.executeTakeFirst()).numDeletedRows > 0n;
}

export function findAcmeAccount(queries: Queries, directoryUrl: string): Promise<AcmeAccountsTable | undefined> {
  return queries.selectFrom('acme_accounts').selectAll().where('id', '=', directoryUrl).executeTakeFirst();
}

/** The account that counts: of two nodes that make one together, the first's. */
export async function addAcmeAccount(queries: Queries, row: AcmeAccountsTable): Promise<AcmeAccountsTable> {
  await queries
    .insertInto('acme_accounts')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return queries.selectFrom('acme_accounts').selectAll().where('id', '=', row.id).executeTakeFirstOrThrow();
}

export async function setAcmeAccountUrl(queries: Queries, directoryUrl: string, url: string | null): Promise<void> {
  await queries.updateTable('acme_accounts').set({ url }).where('id', '=', directoryUrl).execute();
}

export function findAcmeSettings(queries: Queries): Promise<AcmeSettingsTable | undefined> {
  return queries.selectFrom('acme_settings').selectAll().where('id', '=', 'installation').executeTakeFirst();
}

export async function putAcmeSettings(transaction: StoreTransaction, row: AcmeSettingsTable): Promise<void> {
  await transaction.deleteFrom('acme_settings').where('id', '=', row.id).execute();
  await transaction.insertInto('acme_settings').values(row).execute();
}

export async function deleteAcmeSettings(transaction: StoreTransaction): Promise<boolean> {
  return (await transaction.deleteFrom('acme_settings').executeTakeFirst()).numDeletedRows > 0n;
}
