import type { Queries } from '../store.ts';
import { rowsAmong } from './published-part.ts';

/** Who a user is in one organisation, groups resolved. */
export interface PublishedMembership {
  readonly userId: string;
  readonly organisationId: string;
  /** Names, sorted: those that the user was given, and those of their groups. */
  readonly roles: readonly string[];
  /** Names, sorted. */
  readonly groups: readonly string[];
}

/** Every membership, or those of these users, by user and organisation. */
export async function publishedMemberships(
  queries: Queries,
  userIds?: readonly string[],
): Promise<PublishedMembership[]> {
  if (userIds?.length === 0) return [];
  const all = queries.selectFrom('memberships').select(['user_id', 'organisation_id']);
  const rows = await rowsAmong(all, 'user_id', userIds);
  const found = new Map<string, { userId: string; organisationId: string; roles: string[]; groups: string[] }>();
  for (const { user_id: userId, organisation_id: organisationId } of rows)
    found.set(`${userId} ${organisationId}`, { userId, organisationId, roles: [], groups: [] });
  for (const row of await roleNames(queries, userIds)) {
    const roles = found.get(`${row.user_id} ${row.organisation_id}`)?.roles;
    // A role may come twice: by itself and through groups.
    if (roles && roles.at(-1) !== row.name) roles.push(row.name);
  }
  for (const row of await groupNames(queries, userIds))
    found.get(`${row.user_id} ${row.organisation_id}`)?.groups.push(row.name);
  return [...found.values()].sort((a, b) => order(a.userId, b.userId) || order(a.organisationId, b.organisationId));
}

function roleNames(queries: Queries, userIds: readonly string[] | undefined) {
  const given = queries
    .selectFrom('user_roles')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .select(['user_roles.user_id', 'roles.organisation_id', 'roles.name'])
    .$if(userIds !== undefined, (all) => all.where('user_roles.user_id', 'in', userIds ?? []));
  const through = queries
    .selectFrom('group_members')
    .innerJoin('group_roles', 'group_roles.group_id', 'group_members.group_id')
    .innerJoin('roles', 'roles.id', 'group_roles.role_id')
    .select(['group_members.user_id', 'roles.organisation_id', 'roles.name'])
    .$if(userIds !== undefined, (all) => all.where('group_members.user_id', 'in', userIds ?? []));
  return given.unionAll(through).orderBy('name').execute();
}

function groupNames(queries: Queries, userIds: readonly string[] | undefined) {
  const all = queries
    .selectFrom('group_members')
    .innerJoin('user_groups', 'user_groups.id', 'group_members.group_id')
    .select(['group_members.user_id', 'user_groups.organisation_id', 'user_groups.name'])
    .orderBy('user_groups.name');
  return rowsAmong(all, 'group_members.user_id', userIds);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
