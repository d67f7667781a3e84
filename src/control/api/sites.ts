import { z } from 'zod';
import {
  deleteSite,
  findSite,
  insertEnrolmentToken,
  insertSite,
  listConnectors,
  listSites,
  renameSite,
  type SitesTable,
  siteHasTargets,
} from '../../io/store/index.ts';
import { change, publishChange } from '../change.ts';
import { ENROLMENT_TOKEN_LIFETIME_MAX_MS, ENROLMENT_TOKEN_LIFETIME_MS } from '../constants.ts';
import { newId } from '../ids.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { type Api, type ApiContext, pageItems, principalOf } from './api.ts';
import { connector, connectorItem } from './connectors.ts';
import { id, idParams, name, nothing, pageOf, pageQuery, unixMs } from './schemas.ts';

const site = z.object({ id, name, createdUnixMs: unixMs });
const siteBody = z.strictObject({ name });

/** What a new enrolment token looks like; the token itself is shown this once. */
export const enrolmentToken = z.object({ id, token: z.string(), expiresUnixMs: unixMs });
export const lifetimeMs = z
  .number()
  .int()
  .min(1000)
  .max(ENROLMENT_TOKEN_LIFETIME_MAX_MS)
  .default(ENROLMENT_TOKEN_LIFETIME_MS);

const item = (row: SitesTable) => ({ id: row.id, name: row.name, createdUnixMs: row.created_unix_ms });

export function siteRoutes(api: Api, { control }: ApiContext): void {
  const { store, clock, random } = control;
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
    { schema: { tags, summary: 'Remove a site and its connectors', params: idParams, response: { 204: nothing } } },
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
      const token = newSecret('mnc', random);
      const made = {
        id: newId('enr', clock, random),
        token,
        expiresUnixMs: Math.round(clock.unixMs()) + (request.body?.lifetimeMs ?? ENROLMENT_TOKEN_LIFETIME_MS),
      };
      await change(control, principalOf(request), async (transaction) => {
        if (!(await findSite(transaction, siteId))) throw notFound('site', siteId);
        await insertEnrolmentToken(transaction, {
          id: made.id,
          token_hash: hashSecret(token),
          kind: 'connector',
          site_id: siteId,
          name: null,
          location_name: null,
          latitude: null,
          longitude: null,
          created_unix_ms: Math.round(clock.unixMs()),
          expires_unix_ms: made.expiresUnixMs,
          used_unix_ms: null,
          used_by: null,
        });
        return { value: made, note: { action: 'enrolment-token.add', subject: siteId, detail: { id: made.id } } };
      });
      return reply.code(201).send(made);
    },
  );
}
