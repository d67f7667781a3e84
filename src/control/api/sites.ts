import { z } from 'zod';
import {
  deleteSite,
  findSite,
  insertSite,
  listConnectors,
  listSites,
  type SitesTable,
  siteHasTargets,
  updateSite,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { ENROLMENT_TOKEN_LIFETIME_MS } from '../constants.ts';
import { newId } from '../ids.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { requireRoom } from '../quotas.ts';
import { publishingColumn, publishingOf, sitePublishing } from '../site-publishing.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { connector, connectorItem } from './connectors.ts';
import { enrolmentToken, lifetimeMs, makeEnrolmentToken } from './enrolment-tokens.ts';
import { id, idParams, listQuery, name, nothing, pageOf, source, sourceItem, unixMs } from './schemas.ts';

const site = z.object({
  ...{ id, name, source, createdUnixMs: unixMs },
  publishing: sitePublishing.nullable().describe('what its connectors may publish by themselves; null: nothing'),
  expiresUnixMs: unixMs.nullable().describe('when it ends by itself; null: never'),
});
const publishing = sitePublishing.nullable();
const newSite = z.strictObject({ name, publishing: publishing.default(null) });
const siteChange = z.strictObject({ name, publishing }).partial();

const item = (row: SitesTable) => ({
  ...{ id: row.id, name: row.name, source: sourceItem(row), createdUnixMs: row.created_unix_ms },
  ...{ publishing: publishingOf(row), expiresUnixMs: row.expires_unix_ms ?? null },
});

export function siteRoutes(api: Api, context: ApiContext): void {
  readSiteRoutes(api, context);
  changeSiteRoutes(api, context);
  removeSiteRoute(api, context);
  siteConnectorRoutes(api, context);
}

function readSiteRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;
  const tags = ['sites'];

  api.get(
    '/sites',
    {
      config: { access: 'site.read' },
      schema: { tags, summary: 'List sites', querystring: listQuery, response: { 200: pageOf(site) } },
    },
    async (request) => pageItems(await listSites(store.database, organisationOf(request), request.query), item),
  );

  api.get(
    '/sites/:id',
    {
      config: { access: 'site.read' },
      schema: { tags, summary: 'Read a site', params: idParams, response: { 200: site } },
    },
    async (request) => {
      const row = await findSite(store.database, organisationOf(request), request.params.id);
      if (!row) throw notFound('site', request.params.id);
      return item(row);
    },
  );
}

function changeSiteRoutes(api: Api, { control }: ApiContext): void {
  const { clock, random } = control;
  const tags = ['sites'];

  api.post(
    '/sites',
    {
      config: { access: 'site.write', refusals: ['name-taken', 'quota-reached'] },
      schema: { tags, summary: 'Add a site', body: newSite, response: { 201: site } },
    },
    async (request, reply) => {
      const row = {
        id: newId('sit', clock, random),
        organisation_id: organisationOf(request),
        name: request.body.name,
        publishing: publishingColumn(principalOf(request), request.body.publishing),
        created_unix_ms: Math.round(clock.unixMs()),
      };
      await publishChange(control, principalOf(request), async (transaction) => {
        await requireRoom(control, transaction, row.organisation_id, 'sites');
        await insertSite(transaction, row);
        return { value: row, note: { action: 'site.add', subject: row.id, detail: { name: row.name } } };
      });
      return reply.code(201).send(item(row));
    },
  );

  api.patch(
    '/sites/:id',
    {
      config: { access: 'site.write', refusals: ['name-taken'] },
      schema: { tags, summary: 'Change a site', params: idParams, body: siteChange, response: { 200: site } },
    },
    async (request) => {
      const { id: siteId } = request.params;
      const organisationId = organisationOf(request);
      const { name: newName, publishing: given } = request.body;
      const change = {
        ...(newName !== undefined && { name: newName }),
        ...(given !== undefined && { publishing: publishingColumn(principalOf(request), given) }),
      };
      const action = given === undefined ? 'site.rename' : 'site.change';
      return publishChange(control, principalOf(request), async (transaction) => {
        await updateSite(transaction, organisationId, siteId, change);
        const row = await findSite(transaction, organisationId, siteId);
        if (!row) throw notFound('site', siteId);
        return { value: item(row), note: { action, subject: siteId, detail: request.body } };
      });
    },
  );
}

function removeSiteRoute(api: Api, { control }: ApiContext): void {
  const tags = ['sites'];

  api.delete(
    '/sites/:id',
    {
      config: { access: 'site.write', refusals: ['site-in-use'] },
      schema: {
        tags,
        summary: 'Remove a site, its connectors and devices',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { id: siteId } = request.params;
      const organisationId = organisationOf(request);
      await publishChange(control, principalOf(request), async (transaction) => {
        if (!(await findSite(transaction, organisationId, siteId))) throw notFound('site', siteId);
        if (await siteHasTargets(transaction, siteId))
          throw new ControlFailure('site-in-use', 'the site still has targets; remove them from their resources first');
        await deleteSite(transaction, organisationId, siteId);
        return { value: undefined, note: { action: 'site.remove', subject: siteId } };
      });
      return reply.code(204).send(null);
    },
  );
}

function siteConnectorRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;
  const tags = ['sites'];

  api.get(
    '/sites/:id/connectors',
    {
      config: { access: 'site.read' },
      schema: {
        tags,
        summary: "List a site's connectors",
        params: idParams,
        querystring: listQuery,
        response: { 200: pageOf(connector) },
      },
    },
    async (request) => {
      const organisationId = organisationOf(request);
      const { id: siteId } = request.params;
      if (!(await findSite(store.database, organisationId, siteId))) throw notFound('site', siteId);
      return pageItems(await listConnectors(store.database, organisationId, request.query, siteId), connectorItem);
    },
  );

  api.post(
    '/sites/:id/enrolment-tokens',
    {
      config: { access: 'site.write', refusals: ['quota-reached'] },
      schema: {
        tags,
        summary: 'Make a one-time token for a connector',
        params: idParams,
        body: z.strictObject({ lifetimeMs }).nullish(),
        response: { 201: enrolmentToken },
      },
    },
    async (request, reply) => {
      const { id: siteId } = request.params;
      const nowhere = { name: null, location_name: null, latitude: null, longitude: null };
      const purpose = { kind: 'connector' as const, site_id: siteId, ...nowhere };
      const lifetime = request.body?.lifetimeMs ?? ENROLMENT_TOKEN_LIFETIME_MS;
      const made = await makeEnrolmentToken(control, principalOf(request), purpose, lifetime, async (transaction) => {
        if (!(await findSite(transaction, organisationOf(request), siteId))) throw notFound('site', siteId);
        await requireRoom(control, transaction, organisationOf(request), 'connectors');
      });
      return reply.code(201).send(made);
    },
  );
}
