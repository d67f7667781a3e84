import { z } from 'zod';
import {
  deleteMembership,
  deletePasswordResetsOf,
  deleteUser,
  forgetBrowsers,
  insertUser,
  listMembers,
  type Member,
  membershipsOf,
  putMembership,
  type StoreTransaction,
  type UsersTable,
  updateUser,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import type { Control } from '../control.ts';
import { endAllSessions } from '../end-sessions.ts';
import { newId } from '../ids.ts';
import { passwordChanged } from '../mail/notices.ts';
import { hashNewPassword } from '../new-password.ts';
import { requireRoom } from '../quotas.ts';
import { giveRoles, keepOwners, ownedBy, requireAccount, requireMember, requirePowerOver } from '../rights.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { ACCOUNT_REFUSALS } from './refusals.ts';
import { id, idParams, name, nothing, pageOf, unixMs, usersQuery } from './schemas.ts';

export const user = z.object({
  id,
  email: z.string(),
  name: z.string(),
  roles: z.array(z.string()).describe('in this organisation'),
  groups: z.array(z.string()).describe('in this organisation'),
  disabled: z.boolean(),
  hasPassword: z.boolean(),
  createdUnixMs: unixMs,
});

const settings = {
  email: z.email().max(254),
  name,
  roles: z.array(z.string().max(128)).max(200),
  password: z.string().max(1024),
  disabled: z.boolean(),
};
const newUser = z.strictObject({
  email: settings.email,
  name,
  roles: settings.roles.default([]),
  password: settings.password.optional(),
  disabled: settings.disabled.default(false),
});

export function userItem(row: Member): z.output<typeof user> {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    roles: [...row.roles],
    groups: [...row.groups],
    disabled: row.disabled === 1,
    hasPassword: row.password_hash !== null,
    createdUnixMs: row.created_unix_ms,
  };
}

export function userRoutes(api: Api, context: ApiContext): void {
  readUserRoutes(api, context);
  addUserRoutes(api, context);
  changeUserRoutes(api, context);
  endUserRoutes(api, context);
}

function readUserRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;
  const tags = ['users'];
  const config = { access: 'user.read' as const };

  api.get(
    '/users',
    {
      config,
      schema: { tags, summary: 'List users', querystring: usersQuery, response: { 200: pageOf(user) } },
    },
    async (request) => pageItems(await listMembers(store.database, organisationOf(request), request.query), userItem),
  );

  api.get(
    '/users/:id',
    { config, schema: { tags, summary: 'Read a user', params: idParams, response: { 200: user } } },
    async (request) => userItem(await requireMember(store.database, organisationOf(request), request.params.id)),
  );
}

function addUserRoutes(api: Api, { control }: ApiContext): void {
  const { clock, random } = control;
  const tags = ['users'];

  api.post(
    '/users',
    {
      config: {
        access: 'user.write',
        refusals: [...ACCOUNT_REFUSALS, 'quota-reached'],
      },
      schema: {
        tags,
        summary: 'Add a user; who has an account already is invited',
        body: newUser,
        response: { 201: user },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const principal = principalOf(request);
      const organisationId = organisationOf(request);
      const password_hash =
        body.password === undefined ? null : await hashNewPassword(control, body.password, body.email);
      const created_unix_ms = Math.round(clock.unixMs());
      const row = {
        ...{ id: newId('usr', clock, random), email: body.email.toLowerCase(), name: body.name, password_hash },
        disabled: body.disabled ? (1 as const) : (0 as const),
        ...{ session_epoch: 1, created_unix_ms, installation_admin: 0 as const },
      };
      const made = await publishChange(control, principal, async (transaction) => {
        await requireRoom(control, transaction, organisationId, 'users');
        await insertUser(transaction, row);
        await putMembership(transaction, { organisation_id: organisationId, user_id: row.id, created_unix_ms });
        await giveRoles(transaction, principal, organisationId, row.id, body.roles);
        const detail = { email: row.email, name: row.name, roles: body.roles };
        const value = await requireMember(transaction, organisationId, row.id);
        return { value, note: { action: 'user.add', subject: row.id, detail } };
      });
      return reply.code(201).send(userItem(made));
    },
  );
}

function changeUserRoutes(api: Api, { control }: ApiContext): void {
  const { store, clock } = control;
  const tags = ['users'];

  api.patch(
    '/users/:id',
    {
      config: {
        access: 'user.write',
        refusals: [...ACCOUNT_REFUSALS, 'account-shared', 'last-admin', 'last-owner'],
      },
      schema: {
        tags,
        summary: 'Change a user; a new password, or disabling, ends all sessions and forgets remembered browsers',
        params: idParams,
        body: z.strictObject(settings).partial(),
        response: { 200: user },
      },
    },
    async (request) => {
      const { body } = request;
      const { roles, password, ...account } = body;
      const { id: userId } = request.params;
      const organisationId = organisationOf(request);
      const principal = principalOf(request);
      const before = await requireMember(store.database, organisationId, userId);
      const password_hash =
        password === undefined ? undefined : await hashNewPassword(control, password, account.email ?? before.email);
      const touchesAccount = password !== undefined || Object.keys(account).length > 0;
      const changed = await publishChange(control, principal, async (transaction) => {
        const member = await requireMember(transaction, organisationId, userId);
        if (touchesAccount) await requireAccount(transaction, principal, organisationId, member);
        const owned = await ownedBy(transaction, userId);
        await updateUser(transaction, userId, {
          ...(account.email !== undefined && { email: account.email }),
          ...(account.name !== undefined && { name: account.name }),
          ...(password_hash !== undefined && { password_hash }),
          ...(account.disabled !== undefined && { disabled: account.disabled ? 1 : 0 }),
          // From now on it may be proved with what somebody else set.
          ...((password_hash !== undefined || account.email !== undefined) && { address_proved: 0 as const }),
        });
        if (password_hash !== undefined) await tellOfPassword(control, transaction, before);
        if (roles) await giveRoles(transaction, principal, organisationId, userId, roles);
        await keepOwners(transaction, owned);
        const ends = password_hash !== undefined || account.disabled === true;
        const revoke = ends ? await endAllSessions(transaction, userId, Math.round(clock.unixMs())) : [];
        const detail = { ...account, ...(roles && { roles }), password: password_hash !== undefined };
        const note = { action: 'user.change', subject: userId, detail };
        return { value: await requireMember(transaction, organisationId, userId), note, revoke };
      });
      control.mailer.wake();
      return userItem(changed);
    },
  );
}

/** A link to choose a password is none any more, and no browser leaves the second step out; it goes to the address that the password was for. */
async function tellOfPassword(control: Control, transaction: StoreTransaction, user: UsersTable): Promise<void> {
  await deletePasswordResetsOf(transaction, user.id);
  await forgetBrowsers(transaction, user.id);
  await passwordChanged(control, transaction, user);
}

function endUserRoutes(api: Api, { control }: ApiContext): void {
  const { clock } = control;
  const tags = ['users'];

  api.delete(
    '/users/:id',
    {
      config: { access: 'user.write', refusals: ['last-admin', 'last-owner'] },
      schema: {
        tags,
        summary: 'End the membership of a user; an account that is a member nowhere else is removed',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { id: userId } = request.params;
      const organisationId = organisationOf(request);
      const principal = principalOf(request);
      await publishChange(control, principal, async (transaction) => {
        const member = await requireMember(transaction, organisationId, userId);
        await requirePowerOver(transaction, principal, organisationId, userId);
        const owned = await ownedBy(transaction, userId);
        await deleteMembership(transaction, organisationId, userId);
        const isLast = (await membershipsOf(transaction, userId)).length === 0;
        // An administrator of the installation stays one, and an administrator's account is not an organisation's to remove.
        const removes = isLast && (member.installation_admin === 0 || principal.isInstallationAdmin);
        const revoke = removes ? await endAllSessions(transaction, userId, Math.round(clock.unixMs())) : [];
        if (removes) await deleteUser(transaction, userId);
        await keepOwners(transaction, owned);
        const detail = { email: member.email, account: removes ? 'removed' : 'kept' };
        return { value: undefined, note: { action: 'user.remove', subject: userId, detail }, revoke };
      });
      return reply.code(204).send(null);
    },
  );

  api.delete(
    '/users/:id/sessions',
    {
      config: { access: 'session.write', refusals: ['account-shared'] },
      schema: { tags, summary: 'End all sessions of a user', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { id: userId } = request.params;
      const organisationId = organisationOf(request);
      const principal = principalOf(request);
      await publishChange(control, principal, async (transaction) => {
        const member = await requireMember(transaction, organisationId, userId);
        if (userId !== principal.user?.id) await requireAccount(transaction, principal, organisationId, member);
        const revoke = await endAllSessions(transaction, userId, Math.round(clock.unixMs()));
        return { value: undefined, note: { action: 'user.end-sessions', subject: userId }, revoke };
      });
      return reply.code(204).send(null);
    },
  );
}
