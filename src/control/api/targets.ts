import { z } from 'zod';
import {
  deleteTarget,
  findResource,
  findSite,
  findTarget,
  insertTarget,
  listTargets,
  type Page,
  type StoreTransaction,
  type TargetsTable,
  updateTarget,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import type { Control } from '../control.ts';
import { requireDeviceHost } from '../device-sites.ts';
import { newId } from '../ids.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { id, idParams, nothing, pageOf, pageQuery, unixMs } from './schemas.ts';
import { type CheckSettings, targetCheck } from './target-check.ts';
import { targetState, targetStates } from './target-health.ts';

const tls = z.strictObject({
  serverName: z.string().max(253).nullable().default(null),
  verify: z.boolean().default(true),
});

const target = z.object({
  id,
  resourceId: id,
  siteId: id,
  url: z.string(),
  overlayPort: z.number().int(),
  hostHeader: z.string().nullable(),
  tls: z.object({ serverName: z.string().nullable(), verify: z.boolean() }),
  priority: z.number().int(),
  weight: z.number().int(),
  check: targetCheck.nullable(),
  createdUnixMs: unixMs,
});

const listedTarget = target.extend({ state: targetState.describe('as PoPs find it; see its health') });

const settings = {
  url: z.string().max(512).describe('`http://host:port` or `https://host:port`, as the connector reaches it'),
  hostHeader: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[\x21-\x7e]+$/)
    .nullable(),
  tls,
  priority: z.number().int().min(0).max(1000),
  weight: z.number().int().min(0).max(1_000_000),
  check: targetCheck.nullable().describe('made by the connectors of the site; null: none'),
};

export const targetBody = z.strictObject({
  siteId: id,
  url: settings.url,
  hostHeader: settings.hostHeader.default(null),
  tls: tls.prefault({}),
  priority: settings.priority.default(0),
  weight: settings.weight.default(1),
  check: settings.check.default(null),
});

export function targetItem(row: TargetsTable): z.output<typeof target> {
  const host = row.host.includes(':') ? `[${row.host}]` : row.host;
  return {
    id: row.id,
    resourceId: row.resource_id,
    siteId: row.site_id,
    url: `${row.scheme}://${host}:${row.port}`,
    overlayPort: row.overlay_port,
    hostHeader: row.host_header,
    tls: { serverName: row.tls_server_name, verify: row.tls_verify === 1 },
    priority: row.priority,
    weight: row.weight,
    check: row.check_settings === null ? null : (JSON.parse(row.check_settings) as CheckSettings),
    createdUnixMs: row.created_unix_ms,
  };
}

/** Adds a target inside a transaction that is under way. */
export async function addTarget(
  control: Control,
  transaction: StoreTransaction,
  organisationId: string,
  resourceId: string,
  body: z.output<typeof targetBody>,
): Promise<TargetsTable> {
  if (!(await findSite(transaction, organisationId, body.siteId)))
    throw new ControlFailure('site-unknown', `siteId: there is no site ${JSON.stringify(body.siteId)}`);
  const columns = columnsOf(body.url);
  await requireDeviceHost(transaction, { site_id: body.siteId, ...columns });
  const row = {
    id: newId('tgt', control.clock, control.random),
    organisation_id: organisationId,
    resource_id: resourceId,
    site_id: body.siteId,
    ...columns,
    host_header: body.hostHeader,
    tls_server_name: body.tls.serverName,
    tls_verify: body.tls.verify ? (1 as const) : (0 as const),
    priority: body.priority,
    weight: body.weight,
    check_settings: body.check && JSON.stringify(body.check),
    created_unix_ms: Math.round(control.clock.unixMs()),
  };
  return { ...row, overlay_port: await insertTarget(transaction, row) };
}

export function targetRoutes(api: Api, context: ApiContext): void {
  readTargetRoutes(api, context);
  changeTargetRoutes(api, context);
  removeTargetRoute(api, context);
}

function readTargetRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;
  const tags = ['targets'];

  api.get(
    '/resources/:id/targets',
    {
      config: { access: 'resource.read' },
      schema: {
        tags,
        summary: "List a resource's targets",
        params: idParams,
        querystring: pageQuery,
        response: { 200: pageOf(listedTarget) },
      },
    },
    async (request) => {
      const organisationId = organisationOf(request);
      const { id: resourceId } = request.params;
      if (!(await findResource(store.database, organisationId, resourceId))) throw notFound('resource', resourceId);
      return listed(control, await listTargets(store.database, organisationId, request.query, resourceId));
    },
  );

  api.get(
    '/targets',
    {
      config: { access: 'resource.read' },
      schema: { tags, summary: 'List targets', querystring: pageQuery, response: { 200: pageOf(listedTarget) } },
    },
    async (request) => listed(control, await listTargets(store.database, organisationOf(request), request.query)),
  );

  api.get(
    '/targets/:id',
    {
      config: { access: 'resource.read' },
      schema: { tags, summary: 'Read a target', params: idParams, response: { 200: target } },
    },
    async (request) => {
      const row = await findTarget(store.database, organisationOf(request), request.params.id);
      if (!row) throw notFound('target', request.params.id);
      return targetItem(row);
    },
  );
}

async function listed(control: Control, page: Page<TargetsTable>) {
  const stateOf = await targetStates(
    control,
    page.rows.map((row) => row.id),
  );
  return pageItems(page, (row) => ({ ...targetItem(row), state: stateOf(row.id) }));
}

function changeTargetRoutes(api: Api, { control }: ApiContext): void {
  const tags = ['targets'];

  api.post(
    '/resources/:id/targets',
    {
      config: { access: 'resource.write' },
      schema: { tags, summary: 'Add a target', params: idParams, body: targetBody, response: { 201: target } },
    },
    async (request, reply) => {
      const { id: resourceId } = request.params;
      const row = await publishChange(control, principalOf(request), async (transaction) => {
        const organisationId = organisationOf(request);
        if (!(await findResource(transaction, organisationId, resourceId))) throw notFound('resource', resourceId);
        const value = await addTarget(control, transaction, organisationId, resourceId, request.body);
        return { value, note: { action: 'target.add', subject: value.id, detail: { ...request.body, resourceId } } };
      });
      return reply.code(201).send(targetItem(row));
    },
  );

  api.patch(
    '/targets/:id',
    {
      config: { access: 'resource.write' },
      schema: {
        tags,
        summary: 'Change a target',
        params: idParams,
        body: z.strictObject(settings).partial(),
        response: { 200: target },
      },
    },
    async (request) => {
      const { url, hostHeader, tls: security, priority, weight, check } = request.body;
      const { id: targetId } = request.params;
      return publishChange(control, principalOf(request), async (transaction) => {
        await updateTarget(transaction, organisationOf(request), targetId, {
          ...(url !== undefined && columnsOf(url)),
          ...(hostHeader !== undefined && { host_header: hostHeader }),
          ...(security && { tls_server_name: security.serverName, tls_verify: security.verify ? 1 : 0 }),
          ...(priority !== undefined && { priority }),
          ...(weight !== undefined && { weight }),
          ...(check !== undefined && { check_settings: check && JSON.stringify(check) }),
        });
        const row = await changedTarget(transaction, organisationOf(request), targetId);
        return { value: targetItem(row), note: { action: 'target.change', subject: targetId, detail: request.body } };
      });
    },
  );
}

function removeTargetRoute(api: Api, { control }: ApiContext): void {
  const tags = ['targets'];

  api.delete(
    '/targets/:id',
    {
      config: { access: 'resource.write' },
      schema: { tags, summary: 'Remove a target', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { id: targetId } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        if (!(await deleteTarget(transaction, organisationOf(request), targetId))) throw notFound('target', targetId);
        return { value: undefined, note: { action: 'target.remove', subject: targetId } };
      });
      return reply.code(204).send(null);
    },
  );
}

/** What a target is after a change, if it may be so. */
async function changedTarget(
  transaction: StoreTransaction,
  organisationId: string,
  targetId: string,
): Promise<TargetsTable> {
  const row = await findTarget(transaction, organisationId, targetId);
  if (!row) throw notFound('target', targetId);
  await requireDeviceHost(transaction, row);
  return row;
}

const TARGET_URL = /^https?:\/\/(?<host>\[[^\]]*\]|[^/:]+)(?::(?<port>0|[1-9][0-9]*))?\/?$/i;

/**
 * Whether a URL means what it says. Parsing drops line ends and tabs, takes `\` for `/`, and reads `0x7f.1`, `%61` or
 * full-width letters as other hosts than are written: whoever reads the target later would see something else.
 */
function isAsWritten(url: string, parsed: URL): boolean {
  const host = TARGET_URL.exec(url)?.groups?.['host'];
  return host !== undefined && (host.startsWith('[') || host.toLowerCase() === parsed.hostname);
}

/** `http://host:port`, nothing more. Failure `target-invalid`. */
function columnsOf(url: string): Pick<TargetsTable, 'scheme' | 'host' | 'port'> {
  const parsed = URL.parse(url);
  const scheme = parsed?.protocol === 'https:' ? 'https' : 'http';
  const plain =
    parsed !== null &&
    isAsWritten(url, parsed) &&
    (parsed.protocol === 'http:' || parsed.protocol === 'https:') &&
    parsed.hostname !== '' &&
    parsed.port !== '0' &&
    `${parsed.pathname}${parsed.search}${parsed.hash}${parsed.username}${parsed.password}` === '/';
  if (!plain) {
    const expected = 'http://host:port or https://host:port, without path or user';
    const problems = [{ path: 'url', expected, found: JSON.stringify(url.slice(0, 80)) }];
    throw new ControlFailure('target-invalid', `url: expected ${expected}`, { problems });
  }
  return {
    scheme,
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? (scheme === 'https' ? 443 : 80) : Number(parsed.port),
  };
}
