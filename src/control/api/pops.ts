import { z } from 'zod';
import { deletePop, findPop, insertEnrolmentToken, listPops, type PopsTable } from '../../io/store/index.ts';
import { change, publishChange } from '../change.ts';
import { newId } from '../ids.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { type Api, type ApiContext, pageItems, principalOf } from './api.ts';
import { id, idParams, location, name, nothing, pageOf, pageQuery, unixMs } from './schemas.ts';
import { enrolmentToken, lifetimeMs } from './sites.ts';

const pop = z.object({
  id,
  name,
  location: z.object({ name: z.string(), latitude: z.number(), longitude: z.number() }),
  wireguardKey: z.string(),
  overlayAddress: z.string(),
  udpEndpoints: z.array(z.string()),
  httpsEndpoints: z.array(z.string()),
  createdUnixMs: unixMs,
});

function item(row: PopsTable): z.output<typeof pop> {
  return {
    id: row.id,
    name: row.name,
    location: { name: row.location_name, latitude: row.latitude, longitude: row.longitude },
    wireguardKey: row.wireguard_key,
    overlayAddress: row.overlay_address,
    udpEndpoints: JSON.parse(row.udp_endpoints) as string[],
    httpsEndpoints: JSON.parse(row.https_endpoints) as string[],
    createdUnixMs: row.created_unix_ms,
  };
}

export function popRoutes(api: Api, { control }: ApiContext): void {
  const { store, clock, random } = control;
  const tags = ['pops'];

  api.get(
    '/pops',
    { schema: { tags, summary: 'List PoPs', querystring: pageQuery, response: { 200: pageOf(pop) } } },
    async (request) => pageItems(await listPops(store.database, request.query), item),
  );

  api.get(
    '/pops/:id',
    { schema: { tags, summary: 'Read a PoP', params: idParams, response: { 200: pop } } },
    async (request) => {
      const row = await findPop(store.database, request.params.id);
      if (!row) throw notFound('PoP', request.params.id);
      return item(row);
    },
  );

  api.delete(
    '/pops/:id',
    {
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

  api.post(
    '/pops/enrolment-tokens',
    {
      schema: {
        tags,
        summary: 'Make a one-time token for a PoP',
        body: z.strictObject({ name, location, lifetimeMs }),
        response: { 201: enrolmentToken },
      },
    },
    async (request, reply) => {
      const token = newSecret('mnp', random);
      const { body } = request;
      const unixMsNow = Math.round(clock.unixMs());
      const made = { id: newId('enr', clock, random), token, expiresUnixMs: unixMsNow + body.lifetimeMs };
      await change(control, principalOf(request), async (transaction) => {
        const taken = await transaction
          .selectFrom('pops')
          .select('id')
          .where('name', '=', body.name)
          .executeTakeFirst();
        if (taken) throw new ControlFailure('name-taken', `another PoP has the name ${JSON.stringify(body.name)}`);
        await insertEnrolmentToken(transaction, {
          id: made.id,
          token_hash: hashSecret(token),
          kind: 'pop',
          site_id: null,
          name: body.name,
          location_name: body.location.name,
          latitude: body.location.latitude,
          longitude: body.location.longitude,
          created_unix_ms: unixMsNow,
          expires_unix_ms: made.expiresUnixMs,
          used_unix_ms: null,
          used_by: null,
        });
        const detail = { id: made.id, name: body.name };
        return { value: made, note: { action: 'enrolment-token.add', subject: null, detail } };
      });
      return reply.code(201).send(made);
    },
  );
}
