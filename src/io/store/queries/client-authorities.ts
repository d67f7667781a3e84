import type { ClientAuthoritiesTable } from '../schema-of-client-authorities.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { rowsAmong } from './published-part.ts';
import { SORTED } from './sorted.ts';

/** With the resources that it is asked for at. */
export interface ClientAuthority extends ClientAuthoritiesTable {
  readonly resourceIds: readonly string[];
}

export async function listClientAuthorities(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
): Promise<Page<ClientAuthority>> {
  const authorities = queries.selectFrom('client_authorities').selectAll();
  const page = await readPage(authorities.where('organisation_id', '=', organisationId), request, {
    searched: ['name'],
    sorted: SORTED.named,
  });
  return { ...page, rows: await withResources(queries, page.rows) };
}

export async function allClientAuthorities(
  queries: Queries,
  ids?: readonly string[],
): Promise<readonly ClientAuthority[]> {
  const all = queries.selectFrom('client_authorities').selectAll().orderBy('id');
  return withResources(queries, await rowsAmong(all, 'id', ids));
}

export async function findClientAuthority(
  queries: Queries,
  organisationId: string,
  id: string,
): Promise<ClientAuthority | undefined> {
  const rows = await queries
    .selectFrom('client_authorities')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .execute();
  return (await withResources(queries, rows))[0];
}

/** In place of what it was before, if it was there. The resources must be the organisation's. */
export async function putClientAuthority(
  transaction: StoreTransaction,
  row: ClientAuthoritiesTable,
  resourceIds: readonly string[],
): Promise<void> {
  await deleteClientAuthority(transaction, row.organisation_id, row.id);
  await transaction.insertInto('client_authorities').values(row).execute();
  const links = [...new Set(resourceIds)].map((resource_id) => ({ authority_id: row.id, resource_id }));
  if (links.length > 0) await transaction.insertInto('client_authority_resources').values(links).execute();
}

export async function deleteClientAuthority(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
): Promise<boolean> {
  const deleted = transaction.deleteFrom('client_authorities').where('organisation_id', '=', organisationId);
  return (await deleted.where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

async function withResources(
  queries: Queries,
  rows: readonly ClientAuthoritiesTable[],
): Promise<readonly ClientAuthority[]> {
  if (rows.length === 0) return [];
  const links = await queries
    .selectFrom('client_authority_resources')
    .selectAll()
    .where(
      'authority_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('resource_id')
    .execute();
  const byAuthority = Map.groupBy(links, ({ authority_id }) => authority_id);
  return rows.map((row) => ({
    ...row,
    resourceIds: (byAuthority.get(row.id) ?? []).map(({ resource_id }) => resource_id),
  }));
}
