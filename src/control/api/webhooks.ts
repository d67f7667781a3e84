import { z } from 'zod';
import { deleteWebhook, insertWebhook, listWebhooks, updateWebhook, type WebhooksTable } from '../../io/store/index.ts';
import { newWebhookSecret } from '../../io/webhooks/webhook-signature.ts';
import { change } from '../change.ts';
import { newId } from '../ids.ts';
import { EVENT_TYPES } from '../notices/events.ts';
import { webhookSecretPlace } from '../notices/send-event.ts';
import type { Principal } from '../principal.ts';
import { ControlFailure } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { id, idParams, listQuery, name, nothing, pageOf, unixMs } from './schemas.ts';
import { deliveryRoutes, requireWebhook } from './webhook-deliveries.ts';

const tags = ['webhooks'];

const url = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .describe('https; plain http is for this machine alone, with allowPrivate');
const events = z.array(z.enum(EVENT_TYPES)).min(1).max(EVENT_TYPES.length);
const allowPrivate = z.boolean().describe('it may be at a private address; for administrators of the installation');

const webhook = z.object({
  ...{ id, name, url: z.string(), events: z.array(z.string()), enabled: z.boolean(), allowPrivate },
  createdUnixMs: unixMs,
});
const newWebhook = z.strictObject({ name, url, events, allowPrivate: allowPrivate.default(false) });
const webhookChange = z.strictObject({
  name: name.optional(),
  url: url.optional(),
  events: events.optional(),
  enabled: z.boolean().optional(),
  allowPrivate: allowPrivate.optional(),
});
const secret = z.string().describe('key of its signatures, shown this once (Standard Webhooks)');

export function webhookRoutes(api: Api, context: ApiContext): void {
  readRoutes(api, context);
  addRoute(api, context);
  changeRoutes(api, context);
  secretRoute(api, context);
  deliveryRoutes(api, context);
}

function readRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;
  api.get(
    '/webhooks',
    {
      config: { access: 'notice.read' },
      schema: { tags, summary: 'List webhooks', querystring: listQuery, response: { 200: pageOf(webhook) } },
    },
    async (request) => pageItems(await listWebhooks(database, organisationOf(request), request.query), webhookItem),
  );
  api.get(
    '/webhooks/:id',
    {
      config: { access: 'notice.read' },
      schema: { tags, summary: 'Read a webhook', params: idParams, response: { 200: webhook } },
    },
    async (request) => webhookItem(await requireWebhook(database, organisationOf(request), request.params.id)),
  );
}

function addRoute(api: Api, { control }: ApiContext): void {
  const { clock, random, keys } = control;
  api.post(
    '/webhooks',
    {
      config: { access: 'notice.write', refusals: ['name-taken', 'quota-reached', 'webhook-invalid'] },
      schema: { tags, summary: 'Add a webhook', body: newWebhook, response: { 201: webhook.extend({ secret }) } },
    },
    async (request, reply) => {
      const { body } = request;
      requireReach(principalOf(request), body);
      const webhookId = newId('whk', clock, random);
      const chosen = newWebhookSecret(random);
      const row: WebhooksTable = {
        ...{ id: webhookId, organisation_id: organisationOf(request), name: body.name, url: body.url },
        ...{ secret: keys.sealing.seal(chosen, webhookSecretPlace(webhookId)), events: JSON.stringify(body.events) },
        ...{ enabled: 1, allow_private: body.allowPrivate ? 1 : 0, created_unix_ms: Math.round(clock.unixMs()) },
      };
      await change(control, principalOf(request), async (transaction) => {
        await requireRoom(control, transaction, row.organisation_id, 'webhooks');
        await insertWebhook(transaction, row);
        return { value: undefined, note: { action: 'webhook.add', subject: row.id, detail: body } };
      });
      return reply.code(201).send({ ...webhookItem(row), secret: chosen });
    },
  );
}

function changeRoutes(api: Api, { control }: ApiContext): void {
  api.patch(
    '/webhooks/:id',
    {
      config: { access: 'notice.write', refusals: ['name-taken', 'webhook-invalid'] },
      schema: {
        tags,
        summary: 'Change a webhook; switched off, it gets nothing and what waits for it is given up',
        params: idParams,
        body: webhookChange,
        response: { 200: webhook },
      },
    },
    async (request) => {
      const { body } = request;
      const row = await change(control, principalOf(request), async (transaction) => {
        const before = await requireWebhook(transaction, organisationOf(request), request.params.id);
        const next: WebhooksTable = {
          ...before,
          name: body.name ?? before.name,
          url: body.url ?? before.url,
          events: body.events ? JSON.stringify(body.events) : before.events,
          enabled: (body.enabled ?? before.enabled === 1) ? 1 : 0,
          allow_private: (body.allowPrivate ?? before.allow_private === 1) ? 1 : 0,
        };
        requireReach(principalOf(request), { url: next.url, allowPrivate: next.allow_private === 1 });
        await updateWebhook(transaction, before.id, next);
        return { value: next, note: { action: 'webhook.change', subject: before.id, detail: body } };
      });
      return webhookItem(row);
    },
  );
  api.delete(
    '/webhooks/:id',
    {
      config: { access: 'notice.write' },
      schema: { tags, summary: 'Remove a webhook', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      await change(control, principalOf(request), async (transaction) => {
        const row = await requireWebhook(transaction, organisationOf(request), request.params.id);
        await deleteWebhook(transaction, row.id);
        return {
          value: undefined,
          note: { action: 'webhook.remove', subject: row.id, detail: { name: row.name, url: row.url } },
        };
      });
      return reply.code(204).send(null);
    },
  );
}

function secretRoute(api: Api, { control }: ApiContext): void {
  api.post(
    '/webhooks/:id/secret',
    {
      config: { access: 'notice.write' },
      schema: {
        tags,
        summary: 'Give a webhook another secret; the one before signs nothing any more',
        params: idParams,
        response: { 200: z.object({ secret }) },
      },
    },
    async (request) => {
      const chosen = newWebhookSecret(control.random);
      await change(control, principalOf(request), async (transaction) => {
        const row = await requireWebhook(transaction, organisationOf(request), request.params.id);
        const sealed = control.keys.sealing.seal(chosen, webhookSecretPlace(row.id));
        await updateWebhook(transaction, row.id, { secret: sealed });
        return { value: undefined, note: { action: 'webhook.rotate', subject: row.id } };
      });
      return { secret: chosen };
    },
  );
}

/** Requests of control into private networks are for who runs it. */
function requireReach(
  { isInstallationAdmin }: Principal,
  given: { readonly url: string; readonly allowPrivate: boolean },
): void {
  if (given.allowPrivate && !isInstallationAdmin)
    throw new ControlFailure('rights-missing', 'a webhook with allowPrivate is for administrators of the installation');
  if (!given.allowPrivate && !given.url.startsWith('https:'))
    throw new ControlFailure('webhook-invalid', 'url: https; plain http is for this machine alone, with allowPrivate');
  const { username, password } = new URL(given.url);
  if (username !== '' || password !== '')
    throw new ControlFailure('webhook-invalid', 'url: without user name and password; events are signed');
}

function webhookItem(row: WebhooksTable): z.output<typeof webhook> {
  return {
    ...{ id: row.id, name: row.name, url: row.url, events: JSON.parse(row.events) as string[] },
    ...{ enabled: row.enabled === 1, allowPrivate: row.allow_private === 1, createdUnixMs: row.created_unix_ms },
  };
}
