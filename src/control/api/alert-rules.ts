import { z } from 'zod';
import {
  type AlertRulesTable,
  badConditions,
  deleteAlertRule,
  findAlertRule,
  insertAlertRule,
  listAlertRules,
  type Queries,
  raisedAlerts,
  updateAlertRule,
} from '../../io/store/index.ts';
import { change } from '../change.ts';
import { newId } from '../ids.ts';
import { ALERT_HOLD_MAX_MS, ALERT_HOLD_MIN_MS, ALERT_HOLD_MS, ALERT_RECIPIENTS_MAX } from '../notices/constants.ts';
import { membersAmong } from '../notices/recipients.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { type Api, type ApiContext, organisationOf, pageWith, principalOf } from './api.ts';
import { id, idParams, listQuery, name, nothing, pageOf, unixMs } from './schemas.ts';
import { requireWebhook } from './webhook-deliveries.ts';

const tags = ['alert-rules'];

const kind = z.enum(['site', 'pop', 'target', 'certificate']);
const subjectId = id.nullable().describe('the one that it is about; null: every one of its kind');
const holdMs = z
  .number()
  .int()
  .min(ALERT_HOLD_MIN_MS)
  .max(ALERT_HOLD_MAX_MS)
  .describe('how long it has to be bad before anybody is told');
const emails = z
  .array(z.string().trim().toLowerCase().min(3).max(254))
  .max(ALERT_RECIPIENTS_MAX)
  .describe('addresses of members');
const webhookIds = z.array(id).max(ALERT_RECIPIENTS_MAX).describe('get alert.raised and alert.recovered');

const fields = { name, kind, subjectId, holdMs, emails, webhookIds };
const alertRule = z.object({
  ...{ id, ...fields, enabled: z.boolean(), createdUnixMs: unixMs },
  raised: z
    .array(z.object({ subjectId: z.string(), name: z.string(), reason: z.string(), sinceUnixMs: unixMs }))
    .describe('what it has told of and what is not well yet'),
});
const newAlertRule = z.strictObject({
  ...fields,
  subjectId: subjectId.default(null),
  holdMs: holdMs.default(ALERT_HOLD_MS),
  emails: emails.default([]),
  webhookIds: webhookIds.default([]),
});
const alertRuleChange = z.strictObject({
  ...{ name: name.optional(), subjectId: subjectId.optional(), holdMs: holdMs.optional() },
  ...{ emails: emails.optional(), webhookIds: webhookIds.optional(), enabled: z.boolean().optional() },
});

export function alertRuleRoutes(api: Api, context: ApiContext): void {
  readRoutes(api, context);
  addRoute(api, context);
  changeRoutes(api, context);
}

function readRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;
  api.get(
    '/alert-rules',
    {
      config: { access: 'notice.read' },
      schema: { tags, summary: 'List alert rules', querystring: listQuery, response: { 200: pageOf(alertRule) } },
    },
    async (request) => {
      const page = await listAlertRules(database, organisationOf(request), request.query);
      return pageWith(page, await items(database, page.rows));
    },
  );
  api.get(
    '/alert-rules/:id',
    {
      config: { access: 'notice.read' },
      schema: { tags, summary: 'Read an alert rule', params: idParams, response: { 200: alertRule } },
    },
    async (request) => item(database, await requireRule(database, organisationOf(request), request.params.id)),
  );
}

function addRoute(api: Api, { control }: ApiContext): void {
  const { clock, random } = control;
  api.post(
    '/alert-rules',
    {
      config: { access: 'notice.write', refusals: ['alert-rule-invalid', 'name-taken', 'not-found', 'quota-reached'] },
      schema: { tags, summary: 'Add an alert rule', body: newAlertRule, response: { 201: alertRule } },
    },
    async (request, reply) => {
      const { body } = request;
      const row: AlertRulesTable = {
        ...{ id: newId('alr', clock, random), organisation_id: organisationOf(request), name: body.name },
        ...{ kind: body.kind, subject_id: body.subjectId, hold_ms: body.holdMs, emails: JSON.stringify(body.emails) },
        ...{ webhook_ids: JSON.stringify(body.webhookIds), enabled: 1, created_unix_ms: Math.round(clock.unixMs()) },
      };
      await change(control, principalOf(request), async (transaction) => {
        await requireRoom(control, transaction, row.organisation_id, 'alertRules');
        await requireRecipients(transaction, row);
        await insertAlertRule(transaction, row);
        return { value: undefined, note: { action: 'alert-rule.add', subject: row.id, detail: body } };
      });
      return reply.code(201).send(await item(control.store.database, row));
    },
  );
}

function changeRoutes(api: Api, { control }: ApiContext): void {
  api.patch(
    '/alert-rules/:id',
    {
      config: { access: 'notice.write', refusals: ['alert-rule-invalid', 'name-taken'] },
      schema: {
        tags,
        summary: 'Change an alert rule',
        params: idParams,
        body: alertRuleChange,
        response: { 200: alertRule },
      },
    },
    async (request) => {
      const { body } = request;
      const row = await change(control, principalOf(request), async (transaction) => {
        const before = await requireRule(transaction, organisationOf(request), request.params.id);
        const next: AlertRulesTable = {
          ...before,
          name: body.name ?? before.name,
          subject_id: body.subjectId === undefined ? before.subject_id : body.subjectId,
          hold_ms: body.holdMs ?? before.hold_ms,
          emails: body.emails ? JSON.stringify(body.emails) : before.emails,
          webhook_ids: body.webhookIds ? JSON.stringify(body.webhookIds) : before.webhook_ids,
          enabled: (body.enabled ?? before.enabled === 1) ? 1 : 0,
        };
        if (body.emails ?? body.webhookIds) await requireRecipients(transaction, next);
        await updateAlertRule(transaction, before.id, next);
        return { value: next, note: { action: 'alert-rule.change', subject: before.id, detail: body } };
      });
      return item(control.store.database, row);
    },
  );
  api.delete(
    '/alert-rules/:id',
    {
      config: { access: 'notice.write' },
      schema: { tags, summary: 'Remove an alert rule', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      await change(control, principalOf(request), async (transaction) => {
        const row = await requireRule(transaction, organisationOf(request), request.params.id);
        await deleteAlertRule(transaction, row.id);
        return { value: undefined, note: { action: 'alert-rule.remove', subject: row.id, detail: { name: row.name } } };
      });
      return reply.code(204).send(null);
    },
  );
}

async function requireRule(queries: Queries, organisationId: string, ruleId: string): Promise<AlertRulesTable> {
  const row = await findAlertRule(queries, organisationId, ruleId);
  if (!row) throw notFound('alert rule', ruleId);
  return row;
}

/** Somebody has to be told; mails go to members alone, so that nobody makes us mail strangers. */
async function requireRecipients(queries: Queries, row: AlertRulesTable): Promise<void> {
  const addresses = JSON.parse(row.emails) as string[];
  const hooks = JSON.parse(row.webhook_ids) as string[];
  if (addresses.length + hooks.length === 0)
    throw new ControlFailure('alert-rule-invalid', 'emails: an address or a webhook, so that somebody is told');
  const members = await membersAmong(queries, row.organisation_id, addresses);
  const stranger = addresses.find((address) => !members.includes(address));
  if (stranger !== undefined)
    throw new ControlFailure('alert-rule-invalid', `emails: ${stranger} is no member of the organisation`);
  for (const hook of hooks) await requireWebhook(queries, row.organisation_id, hook);
}

async function item(queries: Queries, row: AlertRulesTable): Promise<z.output<typeof alertRule>> {
  return (await items(queries, [row]))[0] as z.output<typeof alertRule>;
}

async function items(queries: Queries, rows: readonly AlertRulesTable[]): Promise<z.output<typeof alertRule>[]> {
  const conditions = new Map((await badConditions(queries)).map((row) => [row.id, row]));
  const raised = Map.groupBy(await raisedAlerts(queries), ({ rule_id: ruleId }) => ruleId);
  return rows.map((row) => ({
    ...{ id: row.id, name: row.name, kind: row.kind, subjectId: row.subject_id, holdMs: row.hold_ms },
    emails: JSON.parse(row.emails) as string[],
    webhookIds: JSON.parse(row.webhook_ids) as string[],
    ...{ enabled: row.enabled === 1, createdUnixMs: row.created_unix_ms },
    raised: (raised.get(row.id) ?? []).flatMap(({ condition_id: conditionId }) => {
      const told = conditions.get(conditionId);
      if (!told) return [];
      return [{ subjectId: told.subject_id, name: told.name, reason: told.reason, sinceUnixMs: told.since_unix_ms }];
    }),
  }));
}
