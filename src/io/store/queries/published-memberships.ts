import type { Queries } from '../store.ts';

/** Who a user is in one organisation, groups resolved. */
export interface PublishedMembership {
  readonly userId: string;
  readonly organisationId: string;
  /** Names, sorted: those that the user was given, and those of their groups. */
  readonly roles: readonly string[];
  /** Names, sorted. */
  readonly groups: readonly string[];
}

/** Every membership, by user and organisation. */
export async function publishedMemberships(queries: Queries): Promise<PublishedMembership[]> {
  const rows = await queries.selectFrom('memberships').select(['user_id', 'organisation_id']).execute();
  const found = new Map<string, { userId: string; organisationId: string; roles: string[]; groups: string[] }>();
  for (const { user_id: userId, organisation_id: organisationId } of rows)
    found.set(`${userId} ${organisationId}`, { userId, organisationId, roles: [], groups: [] });
  for (const row of await roleNames(queries)) {
    const roles = found.get(`${row.user_id} ${row.organisation_id}`)?.roles;
    // A role may come twice: by itself and through groups.
    if (roles && roles.at(-1) !== row.name) roles.push(row.name);
  }
  for (const row of await groupNames(queries))
    found.get(`${row.user_id} ${row.organisation_id}`)?.groups.push(row.name);
  return [...found.values()].sort((a, b) => order(a.userId, b.userId) || order(a.organisationId, b.organisationId));
}

function roleNames(queries: Queries) {
  const given = queries
    .selectFrom('user_roles')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .select(['user_roles.user_id', 'roles.organisation_id', 'roles.name']);
  const through = queries
    .selectFrom('group_members')
    .innerJoin('group_roles', 'group_roles.group_id', 'group_members.group_id')
    .innerJoin('roles', 'roles.id', 'group_roles.role_id')
    .select(['group_members.user_id', 'roles.organisation_id', 'roles.name']);
  return given.unionAll(through).orderBy('name').execute();
}

function groupNames(queries: Queries) {
  return queries
    .selectFrom('group_members')
    .innerJoin('user_groups', 'user_groups.id', 'group_members.group_id')
    .select(['group_members.user_id', 'user_groups.organisation_id', 'user_groups.name'])
    .orderBy('user_groups.name')
    .execute();
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
