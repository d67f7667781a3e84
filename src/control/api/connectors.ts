import { z } from 'zod';
import { type ConnectorsTable, deleteConnector, findConnector, listConnectors } from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { notFound } from '../problems.ts';
import { type Api, type ApiContext, organisationOf, pageItems, principalOf } from './api.ts';
import { diagnosisRoutes } from './diagnoses.ts';
import { drainRoutes } from './drain.ts';
import { id, idParams, listQuery, name, nothing, pageOf, unixMs } from './schemas.ts';

export const connector = z.object({
  id,
  siteId: id,
  name,
  wireguardKey: z.string(),
  overlayAddress: z.string(),
  createdUnixMs: unixMs,
  draining: z.boolean().describe('an administrator wants it empty'),
});

export function connectorItem(row: ConnectorsTable): z.output<typeof connector> {
  return {
    id: row.id,
    siteId: row.site_id,
    name: row.name,
    wireguardKey: row.wireguard_key,
    overlayAddress: row.overlay_address,
    createdUnixMs: row.created_unix_ms,
    draining: row.draining === 1,
  };
}

export function connectorRoutes(api: Api, context: ApiContext): void {
  const { control } = context;
  const { store } = control;
  drainRoutes(api, context, { nodes: 'connectors', noun: 'connector', title: 'connector' });
  diagnosisRoutes(api, context);
  const tags = ['connectors'];

  api.get(
    '/connectors',
    {
      config: { access: 'site.read' },
      schema: { tags, summary: 'List connectors', querystring: listQuery, response: { 200: pageOf(connector) } },
    },
    async (request) =>
      pageItems(await listConnectors(store.database, organisationOf(request), request.query), connectorItem),
  );

  api.get(
    '/connectors/:id',
    {
      config: { access: 'site.read' },
      schema: { tags, summary: 'Read a connector', params: idParams, response: { 200: connector } },
    },
    async (request) => {
      const row = await findConnector(store.database, organisationOf(request), request.params.id);
      if (!row) throw notFound('connector', request.params.id);
      return connectorItem(row);
    },
  );

  api.delete(
    '/connectors/:id',
    {
      config: { access: 'site.write' },
      schema: { tags, summary: 'Revoke a connector', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { id: connectorId } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        if (!(await deleteConnector(transaction, organisationOf(request), connectorId)))
          throw notFound('connector', connectorId);
        return { value: undefined, note: { action: 'connector.revoke', subject: connectorId } };
      });
      return reply.code(204).send(null);
    },
  );
}
