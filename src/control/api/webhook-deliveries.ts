import { z } from 'zod';
import {
  findDelivery,
  findWebhook,
  listDeliveries,
  type Queries,
  updateDelivery,
  type WebhookDeliveriesTable,
  type WebhooksTable,
} from '../../io/store/index.ts';
import { change } from '../change.ts';
import { WEBHOOK_TESTS_MAX } from '../notices/constants.ts';
import { send } from '../notices/emit.ts';
import { TEST_EVENT } from '../notices/events.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { id, idParams, pageOf, pageQuery, unixMs } from './schemas.ts';

const tags = ['webhooks'];

const delivery = z.object({
  id: id.describe('`webhook-id` of every try'),
  type: z.string(),
  state: z.enum(['waiting', 'delivered', 'dead']).describe('dead: it was tried for about a day'),
  tries: z.number().int(),
  createdUnixMs: unixMs,
  updatedUnixMs: unixMs,
  nextUnixMs: unixMs.nullable().describe('when it is tried next'),
  status: z.number().int().nullable().describe('of the last answer'),
  error: z.string().nullable(),
  body: z.string().describe('as it is sent'),
});
const deliveryParams = z.object({ id, deliveryId: id });

export function deliveryRoutes(api: Api, context: ApiContext): void {
  const { control } = context;
  const { database } = control.store;
  api.get(
    '/webhooks/:id/deliveries',
    {
      config: { access: 'notice.read' },
      schema: {
        tags,
        summary: 'What was sent to a webhook and what waits for it, the newest first',
        params: idParams,
        querystring: pageQuery,
        response: { 200: pageOf(delivery) },
      },
    },
    async (request) => {
      const row = await requireWebhook(database, organisationOf(request), request.params.id);
      return pageItems(await listDeliveries(database, row.id, request.query), deliveryItem);
    },
  );
  api.post(
    '/webhooks/:id/deliveries/:deliveryId/retry',
    {
      config: { access: 'notice.write' },
      schema: {
        tags,
        summary: 'Send an event once more, under its id',
        params: deliveryParams,
        response: { 200: delivery },
      },
    },
    async (request) => {
      const nowUnixMs = Math.round(control.clock.unixMs());
      const row = await change(control, principalOf(request), async (transaction) => {
        const { id: webhookId } = await requireWebhook(transaction, organisationOf(request), request.params.id);
        const found = await findDelivery(transaction, webhookId, request.params.deliveryId);
        if (!found) throw notFound('delivery', request.params.deliveryId);
        const again = { state: 'waiting', tries: 0, next_unix_ms: nowUnixMs, updated_unix_ms: nowUnixMs } as const;
        await updateDelivery(transaction, found.id, again);
        const note = { action: 'webhook.retry', subject: webhookId, detail: { delivery: found.id, type: found.type } };
        return { value: { ...found, ...again }, note };
      });
      control.notices.wake();
      return deliveryItem(row);
    },
  );
  testRoute(api, context);
}

function testRoute(api: Api, { control }: ApiContext): void {
  api.post(
    '/webhooks/:id/test',
    {
      config: { access: 'notice.write', refusals: ['webhook-full', 'webhook-off', 'webhook-rate-limited'] },
      schema: {
        tags,
        summary: 'Send a test event; its delivery tells what came of it',
        params: idParams,
        response: { 202: z.object({ deliveryId: id }) },
      },
    },
    async (request, reply) => {
      const organisationId = organisationOf(request);
      const limit = await control.limits.count(`webhook-test:${organisationId}`, WEBHOOK_TESTS_MAX);
      if (limit)
        throw new ControlFailure('webhook-rate-limited', 'too many test events; try again later', {
          retryAfterMs: limit.waitMs,
        });
      const deliveryId = await change(control, principalOf(request), async (transaction) => {
        const row = await requireWebhook(transaction, organisationId, request.params.id);
        if (row.enabled === 0) throw new ControlFailure('webhook-off', 'the webhook is switched off');
        const data = { webhookId: row.id, name: row.name };
        const sent = await send(control, transaction, row, { type: TEST_EVENT, data });
        if (sent === undefined) throw new ControlFailure('webhook-full', 'too many events wait for it already');
        return { value: sent, note: { action: 'webhook.test', subject: row.id } };
      });
      control.notices.wake();
      return reply.code(202).send({ deliveryId });
    },
  );
}

export async function requireWebhook(
  queries: Queries,
  organisationId: string,
  webhookId: string,
): Promise<WebhooksTable> {
  const row = await findWebhook(queries, organisationId, webhookId);
  if (!row) throw notFound('webhook', webhookId);
  return row;
}

function deliveryItem(row: WebhookDeliveriesTable): z.output<typeof delivery> {
  return {
    ...{ id: row.id, type: row.type, state: row.state, tries: row.tries },
    ...{ createdUnixMs: row.created_unix_ms, updatedUnixMs: row.updated_unix_ms },
    nextUnixMs: row.state === 'waiting' ? row.next_unix_ms : null,
    ...{ status: row.status, error: row.error, body: row.body },
  };
}
