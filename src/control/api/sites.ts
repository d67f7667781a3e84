import { z } from 'zod';
import {
  deleteSite,
  findSite,
  insertSite,
  listConnectors,
  listSites,
  renameSite,
  type SitesTable,
  siteHasTargets,
} from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { ENROLMENT_TOKEN_LIFETIME_MS } from '../constants.ts';
import { newId } from '../ids.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { type Api, type ApiContext, pageItems, principalOf } from './api.ts';
import { connector, connectorItem } from './connectors.ts';
import { enrolmentToken, lifetimeMs, makeEnrolmentToken } from './enrolment-tokens.ts';
import { id, idParams, name, nothing, pageOf, pageQuery, unixMs } from './schemas.ts';

const site = z.object({ id, name, createdUnixMs: unixMs });
const siteBody = z.strictObject({ name });

const item = (row: SitesTable) => ({ id: row.id, name: row.name, createdUnixMs: row.created_unix_ms });

export function siteRoutes(api: Api, context: ApiContext): void {
  readSiteRoutes(api, context);
  changeSiteRoutes(api, context);
  siteConnectorRoutes(api, context);
}

function readSiteRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;
  const tags = ['sites'];

  api.get(
    '/sites',
    { schema: { tags, summary: 'List sites', querystring: pageQuery, response: { 200: pageOf(site) } } },
    async (request) => pageItems(await listSites(store.database, request.query), item),
  );

  api.get(
    '/sites/:id',
    { schema: { tags, summary: 'Read a site', params: idParams, response: { 200: site } } },
    async (request) => {
      const row = await findSite(store.database, request.params.id);
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
    { schema: { tags, summary: 'Add a site', body: siteBody, response: { 201: site } } },
    async (request, reply) => {
      const row = {
        id: newId('sit', clock, random),
        name: request.body.name,
        created_unix_ms: Math.round(clock.unixMs()),
      };
      await publishChange(control, principalOf(request), async (transaction) => {
        await insertSite(transaction, row);
        return { value: row, note: { action: 'site.add', subject: row.id, detail: { name: row.name } } };
      });
      return reply.code(201).send(item(row));
    },
  );

  api.patch(
    '/sites/:id',
    { schema: { tags, summary: 'Rename a site', params: idParams, body: siteBody, response: { 200: site } } },
    async (request) => {
      const { id: siteId } = request.params;
      return publishChange(control, principalOf(request), async (transaction) => {
        await renameSite(transaction, siteId, request.body.name);
        const row = await findSite(transaction, siteId);
        if (!row) throw notFound('site', siteId);
        return { value: item(row), note: { action: 'site.rename', subject: siteId, detail: request.body } };
      });
    },
  );

  api.delete(
    '/sites/:id',
    {
      schema: {
        tags,
        summary: 'Remove a site, its connectors and devices',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { id: siteId } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        if (await siteHasTargets(transaction, siteId))
          throw new ControlFailure('site-in-use', 'the site still has targets; remove them from their resources first');
        if (!(await deleteSite(transaction, siteId))) throw notFound('site', siteId);
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
      schema: {
        tags,
        summary: "List a site's connectors",
        params: idParams,
        querystring: pageQuery,
        response: { 200: pageOf(connector) },
      },
    },
    async (request) => {
      if (!(await findSite(store.database, request.params.id))) throw notFound('site', request.params.id);
      return pageItems(await listConnectors(store.database, request.query, request.params.id), connectorItem);
    },
  );

  api.post(
    '/sites/:id/enrolment-tokens',
    {
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
        if (!(await findSite(transaction, siteId))) throw notFound('site', siteId);
      });
      return reply.code(201).send(made);
    },
  );
}
