import type { MembershipsTable, UsersTable } from '../schema-of-organisations.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { groupsOf, rolesOf } from './roles.ts';
import { SORTED } from './sorted.ts';

/** A user as one organisation has them. */
export interface Member extends UsersTable {
  /** Names of the roles that they were given there, sorted. */
  readonly roles: readonly string[];
  /** Names of the groups that they are in, sorted. */
  readonly groups: readonly string[];
}

export function listMembers(queries: Queries, organisationId: string, request: PageRequest): Promise<Page<Member>> {
  return readPage(membersOf(queries, organisationId), request, {
    searched: ['name', 'email'],
    sorted: SORTED.users,
  }).then(async (page) => ({
    ...page,
    rows: await asMembers(queries, organisationId, page.rows),
  }));
}

export async function findMember(
  queries: Queries,
  organisationId: string,
  userId: string,
): Promise<Member | undefined> {
  const row = await membersOf(queries, organisationId).where('id', '=', userId).executeTakeFirst();
  return row && (await asMembers(queries, organisationId, [row]))[0];
}

/** Where a user is a member, the oldest organisation first. */
export function membershipsOf(queries: Queries, userId: string): Promise<MembershipsTable[]> {
  return queries
    .selectFrom('memberships')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('organisation_id')
    .execute();
}

/** Makes the user a member, where they are not. */
export async function putMembership(transaction: StoreTransaction, row: MembershipsTable): Promise<void> {
  await transaction
    .insertInto('memberships')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organisation_id', 'user_id']).doNothing())
    .execute();
}

/** Ends a membership, with the roles, groups and keys that came with it. */
export async function deleteMembership(
  transaction: StoreTransaction,
  organisationId: string,
  userId: string,
): Promise<boolean> {
  const roles = transaction.selectFrom('roles').select('id').where('organisation_id', '=', organisationId);
  const groups = transaction.selectFrom('user_groups').select('id').where('organisation_id', '=', organisationId);
  await transaction.deleteFrom('user_roles').where('user_id', '=', userId).where('role_id', 'in', roles).execute();
  await transaction.deleteFrom('group_members').where('user_id', '=', userId).where('group_id', 'in', groups).execute();
  await transaction
    .deleteFrom('api_keys')
    .where('user_id', '=', userId)
    .where('organisation_id', '=', organisationId)
    .execute();
  const ended = transaction.deleteFrom('memberships').where('user_id', '=', userId);
  const result = await ended.where('organisation_id', '=', organisationId).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Ids of the members that no other organisation has: their accounts are this organisation's to look after. */
export function soleMembers(queries: Queries, organisationId: string) {
  return queries
    .selectFrom('memberships')
    .select('memberships.user_id')
    .where('memberships.organisation_id', '=', organisationId)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('memberships as elsewhere')
            .select('elsewhere.user_id')
            .whereRef('elsewhere.user_id', '=', 'memberships.user_id')
            .where('elsewhere.organisation_id', '!=', organisationId),
        ),
      ),
    );
}

/** The same with one id more. */
export function withOwn(queries: Queries, organisationId: string, userId: string) {
  const own = queries.selectFrom('users').select('users.id as user_id').where('users.id', '=', userId);
  return soleMembers(queries, organisationId).union(own);
}

export async function isSoleMember(queries: Queries, organisationId: string, userId: string): Promise<boolean> {
  const own = soleMembers(queries, organisationId).where('memberships.user_id', '=', userId);
  return (await own.executeTakeFirst()) !== undefined;
}

function membersOf(queries: Queries, organisationId: string) {
  const ids = queries.selectFrom('memberships').select('user_id').where('organisation_id', '=', organisationId);
  return queries.selectFrom('users').selectAll().where('id', 'in', ids);
}

async function asMembers(queries: Queries, organisationId: string, rows: readonly UsersTable[]): Promise<Member[]> {
  const ids = rows.map(({ id }) => id);
  const roles = await rolesOf(queries, organisationId, ids);
  const groups = await groupsOf(queries, organisationId, ids);
  return rows.map((row) => ({ ...row, roles: roles.get(row.id) ?? [], groups: groups.get(row.id) ?? [] }));
}
