import type { OwnCertificatesTable } from '../schema-of-domains.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { SORTED } from './sorted.ts';

export function listOwnCertificates(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
): Promise<Page<OwnCertificatesTable>> {
  const all = queries.selectFrom('own_certificates').selectAll();
  return readPage(all.where('organisation_id', '=', organisationId), request, {
    searched: ['name', 'hosts'],
    sorted: SORTED.named,
  });
}

/** Of every organisation. */
export function allOwnCertificates(queries: Queries): Promise<OwnCertificatesTable[]> {
  return queries.selectFrom('own_certificates').selectAll().orderBy('id').execute();
}

/** Another organisation's is not found. */
export function findOwnCertificate(
  queries: Queries,
  organisationId: string,
  id: string,
): Promise<OwnCertificatesTable | undefined> {
  const own = queries.selectFrom('own_certificates').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

export async function insertOwnCertificate(transaction: StoreTransaction, row: OwnCertificatesTable): Promise<void> {
  await transaction.insertInto('own_certificates').values(row).execute();
}

export async function updateOwnCertificate(
  queries: Queries,
  id: string,
  change: Partial<Omit<OwnCertificatesTable, 'id' | 'organisation_id' | 'created_unix_ms'>>,
): Promise<void> {
  await queries.updateTable('own_certificates').set(change).where('id', '=', id).execute();
}

export async function deleteOwnCertificate(transaction: StoreTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('own_certificates').where('id', '=', id).execute();
}

export async function domainsOfOwnCertificate(queries: Queries, id: string): Promise<string[]> {
  const rows = await queries.selectFrom('domains').select('name').where('own_certificate_id', '=', id).execute();
  return rows.map(({ name }) => name);
}
