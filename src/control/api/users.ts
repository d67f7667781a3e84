import { z } from 'zod';
import { passwordAdvice, passwordProblem } from '../../io/passwords.ts';
import {
  countEnabledWithRole,
  deletePasswordResetsOf,
  deleteUser,
  findUser,
  insertUser,
  listUsers,
  revokeSessionsOfUser,
  type StoreTransaction,
  setUserRoles,
  type UserWithRoles,
  updateUser,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { ADMIN_ROLE } from '../constants.ts';
import type { Control } from '../control.ts';
import { newId } from '../ids.ts';
import { passwordChanged } from '../mail/notices.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { type Api, type ApiContext, pageItems, principalOf } from './api.ts';
import { id, idParams, name, nothing, pageOf, pageQuery, unixMs } from './schemas.ts';

export const user = z.object({
  id,
  email: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
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

export function userItem(row: UserWithRoles): z.output<typeof user> {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    roles: [...row.roles],
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

  api.get(
    '/users',
    { schema: { tags, summary: 'List users', querystring: pageQuery, response: { 200: pageOf(user) } } },
    async (request) => pageItems(await listUsers(store.database, request.query), userItem),
  );

  api.get(
    '/users/:id',
    { schema: { tags, summary: 'Read a user', params: idParams, response: { 200: user } } },
    async (request) => {
      const row = await findUser(store.database, request.params.id);
      if (!row) throw notFound('user', request.params.id);
      return userItem(row);
    },
  );
}

function addUserRoutes(api: Api, { control }: ApiContext): void {
  const { clock, random } = control;
  const tags = ['users'];

  api.post(
    '/users',
    { schema: { tags, summary: 'Add a user', body: newUser, response: { 201: user } } },
    async (request, reply) => {
      const { body } = request;
      const password_hash = body.password === undefined ? null : await hashNew(control, body.password, body.email);
      const row = {
        id: newId('usr', clock, random),
        email: body.email.toLowerCase(),
        name: body.name,
        password_hash,
        disabled: body.disabled ? (1 as const) : (0 as const),
        session_epoch: 1,
        created_unix_ms: Math.round(clock.unixMs()),
      };
      const made = await publishChange(control, principalOf(request), async (transaction) => {
        await insertUser(transaction, row);
        await giveRoles(transaction, row.id, body.roles);
        const detail = { email: row.email, name: row.name, roles: body.roles };
        return { value: await mustFind(transaction, row.id), note: { action: 'user.add', subject: row.id, detail } };
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
      schema: {
        tags,
        summary: 'Change a user; a new password, or disabling, ends all sessions',
        params: idParams,
        body: z.strictObject(settings).partial(),
        response: { 200: user },
      },
    },
    async (request) => {
      const { body } = request;
      const { id: userId } = request.params;
      const before = await findUser(store.database, userId);
      if (!before) throw notFound('user', userId);
      const password_hash =
        body.password === undefined ? undefined : await hashNew(control, body.password, body.email ?? before.email);
      const changed = await publishChange(control, principalOf(request), async (transaction) => {
        const ends = password_hash !== undefined || body.disabled === true;
        await updateUser(transaction, userId, {
          ...(body.email !== undefined && { email: body.email }),
          ...(body.name !== undefined && { name: body.name }),
          ...(password_hash !== undefined && { password_hash }),
          ...(body.disabled !== undefined && { disabled: body.disabled ? 1 : 0 }),
        });
        if (password_hash !== undefined) await tellOfPassword(control, transaction, before);
        if (body.roles) await giveRoles(transaction, userId, body.roles);
        await keepAnAdmin(transaction);
        const revoke = ends ? await endAllSessions(transaction, userId, Math.round(clock.unixMs())) : [];
        const { password: _password, ...detail } = body;
        const note = {
          action: 'user.change',
          subject: userId,
          detail: { ...detail, password: password_hash !== undefined },
        };
        return { value: await mustFind(transaction, userId), note, revoke };
      });
      control.mailer.wake();
      return userItem(changed);
    },
  );
}

/** A link to choose a password is none any more; it goes to the address that the password was for. */
async function tellOfPassword(control: Control, transaction: StoreTransaction, user: UserWithRoles): Promise<void> {
  await deletePasswordResetsOf(transaction, user.id);
  await passwordChanged(control, transaction, user);
}

function endUserRoutes(api: Api, { control }: ApiContext): void {
  const { clock } = control;
  const tags = ['users'];

  api.delete(
    '/users/:id',
    { schema: { tags, summary: 'Remove a user', params: idParams, response: { 204: nothing } } },
    async (request, reply) => {
      const { id: userId } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        const row = await mustFind(transaction, userId);
        const revoke = await endAllSessions(transaction, userId, Math.round(clock.unixMs()));
        await deleteUser(transaction, userId);
        await keepAnAdmin(transaction);
        return {
          value: undefined,
          note: { action: 'user.remove', subject: userId, detail: { email: row.email } },
          revoke,
        };
      });
      return reply.code(204).send(null);
    },
  );

  api.delete(
    '/users/:id/sessions',
    { schema: { tags, summary: 'End all sessions of a user', params: idParams, response: { 204: nothing } } },
    async (request, reply) => {
      const { id: userId } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        await mustFind(transaction, userId);
        const revoke = await endAllSessions(transaction, userId, Math.round(clock.unixMs()));
        return { value: undefined, note: { action: 'user.end-sessions', subject: userId }, revoke };
      });
      return reply.code(204).send(null);
    },
  );
}

/** The hash of a password that somebody chose. Failure `password-weak`. */
async function hashNew(control: Control, password: string, email: string): Promise<string> {
  const problem = passwordProblem(password, email);
  if (problem) {
    const problems = [{ path: 'password', expected: passwordAdvice(problem) }];
    throw new ControlFailure('password-weak', passwordAdvice(problem), { problems });
  }
  return control.hasher.hash(password);
}

/** Nobody may lock everybody out. */
async function keepAnAdmin(transaction: StoreTransaction): Promise<void> {
  if ((await countEnabledWithRole(transaction, ADMIN_ROLE)) === 0)
    throw new ControlFailure('last-admin', 'this is the last administrator who may sign in; make another one first');
}

async function giveRoles(transaction: StoreTransaction, userId: string, names: readonly string[]): Promise<void> {
  const unknown = await setUserRoles(transaction, userId, names);
  if (unknown.length === 0) return;
  const problems = [{ path: 'roles', expected: 'names of roles that exist', found: JSON.stringify(unknown) }];
  throw new ControlFailure('role-unknown', `roles: there is no role ${unknown.join(', ')}`, { problems });
}

async function endAllSessions(transaction: StoreTransaction, userId: string, atUnixMs: number) {
  const row = await mustFind(transaction, userId);
  const minimumEpoch = row.session_epoch + 1;
  await updateUser(transaction, userId, { session_epoch: minimumEpoch });
  await revokeSessionsOfUser(transaction, userId, atUnixMs);
  return [{ kind: 'user' as const, userId, minimumEpoch, atUnixMs }];
}

async function mustFind(transaction: StoreTransaction, userId: string): Promise<UserWithRoles> {
  const row = await findUser(transaction, userId);
  if (!row) throw notFound('user', userId);
  return row;
}
