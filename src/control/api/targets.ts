import { z } from 'zod';
import { parseTargetUrl, TARGET_URL_FORMS } from '../../core/routing/index.ts';
import {
  deleteTarget,
  findResource,
  findSite,
  findTarget,
  insertTarget,
  listTargets,
  type Page,
  type ResourcesTable,
  type StoreTransaction,
  type TargetsTable,
  updateTarget,
} from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { publishChange } from '../change.ts';
import type { Control } from '../control.ts';
import { requireDeviceHost } from '../device-sites.ts';
import { newId } from '../ids.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { portCountOf, requireFitting } from '../stream-resources.ts';
import { backendOf, columnsOfUrl, storedBackend, urlOf } from '../target-backend.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { TARGET_REFUSALS } from './refusals.ts';
import { idParams, nothing, targetsQuery } from './schemas.ts';
import { targetStates } from './target-health.ts';
import { target, targetBody, targetItem, targetPage, targetSettings } from './target-shapes.ts';
import { changedTls, type TlsChanges, tlsChanges, withoutKey } from './target-tls.ts';

/** Adds a target inside a transaction that is under way. */
export async function addTarget(
  control: Control,
  transaction: StoreTransaction,
  organisationId: string,
  resource: Pick<ResourcesTable, 'id' | 'kind' | 'listen'>,
  body: z.output<typeof targetBody>,
): Promise<TargetsTable> {
  if (!(await findSite(transaction, organisationId, body.siteId)))
    throw new ControlFailure('site-unknown', `siteId: there is no site ${JSON.stringify(body.siteId)}`);
  await requireRoom(control, transaction, organisationId, 'targets');
  const { speech, ...columns } = columnsOf(body.url);
  await requireDeviceHost(transaction, { site_id: body.siteId, ...columns });
  const targetId = newId('tgt', control.clock, control.random);
  const blank = { id: targetId, ...columns, tls_server_name: null, tls_verify: 1 as const };
  const { backend, ...tls } = changedTls(blank, speech, body.tls, control.keys.sealing);
  const row = {
    id: targetId,
    organisation_id: organisationId,
    resource_id: resource.id,
    site_id: body.siteId,
    ...columns,
    host_header: body.hostHeader,
    ...tls,
    backend: storedBackend(backend),
    priority: body.priority,
    weight: body.weight,
    check_settings: body.check && JSON.stringify(body.check),
    port_count: portCountOf(resource),
    created_unix_ms: Math.round(control.clock.unixMs()),
  };
  requireFitting(resource.kind, row, row.port_count);
  return { ...row, overlay_port: await insertTarget(transaction, row) };
}

export function targetRoutes(api: Api, context: ApiContext): void {
  readTargetRoutes(api, context);
  addTargetRoute(api, context);
  changeTargetRoute(api, context);
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
        querystring: targetsQuery,
        response: { 200: targetPage },
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
      schema: { tags, summary: 'List targets', querystring: targetsQuery, response: { 200: targetPage } },
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

function addTargetRoute(api: Api, { control }: ApiContext): void {
  const tags = ['targets'];

  api.post(
    '/resources/:id/targets',
    {
      config: {
        access: 'resource.write',
        refusals: [...TARGET_REFUSALS, 'quota-reached', 'site-unknown'],
      },
      schema: { tags, summary: 'Add a target', params: idParams, body: targetBody, response: { 201: target } },
    },
    async (request, reply) => {
      const { id: resourceId } = request.params;
      const row = await publishChange(control, principalOf(request), async (transaction) => {
        const organisationId = organisationOf(request);
        const resource = await findResource(transaction, organisationId, resourceId);
        if (!resource) throw notFound('resource', resourceId);
        const value = await addTarget(control, transaction, organisationId, resource, request.body);
        return {
          value,
          note: { action: 'target.add', subject: value.id, detail: { ...withoutKey(request.body), resourceId } },
        };
      });
      return reply.code(201).send(targetItem(row));
    },
  );
}

function changeTargetRoute(api: Api, { control }: ApiContext): void {
  const tags = ['targets'];

  api.patch(
    '/targets/:id',
    {
      config: { access: 'resource.write', refusals: TARGET_REFUSALS },
      schema: {
        tags,
        summary: 'Change a target',
        params: idParams,
        body: z.strictObject({ ...targetSettings, tls: tlsChanges }).partial(),
        response: { 200: target },
      },
    },
    async (request) => {
      const { hostHeader, priority, weight, check } = request.body;
      const { id: targetId } = request.params;
      return publishChange(control, principalOf(request), async (transaction) => {
        const before = await findTarget(transaction, organisationOf(request), targetId);
        if (!before) throw notFound('target', targetId);
        await updateTarget(transaction, organisationOf(request), targetId, {
          ...changedBackend(before, request.body, control.keys.sealing),
          ...(hostHeader !== undefined && { host_header: hostHeader }),
          ...(priority !== undefined && { priority }),
          ...(weight !== undefined && { weight }),
          ...(check !== undefined && { check_settings: check && JSON.stringify(check) }),
        });
        const row = await changedTarget(transaction, organisationOf(request), targetId);
        return {
          value: targetItem(row),
          note: { action: 'target.change', subject: targetId, detail: withoutKey(request.body) },
        };
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

/** The columns that a change of the URL or of TLS comes to. What belongs to TLS stays where a target goes without it. */
function changedBackend(
  before: TargetsTable,
  { url, tls }: { readonly url?: string | undefined; readonly tls?: TlsChanges | undefined },
  sealing: StoreSealing,
) {
  if (url === undefined && tls === undefined) return {};
  const { speech, ...columns } = columnsOf(url ?? urlOf(before));
  const { caPem, clientCertificate } = backendOf(before);
  const had = { ...speech, ...(caPem !== undefined && { caPem }), ...(clientCertificate && { clientCertificate }) };
  const { backend, ...security } = changedTls({ ...before, ...columns }, had, tls ?? {}, sealing);
  return { ...columns, ...security, backend: storedBackend(backend) };
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
  const resource = await findResource(transaction, organisationId, row.resource_id);
  if (resource) requireFitting(resource.kind, row, row.port_count);
  return row;
}

/** Failure `target-invalid`. */
function columnsOf(url: string) {
  const parsed = parseTargetUrl(url);
  if (parsed) return columnsOfUrl(parsed);
  const problems = [{ path: 'url', expected: TARGET_URL_FORMS, found: JSON.stringify(url.slice(0, 80)) }];
  throw new ControlFailure('target-invalid', `url: expected ${TARGET_URL_FORMS}`, { problems });
}
