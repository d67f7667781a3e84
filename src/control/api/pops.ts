import { z } from 'zod';
import { deletePop, findPop, listPops, type PopsTable } from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { popFactsOf } from '../publish/records.ts';
import { type Api, type ApiContext, pageItems, principalOf } from './api.ts';
import { drainRoutes } from './drain.ts';
import { enrolmentToken, lifetimeMs, makeEnrolmentToken } from './enrolment-tokens.ts';
import { id, idParams, location, name, nothing, pageOf, popsQuery, unixMs } from './schemas.ts';

const pop = z.object({
  id,
  name,
  location: z.object({ name: z.string(), latitude: z.number(), longitude: z.number() }),
  wireguardKey: z.string(),
  overlayAddress: z.string(),
  udpEndpoints: z.array(z.string()),
  httpsEndpoints: z.array(z.string()),
  createdUnixMs: unixMs,
  draining: z.boolean().describe('an administrator wants it empty'),
});

function item(row: PopsTable): z.output<typeof pop> {
  return { ...popFactsOf(row), createdUnixMs: row.created_unix_ms, draining: row.draining === 1 };
}

export function popRoutes(api: Api, context: ApiContext): void {
  readPopRoutes(api, context);
  popEnrolmentRoutes(api, context);
  drainRoutes(api, context, { nodes: 'pops', noun: 'pop', title: 'PoP' });
}

function readPopRoutes(api: Api, { control }: ApiContext): void {
  const { store, clock } = control;
  const tags = ['pops'];

  api.get(
    '/pops',
    {
      config: { access: 'pop.read' },
      schema: { tags, summary: 'List PoPs', querystring: popsQuery, response: { 200: pageOf(pop) } },
    },
    async (request) => pageItems(await listPops(store.database, request.query), item),
  );

  api.get(
    '/pops/:id',
    {
      config: { access: 'pop.read' },
      schema: { tags, summary: 'Read a PoP', params: idParams, response: { 200: pop } },
    },
    async (request) => {
      const row = await findPop(store.database, request.params.id);
      if (!row) throw notFound('PoP', request.params.id);
      return item(row);
    },
  );

  api.delete(
    '/pops/:id',
    {
      config: { access: 'pop.write' },
      schema: { tags, summary: 'Revoke a PoP and everything it signed', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { id: popId } = request.params;
      await publishChange(control, principalOf(request), async (transaction) => {
        if (!(await deletePop(transaction, popId))) throw notFound('PoP', popId);
        const revoke = [{ kind: 'key' as const, keyId: popId, atUnixMs: Math.round(clock.unixMs()) }];
        return { value: undefined, note: { action: 'pop.revoke', subject: popId }, revoke };
      });
      control.links.cut(popId);
      return reply.code(204).send(null);
    },
  );
}

function popEnrolmentRoutes(api: Api, { control }: ApiContext): void {
  const tags = ['pops'];

  api.post(
    '/pops/enrolment-tokens',
    {
      config: { access: 'pop.write', refusals: ['name-taken'] },
      schema: {
        tags,
        summary: 'Make a one-time token for a PoP',
        body: z.strictObject({ name, location, lifetimeMs }),
        response: { 201: enrolmentToken },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { name: locationName, latitude, longitude } = body.location;
      const place = { name: body.name, location_name: locationName, latitude, longitude };
      const purpose = { kind: 'pop' as const, site_id: null, ...place };
      const made = await makeEnrolmentToken(
        control,
        principalOf(request),
        purpose,
        body.lifetimeMs,
        async (transaction) => {
          const pops = transaction.selectFrom('pops').select('id').where('name', '=', body.name);
          if (await pops.executeTakeFirst())
            throw new ControlFailure('name-taken', `another PoP has the name ${JSON.stringify(body.name)}`);
        },
      );
      return reply.code(201).send(made);
    },
  );
}
