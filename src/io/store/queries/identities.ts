import type { PortalSessionsTable } from '../schema.ts';
import type { IdentitiesTable, IdentityProvidersTable } from '../schema-of-identities.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { rowsAmong } from './published-part.ts';
import { SORTED } from './sorted.ts';

export function listIdentityProviders(
  queries: Queries,
  organisationId: string,
  request: PageRequest,
): Promise<Page<IdentityProvidersTable>> {
  const all = queries.selectFrom('identity_providers').selectAll().where('organisation_id', '=', organisationId);
  return readPage(all, request, { searched: ['name'], sorted: SORTED.named });
}

/** Of every organisation. */
export function allIdentityProviders(queries: Queries): Promise<IdentityProvidersTable[]> {
  return queries.selectFrom('identity_providers').selectAll().orderBy('id').execute();
}

/** Another organisation's is not found. */
export function findIdentityProvider(
  queries: Queries,
  organisationId: string,
  id: string,
): Promise<IdentityProvidersTable | undefined> {
  return queries
    .selectFrom('identity_providers')
    .selectAll()
    .where('id', '=', id)
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst();
}

/** Whosever it is: for what its own id names. */
export function findAnyIdentityProvider(queries: Queries, id: string): Promise<IdentityProvidersTable | undefined> {
  return queries.selectFrom('identity_providers').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertIdentityProvider(
  transaction: StoreTransaction,
  row: IdentityProvidersTable,
): Promise<void> {
  await transaction.insertInto('identity_providers').values(row).execute();
}

export async function updateIdentityProvider(
  transaction: StoreTransaction,
  id: string,
  change: Partial<Pick<IdentityProvidersTable, 'name' | 'enabled' | 'client_id' | 'client_secret' | 'settings'>>,
): Promise<void> {
  if (Object.keys(change).length > 0)
    await transaction.updateTable('identity_providers').set(change).where('id', '=', id).execute();
}

/** With its identities. Accounts stay. */
export async function deleteIdentityProvider(transaction: StoreTransaction, id: string): Promise<void> {
  await transaction.updateTable('resources').set({ provider_id: null }).where('provider_id', '=', id).execute();
  await transaction.deleteFrom('identity_providers').where('id', '=', id).execute();
}

export function findIdentity(
  queries: Queries,
  providerId: string,
  subject: string,
): Promise<IdentitiesTable | undefined> {
  return queries
    .selectFrom('identities')
    .selectAll()
    .where('provider_id', '=', providerId)
    .where('subject', '=', subject)
    .executeTakeFirst();
}

export function identitiesOf(queries: Queries, userId: string): Promise<IdentitiesTable[]> {
  return queries.selectFrom('identities').selectAll().where('user_id', '=', userId).orderBy('provider_id').execute();
}

export async function insertIdentity(transaction: StoreTransaction, row: IdentitiesTable): Promise<void> {
  await transaction.insertInto('identities').values(row).execute();
}

export async function updateIdentity(
  transaction: StoreTransaction,
  { provider_id, subject, ...row }: IdentitiesTable,
): Promise<void> {
  await transaction
    .updateTable('identities')
    .set(row)
    .where('provider_id', '=', provider_id)
    .where('subject', '=', subject)
    .execute();
}

/** Whether there was such an identity of the user. */
export async function deleteIdentity(
  transaction: StoreTransaction,
  userId: string,
  providerId: string,
): Promise<boolean> {
  const deleted = transaction
    .deleteFrom('identities')
    .where('user_id', '=', userId)
    .where('provider_id', '=', providerId);
  return (await deleted.executeTakeFirst()).numDeletedRows > 0n;
}

/** Which identities users have; what snapshots tell. */
export function allIdentities(
  queries: Queries,
  userIds?: readonly string[],
): Promise<Pick<IdentitiesTable, 'provider_id' | 'subject' | 'user_id'>[]> {
  const all = queries
    .selectFrom('identities')
    .select(['provider_id', 'subject', 'user_id'])
    .orderBy('user_id')
    .orderBy('provider_id')
    .orderBy('subject');
  return rowsAmong(all, 'user_id', userIds);
}

/** Of a provider; what a change of its issuer makes worthless. */
export function identitiesOfProvider(queries: Queries, providerId: string): Promise<IdentitiesTable[]> {
  return queries.selectFrom('identities').selectAll().where('provider_id', '=', providerId).execute();
}

export async function deleteIdentitiesOfProvider(transaction: StoreTransaction, providerId: string): Promise<void> {
  await transaction.deleteFrom('identities').where('provider_id', '=', providerId).execute();
}

/** Ends the sessions that came through a provider's session, or all of a user's through the provider; gives those that lived. */
export function revokeProviderSessions(
  transaction: StoreTransaction,
  providerId: string,
  of: { readonly sid?: string | undefined; readonly userId?: string | undefined },
  unixMs: number,
): Promise<PortalSessionsTable[]> {
  let query = transaction
    .updateTable('portal_sessions')
    .set({ revoked_unix_ms: unixMs })
    .where('provider_id', '=', providerId)
    .where('revoked_unix_ms', 'is', null)
    // What was begun after a sign-out is not ended by it, however late it is told.
    .where('created_unix_ms', '<=', unixMs);
  if (of.sid !== undefined) query = query.where('provider_sid', '=', of.sid);
  if (of.userId !== undefined) query = query.where('user_id', '=', of.userId);
  return query.returningAll().execute();
}
