/** Roles and groups of an organisation. Whoever is in a group has its roles. */
import type { BuiltInRole, GroupsTable, RolesTable } from '../schema-of-organisations.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { SORTED } from './sorted.ts';

export function listRoles(queries: Queries, organisationId: string, request: PageRequest): Promise<Page<RolesTable>> {
  return readPage(queries.selectFrom('roles').selectAll().where('organisation_id', '=', organisationId), request, {
    searched: ['name'],
    sorted: SORTED.named,
  });
}

export function findRole(queries: Queries, organisationId: string, id: string): Promise<RolesTable | undefined> {
  const own = queries.selectFrom('roles').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

/** Those of the organisation's roles that are called so. */
export async function rolesNamed(
  queries: Queries,
  organisationId: string,
  names: readonly string[],
): Promise<RolesTable[]> {
  if (names.length === 0) return [];
  const own = queries.selectFrom('roles').selectAll().where('organisation_id', '=', organisationId);
  return own.where('name', 'in', names).execute();
}

/** The built-in role of an organisation, under whatever name. */
export function rolesWithBuiltIn(
  queries: Queries,
  organisationId: string,
  builtIn: BuiltInRole,
): Promise<RolesTable[]> {
  const own = queries.selectFrom('roles').selectAll().where('organisation_id', '=', organisationId);
  return own.where('built_in', '=', builtIn).execute();
}

export async function insertRole(transaction: StoreTransaction, role: RolesTable): Promise<void> {
  await transaction.insertInto('roles').values(role).execute();
}

export async function updateRole(
  transaction: StoreTransaction,
  organisationId: string,
  id: string,
  change: Partial<Pick<RolesTable, 'name' | 'permissions'>>,
): Promise<void> {
  if (Object.keys(change).length === 0) return;
  const changed = transaction.updateTable('roles').set(change).where('organisation_id', '=', organisationId);
  await changed.where('id', '=', id).execute();
}

export async function deleteRole(transaction: StoreTransaction, organisationId: string, id: string): Promise<boolean> {
  const deleted = transaction.deleteFrom('roles').where('organisation_id', '=', organisationId);
  return (await deleted.where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

/** Gives the user exactly these roles of the organisation; the names that no role has come back. */
export async function setUserRoles(
  transaction: StoreTransaction,
  organisationId: string,
  userId: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const all = transaction.selectFrom('roles').select('id').where('organisation_id', '=', organisationId);
  await transaction.deleteFrom('user_roles').where('user_id', '=', userId).where('role_id', 'in', all).execute();
  const wanted = [...new Set(names)];
  const roles = await rolesNamed(transaction, organisationId, wanted);
  for (const role of roles) await addUserRole(transaction, userId, role.id);
  const known = new Set(roles.map((role) => role.name));
  return wanted.filter((name) => !known.has(name));
}

/** Gives the user one role more. */
export async function addUserRole(transaction: StoreTransaction, userId: string, roleId: string): Promise<void> {
  await transaction
    .insertInto('user_roles')
    .values({ user_id: userId, role_id: roleId })
    .onConflict((conflict) => conflict.columns(['user_id', 'role_id']).doNothing())
    .execute();
}

/** Names of the roles that users were given themselves, by user. */
export async function rolesOf(
  queries: Queries,
  organisationId: string,
  userIds: readonly string[],
): Promise<Map<string, string[]>> {
  if (userIds.length === 0) return new Map();
  const rows = await queries
    .selectFrom('user_roles')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .select(['user_roles.user_id', 'roles.name'])
    .where('roles.organisation_id', '=', organisationId)
    .where('user_roles.user_id', 'in', userIds)
    .orderBy('roles.name')
    .execute();
  return namesByUser(rows);
}

/** Names of the groups that users are in, by user. */
export async function groupsOf(
  queries: Queries,
  organisationId: string,
  userIds: readonly string[],
): Promise<Map<string, string[]>> {
  if (userIds.length === 0) return new Map();
  const rows = await queries
    .selectFrom('group_members')
    .innerJoin('user_groups', 'user_groups.id', 'group_members.group_id')
    .select(['group_members.user_id', 'user_groups.name'])
    .where('user_groups.organisation_id', '=', organisationId)
    .where('group_members.user_id', 'in', userIds)
    .orderBy('user_groups.name')
    .execute();
  return namesByUser(rows);
}

/** Every role that a user has in an organisation: given to them, or through a group. */
export function effectiveRoles(queries: Queries, organisationId: string, userId: string): Promise<RolesTable[]> {
  const own = queries.selectFrom('user_roles').select('role_id').where('user_id', '=', userId);
  const through = queries
    .selectFrom('group_members')
    .innerJoin('group_roles', 'group_roles.group_id', 'group_members.group_id')
    .select('group_roles.role_id')
    .where('group_members.user_id', '=', userId);
  return queries
    .selectFrom('roles')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where((where) => where.or([where('id', 'in', own), where('id', 'in', through)]))
    .orderBy('name')
    .execute();
}

/** How many members that may sign in hold a built-in role, given to themselves. */
export async function countEnabledWithBuiltIn(
  queries: Queries,
  organisationId: string,
  builtIn: BuiltInRole,
): Promise<number> {
  const row = await queries
    .selectFrom('user_roles')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .innerJoin('users', 'users.id', 'user_roles.user_id')
    .where('roles.organisation_id', '=', organisationId)
    .where('roles.built_in', '=', builtIn)
    .where('users.disabled', '=', 0)
    .select((select) => select.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export function listGroups(queries: Queries, organisationId: string, request: PageRequest): Promise<Page<GroupsTable>> {
  return readPage(
    queries.selectFrom('user_groups').selectAll().where('organisation_id', '=', organisationId),
    request,
    { searched: ['name'], sorted: SORTED.named },
  );
}

export function findGroup(queries: Queries, organisationId: string, id: string): Promise<GroupsTable | undefined> {
  const own = queries.selectFrom('user_groups').selectAll().where('organisation_id', '=', organisationId);
  return own.where('id', '=', id).executeTakeFirst();
}

/** Those of the organisation's groups that are called so. */
export async function groupsNamed(
  queries: Queries,
  organisationId: string,
  names: readonly string[],
): Promise<GroupsTable[]> {
  if (names.length === 0) return [];
  const own = queries.selectFrom('user_groups').selectAll().where('organisation_id', '=', organisationId);
  return own.where('name', 'in', names).execute();
}

export async function insertGroup(transaction: StoreTransaction, group: GroupsTable): Promise<void> {
  await transaction.insertInto('user_groups').values(group).execute();
}

export async function renameGroup(transaction: StoreTransaction, id: string, name: string): Promise<void> {
  await transaction.updateTable('user_groups').set({ name }).where('id', '=', id).execute();
}

export async function deleteGroup(transaction: StoreTransaction, organisationId: string, id: string): Promise<boolean> {
  const deleted = transaction.deleteFrom('user_groups').where('organisation_id', '=', organisationId);
  return (await deleted.where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

/** Roles that the members of a group have through it. */
export function rolesOfGroup(queries: Queries, groupId: string): Promise<RolesTable[]> {
  const ids = queries.selectFrom('group_roles').select('role_id').where('group_id', '=', groupId);
  return queries.selectFrom('roles').selectAll().where('id', 'in', ids).orderBy('name').execute();
}

export async function setGroupRoles(
  transaction: StoreTransaction,
  groupId: string,
  roleIds: readonly string[],
): Promise<void> {
  await transaction.deleteFrom('group_roles').where('group_id', '=', groupId).execute();
  const rows = [...new Set(roleIds)].map((roleId) => ({ group_id: groupId, role_id: roleId }));
  if (rows.length > 0) await transaction.insertInto('group_roles').values(rows).execute();
}

export async function groupMembers(queries: Queries, groupId: string): Promise<string[]> {
  const found = queries.selectFrom('group_members').select('user_id').where('group_id', '=', groupId);
  return (await found.orderBy('user_id').execute()).map((row) => row.user_id);
}

export async function addGroupMember(transaction: StoreTransaction, groupId: string, userId: string): Promise<void> {
  await transaction
    .insertInto('group_members')
    .values({ group_id: groupId, user_id: userId })
    .onConflict((conflict) => conflict.columns(['group_id', 'user_id']).doNothing())
    .execute();
}

export async function removeGroupMember(
  transaction: StoreTransaction,
  groupId: string,
  userId: string,
): Promise<boolean> {
  const removed = transaction.deleteFrom('group_members').where('group_id', '=', groupId);
  return (await removed.where('user_id', '=', userId).executeTakeFirst()).numDeletedRows > 0n;
}

function namesByUser(rows: readonly { readonly user_id: string; readonly name: string }[]): Map<string, string[]> {
  const byUser = new Map<string, string[]>();
  for (const { user_id, name } of rows) {
    const names = byUser.get(user_id);
    if (names) names.push(name);
    else byUser.set(user_id, [name]);
  }
  return byUser;
}
