import type { CredentialsTable, CredentialUsesTable } from '../schema-of-credentials.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { rowsAmong } from './published-part.ts';
import { SORTED } from './sorted.ts';

/** A credential with what it opens and what is known of its use. */
export interface CredentialRow extends CredentialsTable {
  readonly resourceIds: readonly string[];
  readonly uses: CredentialUsesTable | undefined;
}

export interface CredentialFilter {
  readonly organisationId: string;
  readonly resourceId?: string | undefined;
  readonly method?: CredentialsTable['method'] | undefined;
}

export async function listCredentials(
  queries: Queries,
  filter: CredentialFilter,
  request: PageRequest,
): Promise<Page<CredentialRow>> {
  const { organisationId, resourceId, method } = filter;
  let query = queries.selectFrom('credentials').selectAll().where('organisation_id', '=', organisationId);
  if (method !== undefined) query = query.where('method', '=', method);
  if (resourceId !== undefined)
    query = query.where('id', 'in', (sub) =>
      sub.selectFrom('credential_resources').select('credential_id').where('resource_id', '=', resourceId),
    );
  const page = await readPage(query, request, { searched: ['name', 'username'], sorted: SORTED.credentials });
  return { ...page, rows: await completed(queries, page.rows) };
}

export async function findCredential(
  queries: Queries,
  organisationId: string,
  id: string,
): Promise<CredentialRow | undefined> {
  const rows = await queries
    .selectFrom('credentials')
    .selectAll()
    .where('id', '=', id)
    .where('organisation_id', '=', organisationId)
    .execute();
  return (await completed(queries, rows))[0];
}

async function completed(queries: Queries, rows: readonly CredentialsTable[]): Promise<CredentialRow[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const opened = await queries
    .selectFrom('credential_resources')
    .selectAll()
    .where('credential_id', 'in', ids)
    .orderBy('resource_id')
    .execute();
  const used = await queries.selectFrom('credential_uses').selectAll().where('credential_id', 'in', ids).execute();
  const resources = Map.groupBy(opened, (row) => row.credential_id);
  const uses = new Map(used.map((row) => [row.credential_id, row]));
  return rows.map((row) => ({
    ...row,
    resourceIds: (resources.get(row.id) ?? []).map(({ resource_id }) => resource_id),
    uses: uses.get(row.id),
  }));
}

/** Every credential with what it opens, for publication. */
export async function allCredentials(
  queries: Queries,
  ids?: readonly string[],
): Promise<readonly (CredentialsTable & { readonly resourceIds: readonly string[] })[]> {
  const rows = await rowsAmong(queries.selectFrom('credentials').selectAll().orderBy('id'), 'id', ids);
  if (rows.length === 0) return [];
  const all = queries.selectFrom('credential_resources').selectAll().orderBy('resource_id');
  const opened = await rowsAmong(all, 'credential_id', ids);
  const resources = Map.groupBy(opened, (row) => row.credential_id);
  return rows.map((row) => ({
    ...row,
    resourceIds: (resources.get(row.id) ?? []).map(({ resource_id }) => resource_id),
  }));
}

export async function insertCredential(transaction: StoreTransaction, credential: CredentialsTable): Promise<void> {
  await transaction.insertInto('credentials').values(credential).execute();
}

export async function updateCredential(
  transaction: StoreTransaction,
  id: string,
  change: Partial<Omit<CredentialsTable, 'id' | 'organisation_id' | 'method'>>,
): Promise<void> {
  if (Object.keys(change).length === 0) return;
  await transaction.updateTable('credentials').set(change).where('id', '=', id).execute();
}

/** Says anew what a credential opens. */
export async function setCredentialResources(
  transaction: StoreTransaction,
  id: string,
  resourceIds: readonly string[],
): Promise<void> {
  await transaction.deleteFrom('credential_resources').where('credential_id', '=', id).execute();
  if (resourceIds.length === 0) return;
  const rows = resourceIds.map((resource_id) => ({ credential_id: id, resource_id }));
  await transaction.insertInto('credential_resources').values(rows).execute();
}

export async function deleteCredential(transaction: StoreTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('credentials').where('id', '=', id).execute();
}

/** The credentials of a method that open any of these resources. */
export async function credentialsOpening(
  queries: Queries,
  method: CredentialsTable['method'],
  resourceIds: readonly string[],
): Promise<{ id: string; username: string | null; resource_id: string }[]> {
  if (resourceIds.length === 0) return [];
  return queries
    .selectFrom('credentials')
    .innerJoin('credential_resources', 'credential_resources.credential_id', 'credentials.id')
    .select(['credentials.id', 'credentials.username', 'credential_resources.resource_id'])
    .where('credentials.method', '=', method)
    .where('credential_resources.resource_id', 'in', resourceIds)
    .execute();
}

/** A credential whatever its organisation, for a PoP that has it in its snapshot. */
export function publishedCredential(queries: Queries, id: string): Promise<CredentialsTable | undefined> {
  return queries.selectFrom('credentials').selectAll().where('id', '=', id).executeTakeFirst();
}

export function credentialUses(queries: Queries, id: string): Promise<CredentialUsesTable | undefined> {
  return queries.selectFrom('credential_uses').selectAll().where('credential_id', '=', id).executeTakeFirst();
}

export async function putCredentialUses(transaction: StoreTransaction, uses: CredentialUsesTable): Promise<void> {
  const { credential_id: _id, ...rest } = uses;
  await transaction
    .insertInto('credential_uses')
    .values(uses)
    .onConflict((conflict) => conflict.column('credential_id').doUpdateSet(rest))
    .execute();
}
