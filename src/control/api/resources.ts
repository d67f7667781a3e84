import { z } from 'zod';
import { DEFAULT_BALANCE } from '../../core/routing/index.ts';
import {
  allDomains,
  deleteResource,
  findIdentityProvider,
  findResource,
  insertResource,
  listResources,
  type ResourcesTable,
  type StoreTransaction,
  updateResource,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { requireFreeHost } from '../host-claims.ts';
import { normaliseHost } from '../host-names.ts';
import { newId } from '../ids.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { requireOwn } from '../rights.ts';
import { hostOf, listenItem } from '../stream-resources.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { readPolicy, scopeOf } from './policy-shapes.ts';
import { RESOURCE_REFUSALS } from './refusals.ts';
import { balance, listedResource, resource, resourceItem } from './resource-shapes.ts';
import { id, idParams, name, nothing, pageOf, resourcesQuery } from './schemas.ts';
import { streamListenerRoute } from './stream-listeners.ts';
import {
  changedStreamColumns,
  hostFor,
  kind,
  listenBody,
  moveTargets,
  newStreamColumns,
  proxyBody,
  requirePlace,
} from './stream-settings.ts';
import { resourceStates } from './target-health.ts';
import { targetBody } from './target-shapes.ts';
import { addTarget } from './targets.ts';

const settings = {
  name,
  host: z.string().min(1).max(253),
  enabled: z.boolean(),
  policy: z.unknown().describe('see the policy of a resource'),
  ...balance,
  listen: listenBody.describe('of kinds tcp, udp and tls'),
  proxyProtocol: proxyBody.nullable().describe('of kinds tcp, udp and tls; null: neither read nor written'),
  providerId: id.nullable().describe('identity provider that people are led to at once; null: they choose'),
};

export const newResource = z.strictObject({
  name,
  kind: kind.default('http'),
  host: settings.host.optional().describe('needed for http and tls; of tls what clients ask for'),
  listen: settings.listen.optional(),
  proxyProtocol: settings.proxyProtocol.default(null),
  enabled: settings.enabled.default(true),
  policy: settings.policy.optional(),
  balancing: settings.balancing.default(DEFAULT_BALANCE.balancing),
  sticky: settings.sticky.default(DEFAULT_BALANCE.sticky),
  panicThreshold: settings.panicThreshold.default(DEFAULT_BALANCE.panicThreshold),
  providerId: settings.providerId.default(null),
  targets: z.array(targetBody).max(64).default([]),
});

export function resourceRoutes(api: Api, context: ApiContext): void {
  readResourceRoutes(api, context);
  addResourceRoutes(api, context);
  changeResourceRoutes(api, context);
  endResourceRoutes(api, context);
  streamListenerRoute(api, context);
}

async function mustKnowProvider(
  transaction: StoreTransaction,
  organisationId: string,
  providerId: string | null | undefined,
): Promise<void> {
  if (typeof providerId !== 'string') return;
  if (!(await findIdentityProvider(transaction, organisationId, providerId)))
    throw new ControlFailure('provider-unknown', 'providerId: there is no such identity provider');
}

function readResourceRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;
  const tags = ['resources'];

  api.get(
    '/resources',
    {
      config: { access: 'resource.read' },
      schema: {
        tags,
        summary: 'List resources',
        querystring: resourcesQuery,
        response: { 200: pageOf(listedResource) },
      },
    },
    async (request) => {
      const domains = await allDomains(store.database);
      const page = await listResources(store.database, organisationOf(request), request.query);
      const ids = page.rows.map((row) => row.id);
      const healthOf = await resourceStates(control, organisationOf(request), ids);
      return pageItems(page, (row) => ({ ...resourceItem(control, row, domains), health: healthOf(row.id) }));
    },
  );

  api.get(
    '/resources/:id',
    {
      config: { access: 'resource.read' },
      schema: { tags, summary: 'Read a resource', params: idParams, response: { 200: resource } },
    },
    async (request) => {
      const row = await findResource(store.database, organisationOf(request), request.params.id);
      if (!row) throw notFound('resource', request.params.id);
      return resourceItem(control, row, await allDomains(store.database));
    },
  );
}

function addResourceRoutes(api: Api, { control }: ApiContext): void {
  const { clock, random, portalHost } = control;
  const tags = ['resources'];

  api.post(
    '/resources',
    {
      config: {
        access: 'resource.write',
        refusals: [...RESOURCE_REFUSALS, 'site-unknown', 'target-needs-address'],
      },
      schema: {
        tags,
        summary: 'Add a resource; without a policy it lets nobody in',
        body: newResource,
        response: { 201: resource },
      },
    },
    async (request, reply) => {
      const { body } = request;
      if (body.policy !== undefined) requireOwn(principalOf(request), ['policy.write']);
      const resourceId = newId('res', clock, random);
      const row: ResourcesTable = {
        id: resourceId,
        organisation_id: organisationOf(request),
        name: body.name,
        host: hostFor(body, resourceId, portalHost),
        ...newStreamColumns(body),
        enabled: body.enabled ? 1 : 0,
        policy: JSON.stringify(readPolicy(body.policy ?? { rules: [] }, 'policy', scopeOf(body.kind))),
        balancing: body.balancing,
        sticky: body.sticky,
        panic_threshold: body.panicThreshold,
        provider_id: body.providerId,
        http_settings: null,
        created_unix_ms: Math.round(clock.unixMs()),
      };
      await publishChange(control, principalOf(request), async (transaction) => {
        if (hostOf(row) !== '') await requireFreeHost(control, transaction, row);
        await requirePlace(control, transaction, row);
        await mustKnowProvider(transaction, row.organisation_id, body.providerId);
        await requireRoom(control, transaction, row.organisation_id, 'resources');
        await insertResource(transaction, row);
        await control.hostCertificates.comes(transaction, row);
        for (const target of body.targets) await addTarget(control, transaction, row.organisation_id, row, target);
        const detail = {
          name: row.name,
          host: hostOf(row),
          ...(row.kind !== 'http' && { kind: row.kind, listen: listenItem(row) }),
          targets: body.targets.map((target) => target.url),
        };
        return { value: row, note: { action: 'resource.add', subject: row.id, detail } };
      });
      await control.hostsChanged();
      return reply.code(201).send(resourceItem(control, row, await allDomains(control.store.database)));
    },
  );
}

function changeResourceRoutes(api: Api, { control }: ApiContext): void {
  const { portalHost } = control;
  const tags = ['resources'];

  api.patch(
    '/resources/:id',
    {
      config: { access: 'resource.write', refusals: RESOURCE_REFUSALS },
      schema: {
        tags,
        summary: 'Change a resource',
        params: idParams,
        body: z.strictObject(settings).partial(),
        response: { 200: resource },
      },
    },
    async (request) => {
      const { body } = request;
      const { id: resourceId } = request.params;
      if (body.policy !== undefined) requireOwn(principalOf(request), ['policy.write']);
      const before = await findResource(control.store.database, organisationOf(request), resourceId);
      if (!before) throw notFound('resource', resourceId);
      const change = {
        ...(body.name !== undefined && { name: body.name }),
        ...(body.host !== undefined && { host: normaliseHost(body.host, portalHost) }),
        ...(body.enabled !== undefined && { enabled: body.enabled ? (1 as const) : (0 as const) }),
        ...(body.policy !== undefined && {
          policy: JSON.stringify(readPolicy(body.policy, 'policy', scopeOf(before.kind))),
        }),
        ...changedStreamColumns(before, body),
        ...(body.balancing !== undefined && { balancing: body.balancing }),
        ...(body.sticky !== undefined && { sticky: body.sticky }),
        ...(body.panicThreshold !== undefined && { panic_threshold: body.panicThreshold }),
        ...(body.providerId !== undefined && { provider_id: body.providerId }),
      };
      const changed = await publishChange(control, principalOf(request), async (transaction) => {
        const organisationId = organisationOf(request);
        await mustKnowProvider(transaction, organisationId, body.providerId);
        const found = await updateResource(transaction, organisationId, resourceId, change);
        const row = found ? await findResource(transaction, organisationId, resourceId) : undefined;
        if (!row) throw notFound('resource', resourceId);
        // A host may have gone to somebody who proved its domain while the resource was off.
        const begins = change.host !== undefined || change.enabled === 1;
        if (begins && hostOf(row) !== '') await requireFreeHost(control, transaction, row);
        if (row.host !== before.host) {
          await control.hostCertificates.goes(transaction, before);
          await control.hostCertificates.comes(transaction, row);
        }
        if (change.listen !== undefined) await moveTargets(control, transaction, before, row);
        return {
          value: resourceItem(control, row, await allDomains(transaction)),
          note: { action: 'resource.change', subject: resourceId, detail: change },
        };
      });
      if (body.host !== undefined) await control.hostsChanged();
      return changed;
    },
  );
}

function endResourceRoutes(api: Api, { control }: ApiContext): void {
  const { clock } = control;
  const tags = ['resources'];

  api.delete(
    '/resources/:id',
    {
      config: { access: 'resource.write' },
      schema: { tags, summary: 'Remove a resource and its targets', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { id: resourceId } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        const row = await findResource(transaction, organisationOf(request), resourceId);
        if (!row || !(await deleteResource(transaction, row.organisation_id, resourceId)))
          throw notFound('resource', resourceId);
        await control.hostCertificates.goes(transaction, row);
        const revoke = [{ kind: 'resource' as const, resourceId, atUnixMs: Math.round(clock.unixMs()) }];
        return { value: undefined, note: { action: 'resource.remove', subject: resourceId }, revoke };
      });
      await control.hostsChanged();
      return reply.code(204).send(null);
    },
  );
}
