import { z } from 'zod';
import { parsePrefix } from '../../base/index.ts';
import {
  type AuditEventsTable,
  type AuditMode,
  type AuditSettingsTable,
  auditSettingsOf,
  findResource,
  listAuditEvents,
  putAuditSetting,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { id, idParams, pageOf, pageQuery, unixMs } from './schemas.ts';

const text = z.string().min(1).max(1024);
const moment = z.coerce.number().int().min(0);

const filterShape = pageQuery.extend({
  actor: text.optional().describe('`user:` and an id, `guest:` and an address, `credential:` and an id, `key:` ...'),
  action: text.optional().describe('`request` for decisions of PoPs, else what was changed: `resource.add`'),
  subject: text.optional().describe('id of the resource, or of what was changed'),
  outcome: text.optional().describe('of requests allow, deny, challenge, error; else done, refused'),
  source: text.optional().describe('`control`, or the id of a PoP'),
  clientAddress: text.optional().describe('an address, or a block such as 203.0.113.0/24'),
  requestId: text.optional().describe('as an error page and `X-Manis-Request-Id` say it'),
  sinceUnixMs: moment.optional().describe('from then on'),
  untilUnixMs: moment.optional().describe('before then'),
});

const auditEvent = z.object({
  id,
  unixMs,
  source: z.string(),
  actor: z.string().nullable(),
  action: z.string(),
  subject: z.string().nullable(),
  outcome: z.string(),
  clientAddress: z.string(),
  requestId: z.string().nullable(),
  detail: z.looseObject({}).describe('of a request: method, host, path, reason, ruleId, ruleName, methods, country'),
});

export const auditMode = z.enum(['sampled', 'all']);
const settings = z.object({
  mode: auditMode.describe('sampled: the first of a kind in a while; all: every decision'),
  resources: z.array(z.object({ resourceId: id, mode: auditMode })).describe('those of which something else is said'),
});

export function auditRoutes(api: Api, context: ApiContext): void {
  listRoute(api, context);
  settingRoutes(api, context);
}

function listRoute(api: Api, { control }: ApiContext): void {
  api.get(
    '/audit',
    {
      config: { access: 'audit.read' },
      schema: {
        tags: ['audit'],
        summary: 'Changes, sign-ins and requests, the newest first',
        querystring: filterShape,
        response: { 200: pageOf(auditEvent) },
      },
    },
    async (request) => {
      const { isInstallationAdmin } = principalOf(request);
      const organisationId = organisationOf(request);
      const page = await listAuditEvents(
        control.store.database,
        organisationId,
        isInstallationAdmin,
        withBlock(request.query),
      );
      return pageItems(page, item);
    },
  );
}

/** An address as it was written before addresses could be searched by block is found by its text. Failure `request-invalid`. */
function withBlock({ clientAddress, ...filter }: z.output<typeof filterShape>) {
  if (clientAddress === undefined) return filter;
  if (!clientAddress.includes('/')) return { ...filter, clientAddress };
  const clientBlock = parsePrefix(clientAddress);
  if (clientBlock) return { ...filter, clientBlock };
  const problems = [{ path: 'clientAddress', expected: 'an address, or a block such as 203.0.113.0/24' }];
  throw new ControlFailure('request-invalid', 'clientAddress: this is no block of addresses', { problems });
}

function item(row: AuditEventsTable): z.output<typeof auditEvent> {
  return {
    id: row.id,
    unixMs: row.unix_ms,
    source: row.source,
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    outcome: row.outcome,
    clientAddress: row.client_address,
    requestId: row.request_id ?? null,
    detail: JSON.parse(row.detail) as Record<string, unknown>,
  };
}

function settingRoutes(api: Api, { control }: ApiContext): void {
  const tags = ['audit'];
  const body = z.strictObject({ mode: auditMode.nullable().describe('null: as the organisation says') });

  api.get(
    '/audit/settings',
    {
      config: { access: 'audit.read' },
      schema: { tags, summary: 'Which decisions are audited', response: { 200: settings } },
    },
    async (request) => settingsItem(await auditSettingsOf(control.store.database, organisationOf(request))),
  );

  api.put(
    '/audit/settings',
    {
      config: { access: 'organisation.write' },
      schema: {
        tags,
        summary: 'Say which decisions are audited, at resources that say nothing themselves',
        body: z.strictObject({ mode: auditMode }),
        response: { 200: settings },
      },
    },
    async (request) => put(organisationOf(request), request.body.mode, '', principalOf(request)),
  );

  api.put(
    '/audit/settings/resources/:id',
    {
      config: { access: 'resource.write' },
      schema: {
        tags,
        summary: 'Say which decisions at a resource are audited',
        params: idParams,
        body,
        response: { 200: settings },
      },
    },
    async (request) => put(organisationOf(request), request.body.mode, request.params.id, principalOf(request)),
  );

  function put(
    organisationId: string,
    newMode: AuditMode | null,
    resourceId: string,
    principal: ReturnType<typeof principalOf>,
  ): Promise<z.output<typeof settings>> {
    return publishChange(control, principal, async (transaction) => {
      if (resourceId !== '' && !(await findResource(transaction, organisationId, resourceId)))
        throw notFound('resource', resourceId);
      await putAuditSetting(transaction, organisationId, resourceId, newMode);
      const value = settingsItem(await auditSettingsOf(transaction, organisationId));
      const note = { action: 'audit.set', subject: resourceId || organisationId, detail: { mode: newMode } };
      return { value, note };
    });
  }
}

function settingsItem(rows: readonly AuditSettingsTable[]): z.output<typeof settings> {
  return {
    mode: rows.find((row) => row.resource_id === '')?.mode ?? 'sampled',
    resources: rows
      .filter((row) => row.resource_id !== '')
      .map((row) => ({ resourceId: row.resource_id, mode: row.mode })),
  };
}
