import type { DomainChecksTable, DomainsTable, TicketSecretsTable } from '../schema-of-domains.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { SORTED } from './sorted.ts';

export function listDomains(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
): Promise<Page<DomainsTable>> {
  return readPage(queries.selectFrom('domains').selectAll().where('organisation_id', '=', organisationId), request, {
    searched: ['name'],
    sorted: SORTED.named,
  });
}

/** Of every organisation. */
export function allDomains(queries: Queries): Promise<DomainsTable[]> {
  return queries.selectFrom('domains').selectAll().orderBy('id').execute();
}

/** Another organisation's is not found. */
export function findDomain(queries: Queries, organisationId: string, id: string): Promise<DomainsTable | undefined> {
  const own = queries.selectFrom('domains').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

/** Whosever it is, for those who look after all of them. */
export function findAnyDomain(queries: Queries, id: string): Promise<DomainsTable | undefined> {
  return queries.selectFrom('domains').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertDomain(transaction: StoreTransaction, row: DomainsTable): Promise<void> {
  await transaction.insertInto('domains').values(row).execute();
}

export async function updateDomain(
  transaction: StoreTransaction,
  id: string,
  change: Partial<Omit<DomainsTable, 'id' | 'organisation_id' | 'name' | 'proof_token' | 'created_unix_ms'>>,
): Promise<void> {
  if (Object.keys(change).length > 0)
    await transaction.updateTable('domains').set(change).where('id', '=', id).execute();
}

export async function deleteDomain(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
): Promise<boolean> {
  const deleted = transaction.deleteFrom('domains').where('organisation_id', '=', organisationId);
  return (await deleted.where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

/** In place of what that place found before. */
export async function putDomainCheck(queries: Queries, row: DomainChecksTable): Promise<void> {
  const { checked_unix_ms, answers } = row;
  await queries
    .insertInto('domain_checks')
    .values(row)
    .onConflict((conflict) => conflict.columns(['domain_id', 'observer']).doUpdateSet({ checked_unix_ms, answers }))
    .execute();
}

export function domainChecksOf(queries: Queries, domainIds: readonly string[]): Promise<DomainChecksTable[]> {
  const all = queries.selectFrom('domain_checks').selectAll();
  return domainIds.length === 0
    ? Promise.resolve([])
    : all.where('domain_id', 'in', domainIds).orderBy('domain_id').orderBy('observer').execute();
}

export function allTicketSecrets(queries: Queries): Promise<TicketSecretsTable[]> {
  return queries.selectFrom('ticket_secrets').selectAll().orderBy('id').execute();
}

/** In place of all there were. */
export async function replaceTicketSecrets(
  transaction: StoreTransaction,
  rows: readonly TicketSecretsTable[],
): Promise<void> {
  await transaction.deleteFrom('ticket_secrets').execute();
  if (rows.length > 0)
    await transaction
      .insertInto('ticket_secrets')
      .values([...rows])
      .execute();
}
