import type { RolesTable, UsersTable } from '../schema.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';

export interface UserWithRoles extends UsersTable {
  /** Names, sorted. */
  readonly roles: readonly string[];
}

export async function listUsers(queries: Queries, request: PageRequest): Promise<Page<UserWithRoles>> {
  const page = await readPage(queries.selectFrom('users').selectAll(), request);
  const roles = await rolesOf(
    queries,
    page.rows.map((row) => row.id),
  );
  return { rows: page.rows.map((row) => ({ ...row, roles: roles.get(row.id) ?? [] })), next: page.next };
}

export async function findUser(queries: Queries, id: string): Promise<UserWithRoles | undefined> {
  return withRoles(queries, await queries.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst());
}

/** By address, in any case. */
export async function findUserByEmail(queries: Queries, email: string): Promise<UserWithRoles | undefined> {
  const row = await queries.selectFrom('users').selectAll().where('email', '=', email.toLowerCase()).executeTakeFirst();
  return withRoles(queries, row);
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
  change: Partial<Pick<UsersTable, 'email' | 'name' | 'password_hash' | 'disabled' | 'session_epoch'>>,
): Promise<boolean> {
  if (Object.keys(change).length === 0) return (await findUser(transaction, id)) !== undefined;
  const lowered = change.email === undefined ? change : { ...change, email: change.email.toLowerCase() };
  const result = await transaction.updateTable('users').set(lowered).where('id', '=', id).executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteUser(transaction: StoreTransaction, id: string): Promise<boolean> {
  return (await transaction.deleteFrom('users').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

/** Gives the user exactly these roles; the names that no role has come back. */
export async function setUserRoles(
  transaction: StoreTransaction,
  userId: string,
  names: readonly string[],
): Promise<readonly string[]> {
  await transaction.deleteFrom('user_roles').where('user_id', '=', userId).execute();
  const wanted = [...new Set(names)];
  if (wanted.length === 0) return [];
  const roles = await transaction.selectFrom('roles').selectAll().where('name', 'in', wanted).execute();
  if (roles.length > 0)
    await transaction
      .insertInto('user_roles')
      .values(roles.map((role) => ({ user_id: userId, role_id: role.id })))
      .execute();
  const known = new Set(roles.map((role) => role.name));
  return wanted.filter((name) => !known.has(name));
}

/** How many users that may sign in hold the role. */
export async function countEnabledWithRole(queries: Queries, name: string): Promise<number> {
  const row = await queries
    .selectFrom('user_roles')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .innerJoin('users', 'users.id', 'user_roles.user_id')
    .where('roles.name', '=', name)
    .where('users.disabled', '=', 0)
    .select((select) => select.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** The user with the role that may sign in and was there first. */
export async function firstEnabledWithRole(queries: Queries, name: string): Promise<string | undefined> {
  const row = await queries
    .selectFrom('user_roles')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .innerJoin('users', 'users.id', 'user_roles.user_id')
    .where('roles.name', '=', name)
    .where('users.disabled', '=', 0)
    .select('users.id')
    .orderBy('users.id')
    .executeTakeFirst();
  return row?.id;
}

export function listRoles(queries: Queries, request: PageRequest): Promise<Page<RolesTable>> {
  return readPage(queries.selectFrom('roles').selectAll(), request);
}

export function findRole(queries: Queries, id: string): Promise<RolesTable | undefined> {
  return queries.selectFrom('roles').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertRole(transaction: StoreTransaction, role: RolesTable): Promise<void> {
  await transaction.insertInto('roles').values(role).execute();
}

export async function deleteRole(transaction: StoreTransaction, id: string): Promise<boolean> {
  return (await transaction.deleteFrom('roles').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

/** Role names by user, for these users or for all. */
export async function rolesOf(queries: Queries, userIds?: readonly string[]): Promise<Map<string, string[]>> {
  const byUser = new Map<string, string[]>();
  if (userIds?.length === 0) return byUser;
  let query = queries
    .selectFrom('user_roles')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .select(['user_roles.user_id', 'roles.name'])
    .orderBy('roles.name');
  if (userIds) query = query.where('user_roles.user_id', 'in', userIds);
  for (const row of await query.execute()) {
    const names = byUser.get(row.user_id);
    if (names) names.push(row.name);
    else byUser.set(row.user_id, [row.name]);
  }
  return byUser;
}

async function withRoles(queries: Queries, row: UsersTable | undefined): Promise<UserWithRoles | undefined> {
  return row && { ...row, roles: (await rolesOf(queries, [row.id])).get(row.id) ?? [] };
}
