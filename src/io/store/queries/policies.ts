import type { NamedListsTable, OrganisationPoliciesTable } from '../schema-of-policies.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { rowsAmong } from './published-part.ts';

/** JSON of what an organisation says of all its resources; undefined where it says nothing. */
export async function findOrganisationPolicy(queries: Queries, organisationId: string): Promise<string | undefined> {
  const row = await queries
    .selectFrom('organisation_policies')
    .select('policy')
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst();
  return row?.policy;
}

export async function putOrganisationPolicy(
  transaction: StoreTransaction,
  row: OrganisationPoliciesTable,
): Promise<void> {
  await transaction
    .insertInto('organisation_policies')
    .values(row)
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet({ policy: row.policy }))
    .execute();
}

/** By name. */
export function listNamedLists(queries: Queries, organisationId: string): Promise<NamedListsTable[]> {
  return queries
    .selectFrom('named_lists')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('name')
    .execute();
}

export function findNamedList(
  queries: Queries,
  organisationId: string,
  name: string,
): Promise<NamedListsTable | undefined> {
  const lists = queries.selectFrom('named_lists').selectAll();
  return lists.where('organisation_id', '=', organisationId).where('name', '=', name).executeTakeFirst();
}

/** False where the organisation has as many as it may. */
export async function putNamedList(
  transaction: StoreTransaction,
  row: NamedListsTable,
  maximum: number,
): Promise<boolean> {
  const { list, updated_unix_ms } = row;
  await transaction
    .insertInto('named_lists')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organisation_id', 'name']).doUpdateSet({ list, updated_unix_ms }))
    .execute();
  return (await listNamedLists(transaction, row.organisation_id)).length <= maximum;
}

export async function deleteNamedList(
  transaction: StoreTransaction,
  organisationId: string,
  name: string,
): Promise<boolean> {
  const deleted = transaction.deleteFrom('named_lists').where('organisation_id', '=', organisationId);
  const { numDeletedRows } = await deleted.where('name', '=', name).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Of all organisations. */
export function allOrganisationPolicies(
  queries: Queries,
  organisationIds?: readonly string[],
): Promise<OrganisationPoliciesTable[]> {
  const all = queries.selectFrom('organisation_policies').selectAll().orderBy('organisation_id');
  return rowsAmong(all, 'organisation_id', organisationIds);
}

export function allNamedLists(queries: Queries, organisationIds?: readonly string[]): Promise<NamedListsTable[]> {
  const all = queries.selectFrom('named_lists').selectAll().orderBy('organisation_id').orderBy('name');
  return rowsAmong(all, 'organisation_id', organisationIds);
}

/** JSON of the policy of a resource, whosever it is. */
export async function findResourcePolicy(queries: Queries, resourceId: string): Promise<string | undefined> {
  const row = await queries.selectFrom('resources').select('policy').where('id', '=', resourceId).executeTakeFirst();
  return row?.policy;
}
