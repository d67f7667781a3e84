import { z } from 'zod';
import { compareVersions } from '../../core/link/index.ts';
import {
  deleteQuickTunnel,
  deleteTarget,
  findQuickTunnel,
  findResource,
  findTarget,
  keepForGood,
  leaseQuickTunnel,
  listConnectors,
  listQuickTunnels,
  type QuickTunnelsTable,
  type ResourcesTable,
  type StoreTransaction,
  updateCredential,
  updateResource,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import type { Control } from '../control.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { publicUrl } from '../public-url.ts';
import { QUICK_TUNNEL_LEASE_MS } from '../quick-tunnels/constants.ts';
import { endQuickTunnel, resourceIdsOf, sweepQuickTunnels } from '../quick-tunnels/ending.ts';
import { makeQuickTunnel } from '../quick-tunnels/making.ts';
import { liveQuickTunnel, madeQuickTunnel, newQuickTunnel, quickTunnel } from '../quick-tunnels/shapes.ts';
import { requireOwn } from '../rights.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { TARGET_REFUSALS } from './refusals.ts';
import { idParams, name, nothing, pageOf, pageQuery } from './schemas.ts';
import { targetBody } from './target-shapes.ts';
import { addTarget } from './targets.ts';

const tags = ['quick tunnels'];
const read = { access: 'quick-tunnel.read' as const };
const write = { access: 'quick-tunnel.write' as const };

export function quickTunnelRoutes(api: Api, context: ApiContext): void {
  readQuickTunnelRoutes(api, context);
  addQuickTunnelRoute(api, context);
  renewQuickTunnelRoute(api, context);
  keepQuickTunnelRoute(api, context);
  endQuickTunnelRoute(api, context);
}

function itemOf(control: Control, row: QuickTunnelsTable, resources: readonly ResourcesTable[]) {
  return {
    ...{ id: row.id, name: row.name, siteId: row.site_id },
    applications: resources.map(({ id, name, host }) => ({
      resourceId: id,
      name,
      host,
      url: publicUrl(control, host),
    })),
    ...{ createdBy: row.created_by, createdUnixMs: row.created_unix_ms },
    ...{ expiresUnixMs: row.expires_unix_ms, leaseUnixMs: row.lease_unix_ms },
  };
}

async function storedItem(control: Control, row: QuickTunnelsTable) {
  const resources: ResourcesTable[] = [];
  for (const id of resourceIdsOf(row)) {
    const resource = await findResource(control.store.database, row.organisation_id, id);
    if (resource) resources.push(resource);
  }
  return itemOf(control, row, resources);
}

async function requireQuickTunnel(control: Control, organisationId: string, id: string): Promise<QuickTunnelsTable> {
  const row = await findQuickTunnel(control.store.database, organisationId, id);
  if (!row) throw notFound('quick tunnel', id);
  return row;
}

async function isReady({ store, links, publisher }: Control, row: QuickTunnelsTable): Promise<boolean> {
  const { rows } = await listConnectors(store.database, row.organisation_id, { limit: 10 }, row.site_id);
  const ids = new Set(rows.map(({ id }) => id));
  const pops = await links.pops();
  const version = publisher.current?.version;
  const isBehind = ({ applied }: (typeof pops)[number]): boolean =>
    version !== undefined && (applied === null || compareVersions(applied, version) < 0);
  const isUp = pops.some(({ connectors }) =>
    connectors.some(({ connectorId, state }) => ids.has(connectorId) && state === 'up'),
  );
  return isUp && !pops.some(isBehind);
}

function readQuickTunnelRoutes(api: Api, { control }: ApiContext): void {
  const { database } = control.store;

  api.get(
    '/quick-tunnels',
    {
      config: read,
      schema: { tags, summary: 'List quick tunnels', querystring: pageQuery, response: { 200: pageOf(quickTunnel) } },
    },
    async (request) => {
      const page = await listQuickTunnels(database, organisationOf(request), request.query);
      const items = await Promise.all(page.rows.map((row) => storedItem(control, row)));
      return { ...pageItems(page, (row) => row), items };
    },
  );

  api.get(
    '/quick-tunnels/:id',
    {
      config: read,
      schema: { tags, summary: 'Read a quick tunnel', params: idParams, response: { 200: liveQuickTunnel } },
    },
    async (request) => {
      const row = await requireQuickTunnel(control, organisationOf(request), request.params.id);
      return { ...(await storedItem(control, row)), ready: await isReady(control, row) };
    },
  );
}

function addQuickTunnelRoute(api: Api, { control }: ApiContext): void {
  api.post(
    '/quick-tunnels',
    {
      config: {
        ...write,
        refusals: [
          ...TARGET_REFUSALS,
          'host-invalid',
          'host-reserved',
          'host-taken',
          'policy-invalid',
          'quick-tunnel-nowhere',
          'quota-reached',
          'secret-not-chosen',
          'secret-weak',
          'sign-in-busy',
          'site-unknown',
        ],
      },
      schema: {
        tags,
        summary: 'Publish for a while: a site, resources and what lets people in, which end together',
        body: newQuickTunnel,
        response: { 201: madeQuickTunnel },
      },
    },
    async (request, reply) => {
      // Those that are over are nobody's reason to refuse.
      await sweepQuickTunnels(control);
      const made = await makeQuickTunnel(control, principalOf(request), organisationOf(request), request.body);
      const { row, resources, joinToken, secret = null } = made;
      return reply.code(201).send({ ...itemOf(control, row, resources), joinToken, secret });
    },
  );
}

function renewQuickTunnelRoute(api: Api, { control }: ApiContext): void {
  api.post(
    '/quick-tunnels/:id/renew',
    {
      config: write,
      schema: {
        tags,
        summary: 'Say that the program of a quick tunnel lives; without this it ends after some minutes',
        params: idParams,
        response: { 200: liveQuickTunnel },
      },
    },
    async (request) => {
      const row = await requireQuickTunnel(control, organisationOf(request), request.params.id);
      const lease_unix_ms = Math.round(control.clock.unixMs()) + QUICK_TUNNEL_LEASE_MS;
      await leaseQuickTunnel(control.store.database, row.id, lease_unix_ms);
      const item = await storedItem(control, { ...row, lease_unix_ms });
      return { ...item, ready: await isReady(control, row) };
    },
  );
}

function keepQuickTunnelRoute(api: Api, { control }: ApiContext): void {
  api.post(
    '/quick-tunnels/:id/keep',
    {
      config: {
        ...write,
        refusals: [...TARGET_REFUSALS, 'quick-tunnel-not-kept', 'quota-reached', 'site-unknown'],
      },
      schema: {
        tags,
        summary:
          'Keep what a quick tunnel published: from now on it does not end, and is an ordinary site and resource',
        params: idParams,
        body: z.strictObject({ name: name.optional().describe('of the first resource') }).nullish(),
        response: { 200: quickTunnel.omit({ leaseUnixMs: true, expiresUnixMs: true }) },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      requireOwn(principal, ['site.write', 'resource.write']);
      const row = await requireQuickTunnel(control, organisationOf(request), request.params.id);
      const newName = request.body?.name;
      await publishChange(control, principal, async (transaction) => {
        if (!(await deleteQuickTunnel(transaction, row.id))) throw notFound('quick tunnel', row.id);
        await keepTargets(control, transaction, row);
        await keepForGood(transaction, row.site_id, resourceIdsOf(row));
        if (row.credential_id !== null)
          await updateCredential(transaction, row.credential_id, { expires_unix_ms: null });
        const [first] = resourceIdsOf(row);
        if (first !== undefined && newName !== undefined)
          await updateResource(transaction, row.organisation_id, first, { name: newName });
        const detail = { resourceIds: resourceIdsOf(row) };
        return { value: undefined, note: { action: 'quick-tunnel.keep', subject: row.id, detail } };
      });
      return storedItem(control, row);
    },
  );
}

/** What the connector dials from now on is the application itself, no longer the program that showed its requests. */
async function keepTargets(control: Control, transaction: StoreTransaction, row: QuickTunnelsTable): Promise<void> {
  const kept = Object.entries(JSON.parse(row.kept_urls) as Record<string, string>);
  if (kept.length < resourceIdsOf(row).length)
    throw new ControlFailure(
      'quick-tunnel-not-kept',
      'it serves a folder of its program, which ends with that program',
    );
  for (const [targetId, url] of kept) {
    const before = await findTarget(transaction, row.organisation_id, targetId);
    const resource = before && (await findResource(transaction, row.organisation_id, before.resource_id));
    if (!resource) continue;
    // Developers' servers have certificates that nobody has signed.
    const tls = /^https:/i.test(url) ? { verify: false } : {};
    const body = targetBody.parse({ siteId: row.site_id, url, tls });
    await deleteTarget(transaction, row.organisation_id, targetId);
    await addTarget(control, transaction, row.organisation_id, resource, { ...body, hostHeader: before.host_header });
  }
}

function endQuickTunnelRoute(api: Api, { control }: ApiContext): void {
  api.delete(
    '/quick-tunnels/:id',
    {
      config: write,
      schema: {
        tags,
        summary: 'End a quick tunnel, with its site, its resources and what is open through them',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const row = await requireQuickTunnel(control, organisationOf(request), request.params.id);
      await endQuickTunnel(control, principalOf(request), row, 'asked');
      return reply.code(204).send(null);
    },
  );
}
