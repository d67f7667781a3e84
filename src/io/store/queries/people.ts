import type { UsersTable } from '../schema-of-organisations.ts';
import type { Queries, StoreTransaction } from '../store.ts';

/** An account. What it may do is said by its memberships; see `findMember`. */
export function findUser(queries: Queries, id: string): Promise<UsersTable | undefined> {
  return queries.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
}

/** By address, in any case. */
export function findUserByEmail(queries: Queries, email: string): Promise<UsersTable | undefined> {
  return queries.selectFrom('users').selectAll().where('email', '=', email.toLowerCase()).executeTakeFirst();
}

export async function insertUser(transaction: StoreTransaction, user: UsersTable): Promise<void> {
  await transaction
    .insertInto('users')
    .values({ ...user, email: user.email.toLowerCase() })
    .execute();
}

/** Whether there was such a user. */
export async function updateUser(
  transaction: StoreTransaction,
  id: string,
  change: Partial<Omit<UsersTable, 'id' | 'created_unix_ms'>>,
): Promise<boolean> {
  if (Object.keys(change).length === 0) return (await findUser(transaction, id)) !== undefined;
  const lowered = change.email === undefined ? change : { ...change, email: change.email.toLowerCase() };
  const result = await transaction.updateTable('users').set(lowered).where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteUser(transaction: StoreTransaction, id: string): Promise<boolean> {
  return (await transaction.deleteFrom('users').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

export function listInstallationAdmins(queries: Queries): Promise<UsersTable[]> {
  return queries.selectFrom('users').selectAll().where('installation_admin', '=', 1).orderBy('id').execute();
}

/** Administrators of the installation that may sign in, the first first. */
export async function enabledInstallationAdmins(queries: Queries): Promise<string[]> {
  const found = queries.selectFrom('users').select('id').where('installation_admin', '=', 1).where('disabled', '=', 0);
  return (await found.orderBy('id').execute()).map(({ id }) => id);
}
