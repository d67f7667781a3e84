/** Who may give what: nobody gives or takes rights that they lack, and nobody lets an organisation go without an owner. */
import {
  countEnabledWithBuiltIn,
  effectiveRoles,
  enabledInstallationAdmins,
  findMember,
  isSoleMember,
  type Member,
  type Queries,
  type RolesTable,
  rolesNamed,
  type StoreTransaction,
  setUserRoles,
} from '../io/store/index.ts';
import { type Permission, permissionsOfRole, permissionsOfRoles } from './permissions.ts';
import type { Principal } from './principal.ts';
import { ControlFailure, notFound } from './problems.ts';

/** Refuses permissions that the caller lacks. Failure `rights-missing`. */
export function requireOwn({ permissions }: Pick<Principal, 'permissions'>, given: Iterable<Permission>): void {
  for (const permission of given)
    if (!permissions.has(permission))
      throw new ControlFailure('rights-missing', `you may not give or take the permission ${permission}: you lack it`);
}

/** The same for roles. */
export function requireOwnRoles(
  principal: Pick<Principal, 'permissions'>,
  roles: readonly Pick<RolesTable, 'built_in' | 'permissions'>[],
): void {
  requireOwn(principal, roles.flatMap(permissionsOfRole));
}

/** The roles of an organisation that names stand for. Failure `role-unknown`. */
export async function requireRoles(
  queries: Queries,
  organisationId: string,
  names: readonly string[],
): Promise<RolesTable[]> {
  const wanted = [...new Set(names)];
  const roles = await rolesNamed(queries, organisationId, wanted);
  const unknown = wanted.filter((name) => !roles.some((role) => role.name === name));
  if (unknown.length === 0) return roles;
  const problems = [{ path: 'roles', expected: 'names of roles that exist', found: JSON.stringify(unknown) }];
  throw new ControlFailure('role-unknown', `roles: there is no role ${unknown.join(', ')}`, { problems });
}

/** Gives a member exactly these roles; whatever comes or goes must be the caller's own. */
export async function giveRoles(
  transaction: StoreTransaction,
  principal: Pick<Principal, 'permissions'>,
  organisationId: string,
  userId: string,
  names: readonly string[],
): Promise<void> {
  const wanted = await requireRoles(transaction, organisationId, names);
  const before = (await findMember(transaction, organisationId, userId))?.roles ?? [];
  const held = await rolesNamed(transaction, organisationId, before);
  const kept = new Set(names);
  const had = new Set(before);
  requireOwnRoles(principal, [
    ...wanted.filter(({ name }) => !had.has(name)),
    ...held.filter(({ name }) => !kept.has(name)),
  ]);
  await setUserRoles(transaction, organisationId, userId, names);
}

/** A member of an organisation. Failure `not-found`. */
export async function requireMember(queries: Queries, organisationId: string, userId: string): Promise<Member> {
  const member = await findMember(queries, organisationId, userId);
  if (!member) throw notFound('user', userId);
  return member;
}

/**
 * Refuses to touch what a member's roles allow beyond what the caller may: whoever changes somebody's password, or ends
 * their membership, has power over all of their rights.
 */
export async function requirePowerOver(
  queries: Queries,
  principal: Pick<Principal, 'permissions'>,
  organisationId: string,
  userId: string,
): Promise<void> {
  requireOwn(principal, permissionsOfRoles(await effectiveRoles(queries, organisationId, userId)));
}

/**
 * Refuses to change an account that is not the organisation's alone: it is its holder's, or the installation's, where it
 * is a member elsewhere or an administrator of the installation. Failures `account-shared`, `rights-missing`.
 */
export async function requireAccount(
  queries: Queries,
  principal: Pick<Principal, 'permissions' | 'isInstallationAdmin'>,
  organisationId: string,
  member: Member,
): Promise<void> {
  await requirePowerOver(queries, principal, organisationId, member.id);
  if (principal.isInstallationAdmin) return;
  if (member.installation_admin === 1)
    throw new ControlFailure('rights-missing', 'this account is an administrator of the installation');
  if (!(await isSoleMember(queries, organisationId, member.id)))
    throw new ControlFailure(
      'account-shared',
      'this account is a member of another organisation, too; end its membership instead',
    );
}

/** Organisations that a user owns. */
export async function ownedBy(queries: Queries, userId: string): Promise<string[]> {
  const rows = await queries
    .selectFrom('user_roles')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .select('roles.organisation_id')
    .where('user_roles.user_id', '=', userId)
    .where('roles.built_in', '=', 'owner')
    .execute();
  return rows.map((row) => row.organisation_id);
}

/** Nobody may lock everybody out: of the installation, or of an organisation that had an owner before. */
export async function keepOwners(transaction: StoreTransaction, organisationIds: readonly string[]): Promise<void> {
  if ((await enabledInstallationAdmins(transaction)).length === 0)
    throw new ControlFailure('last-admin', 'this is the last administrator who may sign in; make another one first');
  for (const organisationId of organisationIds)
    if ((await countEnabledWithBuiltIn(transaction, organisationId, 'owner')) === 0)
      throw new ControlFailure('last-owner', 'this is the last owner who may sign in; make another one first');
}
