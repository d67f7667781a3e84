import { z } from 'zod';
import type { OrganisationPolicy, Subject } from '../../core/policy/index.ts';
import {
  allEnabledResources,
  allOrganisations,
  effectiveRoles,
  findMember,
  groupsOf,
  type Member,
  membershipsOf,
  type Queries,
  type ResourcesTable,
  type UsersTable,
} from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import type { Principal } from '../principal.ts';
import { storedOrganisation } from '../stored-policies.ts';
import { type Api, type ApiContext, accountOf, principalOf } from './api.ts';
import { application, applicationItem, mayEnter } from './open-applications.ts';
import { id } from './schemas.ts';
import { user, userItem } from './users.ts';

const me = user.extend({
  isAdmin: z.boolean().describe('may administer the organisation'),
  isInstallationAdmin: z.boolean(),
  organisationId: id.nullable().describe('the one that this request is about'),
  permissions: z.array(z.string()),
  memberships: z.array(z.object({ organisationId: id, name: z.string() })),
  sessionId: z.string().nullable(),
});

export function meRoutes(api: Api, { control }: ApiContext): void {
  const tags = ['me'];
  const config = { access: 'signed-in' as const };

  api.get('/me', { config, schema: { tags, summary: 'Who you are', response: { 200: me } } }, async (request) => {
    const { organisationId, permissions, isInstallationAdmin, sessionId } = principalOf(request);
    const account = accountOf(request);
    const member = await memberOrAccount(control, organisationId, account);
    const isAdmin = permissions.has('user.write');
    const memberships = await namedMemberships(control, account.id, principalOf(request));
    const rights = { isAdmin, isInstallationAdmin, organisationId, permissions: [...permissions].sort() };
    return { ...userItem(member), ...rights, memberships, sessionId };
  });

  api.get(
    '/me/applications',
    {
      config,
      schema: {
        tags,
        summary: 'The resources whose policy lets you in at their first page, or may after another proof of identity',
        response: { 200: z.object({ items: z.array(application) }) },
      },
    },
    async (request) => {
      const visible = await visibleResources(control, accountOf(request), principalOf(request));
      return { items: visible.map((row) => applicationItem(control, row)) };
    },
  );
}

/** An account as its organisation has it; bare where it is a member of none. */
async function memberOrAccount(control: Control, organisationId: string | null, account: UsersTable): Promise<Member> {
  const member =
    organisationId === null ? undefined : await findMember(control.store.database, organisationId, account.id);
  return member ?? { ...account, roles: [], groups: [] };
}

async function namedMemberships({ store }: Control, userId: string, principal: Principal) {
  const rows = await membershipsReached(store.database, userId, principal);
  const names = new Map((await allOrganisations(store.database)).map((row) => [row.id, row.name]));
  return rows.map(({ organisation_id }) => ({
    organisationId: organisation_id,
    name: names.get(organisation_id) ?? '',
  }));
}

/** The organisations that a request is good for, of those that an account is a member of. */
async function membershipsReached(queries: Queries, userId: string, { reach }: Principal) {
  const all = await membershipsOf(queries, userId);
  return reach === null ? all : all.filter(({ organisation_id }) => organisation_id === reach);
}

/** Resources of all the person's organisations that the session reaches, each judged by what they are in its own. */
async function visibleResources(
  control: Control,
  account: UsersTable,
  principal: Principal,
): Promise<readonly ResourcesTable[]> {
  const { database } = control.store;
  const subjects = new Map<string, Subject>();
  const policies = new Map<string, OrganisationPolicy>();
  for (const { organisation_id } of await membershipsReached(database, account.id, principal)) {
    subjects.set(organisation_id, await subjectIn(control, organisation_id, account, principal));
    policies.set(organisation_id, await storedOrganisation(database, organisation_id));
  }
  return (await allEnabledResources(database)).filter((row) => {
    const subject = subjects.get(row.organisation_id);
    const policy = policies.get(row.organisation_id);
    if (!subject || !policy || row.host.startsWith('*.')) return false;
    return mayEnter(control, row, policy, principal.clientAddress, subject);
  });
}

async function subjectIn(
  { store }: Control,
  organisationId: string,
  account: UsersTable,
  { methods, authenticatedAtUnixMs }: Principal,
): Promise<Subject> {
  const roles = await effectiveRoles(store.database, organisationId, account.id);
  const groups = await groupsOf(store.database, organisationId, [account.id]);
  return {
    ...{ kind: 'user', userId: account.id, email: account.email, roles: roles.map((role) => role.name) },
    ...{ groups: groups.get(account.id) ?? [], methods, mfa: methods.includes('mfa'), authenticatedAtUnixMs },
  };
}
