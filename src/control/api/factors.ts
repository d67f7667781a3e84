import { z } from 'zod';
import {
  countRecoveryCodes,
  deleteFactors,
  deleteKnownDevice,
  findKnownDevice,
  findMember,
  type KnownDevicesTable,
  listKnownDevices,
  passkeysOf,
  putMfaSettings,
  rememberedBrowsersOf,
  type StoreTransaction,
  totpKeysOf,
  updateKnownDevice,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { endAllSessions } from '../end-sessions.ts';
import { GRACE_MAX_MS, REMEMBER_BROWSER_MAX_MS } from '../factors/constants.ts';
import { forgetFactorTries } from '../factors/factor-limits.ts';
import { readMfaSettings } from '../factors/settings.ts';
import type { Principal } from '../principal.ts';
import { notFound } from '../problems.ts';
import { requireAccount, requireMember } from '../rights.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { id, idParams, listQuery, nothing, pageOf, unixMs } from './schemas.ts';

const dated = { id, name: z.string(), createdUnixMs: unixMs, lastUsedUnixMs: unixMs.nullable() };
const userFactors = z.object({
  authenticators: z.array(z.object(dated)),
  passkeys: z.array(z.object({ ...dated, backedUp: z.boolean() })),
  recoveryCodesLeft: z.number().int(),
  rememberedBrowsers: z.number().int(),
});

export const mfaSettings = z.object({
  required: z.boolean().describe('everybody needs a second factor'),
  requiredRoles: z
    .array(z.string().max(128))
    .max(200)
    .readonly()
    .describe('roles whose holders need one whatever `required` says'),
  sinceUnixMs: unixMs.describe('since when; the grace period of people who were there before begins with it'),
  graceMs: z.number().int().min(0).max(GRACE_MAX_MS).describe('how long people may do without, once it is required'),
  rememberMs: z
    .number()
    .int()
    .min(0)
    .max(REMEMBER_BROWSER_MAX_MS)
    .describe('how long a browser may leave the second step out; 0: never'),
  rememberedCounts: z.boolean().describe('whether a remembered browser satisfies rules that ask for a factor'),
  emailCodes: z.boolean().describe('whether a code by mail is a second factor for people without one of their own'),
});

const knownDevice = z.object({
  id,
  userId: id,
  name: z.string(),
  userAgent: z.string(),
  approved: z.boolean(),
  approvedBy: z.string().nullable(),
  createdUnixMs: unixMs,
  lastUsedUnixMs: unixMs.nullable(),
});

export function factorAdminRoutes(api: Api, context: ApiContext): void {
  userFactorRoutes(api, context);
  mfaSettingsRoutes(api, context);
  knownDeviceRoutes(api, context);
}

function userFactorRoutes(api: Api, { control }: ApiContext): void {
  const { store, clock } = control;
  const tags = ['factors'];

  api.get(
    '/users/:id/factors',
    {
      config: { access: 'user.read' },
      schema: {
        tags,
        summary: 'What a user proves themselves with besides a password; never a secret',
        params: idParams,
        response: { 200: userFactors },
      },
    },
    async (request) => {
      const { id: userId } = request.params;
      await requireMember(store.database, organisationOf(request), userId);
      const keys = await totpKeysOf(store.database, userId);
      return {
        authenticators: keys.filter((row) => row.confirmed_unix_ms !== null).map(datedItem),
        passkeys: (await passkeysOf(store.database, userId)).map((row) => ({
          ...datedItem(row),
          backedUp: row.backed_up === 1,
        })),
        recoveryCodesLeft: (await countRecoveryCodes(store.database, userId)).left,
        rememberedBrowsers: (await rememberedBrowsersOf(store.database, userId, clock.unixMs())).length,
      };
    },
  );

  api.delete(
    '/users/:id/factors',
    {
      config: { access: 'user.write', refusals: ['account-shared'] },
      schema: {
        tags,
        summary: 'Take all factors from a user who lost them; a new one is asked for where one is required',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { id: userId } = request.params;
      const organisationId = organisationOf(request);
      const principal = principalOf(request);
      await publishChange(control, principal, async (transaction) => {
        const user = await requireMember(transaction, organisationId, userId);
        await requireAccount(transaction, principal, organisationId, user);
        const removed = await deleteFactors(transaction, userId);
        // What was signed in with the lost factors may be in somebody else's hands.
        const revoke = await endAllSessions(transaction, userId, Math.round(clock.unixMs()));
        const detail = { email: user.email, removed };
        return { value: undefined, note: { action: 'user.reset-factors', subject: userId, detail }, revoke };
      });
      await forgetFactorTries(control, userId);
      return reply.code(204).send(null);
    },
  );
}

function mfaSettingsRoutes(api: Api, { control }: ApiContext): void {
  const { store, clock } = control;
  const tags = ['factors'];

  api.get(
    '/organisation/mfa',
    {
      config: { access: 'organisation.read' },
      schema: { tags, summary: 'Who needs a second factor', response: { 200: mfaSettings } },
    },
    async (request) => readMfaSettings(store.database, organisationOf(request)),
  );

  api.patch(
    '/organisation/mfa',
    {
      config: { access: 'organisation.write' },
      schema: {
        tags,
        summary: 'Say who needs a second factor, and for how long a browser is remembered',
        body: mfaSettings.omit({ sinceUnixMs: true }).partial().strict(),
        response: { 200: mfaSettings },
      },
    },
    async (request) => {
      const organisationId = organisationOf(request);
      return publishChange(control, principalOf(request), async (transaction) => {
        const before = await readMfaSettings(transaction, organisationId);
        const given = Object.fromEntries(Object.entries(request.body).filter(([, value]) => value !== undefined));
        const after = { ...before, ...given };
        const asksMore =
          (after.required && !before.required) ||
          after.requiredRoles.some((role) => !before.requiredRoles.includes(role));
        const value = { ...after, sinceUnixMs: asksMore ? Math.round(clock.unixMs()) : before.sinceUnixMs };
        await putMfaSettings(transaction, {
          organisation_id: organisationId,
          required: value.required ? 1 : 0,
          required_roles: JSON.stringify(value.requiredRoles),
          since_unix_ms: value.sinceUnixMs,
          grace_ms: value.graceMs,
          remember_ms: value.rememberMs,
          remembered_counts: value.rememberedCounts ? 1 : 0,
          email_codes: value.emailCodes ? 1 : 0,
        });
        return { value, note: { action: 'mfa.update', subject: organisationId, detail: request.body } };
      });
    },
  );
}

function knownDeviceRoutes(api: Api, context: ApiContext): void {
  const { store, clock } = context.control;
  const { control } = context;
  const tags = ['known-devices'];

  api.get(
    '/known-devices',
    {
      config: { access: 'user.read' },
      schema: { tags, summary: 'List known devices', querystring: listQuery, response: { 200: pageOf(knownDevice) } },
    },
    async (request) =>
      pageItems(await listKnownDevices(store.database, organisationOf(request), request.query), deviceItem),
  );

  api.patch(
    '/known-devices/:id',
    {
      config: { access: 'user.write', refusals: ['account-shared'] },
      schema: {
        tags,
        summary: 'Approve a known device, or take that back',
        params: idParams,
        body: z.strictObject({ approved: z.boolean() }),
        response: { 200: knownDevice },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { id: deviceId } = request.params;
      const { approved } = request.body;
      const organisationId = organisationOf(request);
      return publishChange(control, principal, async (transaction) => {
        const known = await requireDevice(transaction, principal, organisationId, deviceId);
        const change = {
          approved_unix_ms: approved ? Math.round(clock.unixMs()) : null,
          approved_by: approved ? principal.name : null,
        };
        await updateKnownDevice(transaction, deviceId, change);
        const row = { ...known, ...change };
        const action = approved ? 'known-device.approve' : 'known-device.disapprove';
        const note = { action, subject: deviceId, detail: { userId: row.user_id, name: row.name } };
        return { value: deviceItem(row), note };
      });
    },
  );

  forgetDeviceRoute(api, context);
}

function forgetDeviceRoute(api: Api, { control }: ApiContext): void {
  const tags = ['known-devices'];

  api.delete(
    '/known-devices/:id',
    {
      config: { access: 'user.write', refusals: ['account-shared'] },
      schema: { tags, summary: 'Forget a known device', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { id: deviceId } = request.params;
      const organisationId = organisationOf(request);
      const principal = principalOf(request);
      await publishChange(control, principal, async (transaction) => {
        await requireDevice(transaction, principal, organisationId, deviceId);
        await deleteKnownDevice(transaction, deviceId);
        return { value: undefined, note: { action: 'known-device.remove', subject: deviceId } };
      });
      return reply.code(204).send(null);
    },
  );
}

/** A device of somebody whose account is the caller's to look after. */
async function requireDevice(
  transaction: StoreTransaction,
  principal: Principal,
  organisationId: string,
  deviceId: string,
): Promise<KnownDevicesTable> {
  const row = await findKnownDevice(transaction, deviceId);
  const member = row && (await findMember(transaction, organisationId, row.user_id));
  if (!row || !member) throw notFound('known device', deviceId);
  await requireAccount(transaction, principal, organisationId, member);
  return row;
}

function datedItem(row: {
  readonly id: string;
  readonly name: string;
  readonly created_unix_ms: number;
  readonly last_used_unix_ms: number | null;
}) {
  return { id: row.id, name: row.name, createdUnixMs: row.created_unix_ms, lastUsedUnixMs: row.last_used_unix_ms };
}

function deviceItem(row: KnownDevicesTable): z.output<typeof knownDevice> {
  return {
    ...datedItem(row),
    userId: row.user_id,
    userAgent: row.user_agent,
    approved: row.approved_unix_ms !== null,
    approvedBy: row.approved_by,
  };
}
