import type { DnsProvidersTable } from '../schema-of-domains.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { SORTED } from './sorted.ts';

export function listDnsProviders(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
): Promise<Page<DnsProvidersTable>> {
  const all = queries.selectFrom('dns_providers').selectAll();
  return readPage(all.where('organisation_id', '=', organisationId), request, {
    searched: ['name'],
    sorted: SORTED.named,
  });
}

/** Another organisation's is not found. */
export function findDnsProvider(
  queries: Queries,
  organisationId: string,
  id: string,
): Promise<DnsProvidersTable | undefined> {
  const own = queries.selectFrom('dns_providers').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

/** Whosever it is: for a certificate whose domain names it. */
export function findAnyDnsProvider(queries: Queries, id: string): Promise<DnsProvidersTable | undefined> {
  return queries.selectFrom('dns_providers').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertDnsProvider(transaction: StoreTransaction, row: DnsProvidersTable): Promise<void> {
  await transaction.insertInto('dns_providers').values(row).execute();
}

export async function updateDnsProvider(
  transaction: StoreTransaction,
  id: string,
  change: Pick<DnsProvidersTable, 'name' | 'settings' | 'secret'>,
): Promise<void> {
  await transaction.updateTable('dns_providers').set(change).where('id', '=', id).execute();
}

export async function deleteDnsProvider(transaction: StoreTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('dns_providers').where('id', '=', id).execute();
}

export async function domainsOfDnsProvider(queries: Queries, id: string): Promise<string[]> {
  const rows = await queries.selectFrom('domains').select('name').where('dns_provider_id', '=', id).execute();
  return rows.map(({ name }) => name);
}
