import type { ApiKeysTable, InvitationsTable, OrganisationsTable } from '../schema-of-organisations.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { SORTED } from './sorted.ts';

/** The one that was there from the start: its row says what holds for the installation. */
export function firstOrganisation(queries: Queries): Promise<OrganisationsTable | undefined> {
  return queries.selectFrom('organisations').selectAll().orderBy('id').limit(1).executeTakeFirst();
}

export function findOrganisation(queries: Queries, id: string): Promise<OrganisationsTable | undefined> {
  return queries.selectFrom('organisations').selectAll().where('id', '=', id).executeTakeFirst();
}

export function allOrganisations(queries: Queries): Promise<OrganisationsTable[]> {
  return queries.selectFrom('organisations').selectAll().orderBy('id').execute();
}

export function listOrganisations(queries: Queries, request: PageRequest): Promise<Page<OrganisationsTable>> {
  return readPage(queries.selectFrom('organisations').selectAll(), request, {
    searched: ['name'],
    sorted: SORTED.named,
  });
}

export async function insertOrganisation(transaction: StoreTransaction, row: OrganisationsTable): Promise<void> {
  await transaction.insertInto('organisations').values(row).execute();
}

export async function updateOrganisation(
  transaction: StoreTransaction,
  id: string,
  changes: Partial<Omit<OrganisationsTable, 'id' | 'created_unix_ms'>>,
): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  await transaction.updateTable('organisations').set(changes).where('id', '=', id).execute();
}

/** With its roles, groups, memberships, invitations and keys. What it publishes must be gone before. */
export async function deleteOrganisation(transaction: StoreTransaction, id: string): Promise<boolean> {
  await transaction.deleteFrom('roles').where('organisation_id', '=', id).execute();
  const deleted = transaction.deleteFrom('organisations').where('id', '=', id);
  return (await deleted.executeTakeFirst()).numDeletedRows > 0n;
}

/** Whether it has sites or resources. */
export async function organisationIsUsed(queries: Queries, id: string): Promise<boolean> {
  for (const parts of ['sites', 'resources'] as const) {
    const part = queries.selectFrom(parts).select('id').where('organisation_id', '=', id).limit(1);
    if (await part.executeTakeFirst()) return true;
  }
  return false;
}

export function listInvitations(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
): Promise<Page<InvitationsTable>> {
  const own = queries.selectFrom('invitations').selectAll().where('organisation_id', '=', organisationId);
  return readPage(own, request, { searched: ['email'], sorted: SORTED.invitations });
}

export function findInvitationByHash(queries: Queries, hash: string): Promise<InvitationsTable | undefined> {
  return queries.selectFrom('invitations').selectAll().where('token_hash', '=', hash).executeTakeFirst();
}

export async function insertInvitation(transaction: StoreTransaction, row: InvitationsTable): Promise<void> {
  await transaction.insertInto('invitations').values(row).execute();
}

/** Marks it as used; false where somebody was faster. */
export async function spendInvitation(
  transaction: StoreTransaction,
  id: string,
  userId: string,
  unixMs: number,
): Promise<boolean> {
  const spent = transaction
    .updateTable('invitations')
    .set({ accepted_unix_ms: unixMs, accepted_by: userId })
    .where('id', '=', id)
    .where('accepted_unix_ms', 'is', null);
  return (await spent.executeTakeFirst()).numUpdatedRows > 0n;
}

export async function deleteInvitation(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
): Promise<boolean> {
  const deleted = transaction.deleteFrom('invitations').where('organisation_id', '=', organisationId);
  return (await deleted.where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

export function listApiKeys(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
): Promise<Page<ApiKeysTable>> {
  const own = queries.selectFrom('api_keys').selectAll().where('organisation_id', '=', organisationId);
  return readPage(own, request, { searched: ['name'], sorted: SORTED.named });
}

export function findApiKey(queries: Queries, organisationId: string, id: string): Promise<ApiKeysTable | undefined> {
  const own = queries.selectFrom('api_keys').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

export function findApiKeyByHash(queries: Queries, hash: string): Promise<ApiKeysTable | undefined> {
  return queries.selectFrom('api_keys').selectAll().where('key_hash', '=', hash).executeTakeFirst();
}

export async function insertApiKey(transaction: StoreTransaction, row: ApiKeysTable): Promise<void> {
  await transaction.insertInto('api_keys').values(row).execute();
}

export async function touchApiKey(queries: Queries, id: string, unixMs: number): Promise<void> {
  await queries.updateTable('api_keys').set({ last_used_unix_ms: unixMs }).where('id', '=', id).execute();
}

export async function deleteApiKey(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
): Promise<boolean> {
  const deleted = transaction.deleteFrom('api_keys').where('organisation_id', '=', organisationId);
  return (await deleted.where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}
