/** How PoPs get on with listening for a resource that is no HTTP. */
import { z } from 'zod';
import type { StreamPortStatus } from '../../core/link/index.ts';
import { findResource } from '../../io/store/index.ts';
import { notFound } from '../problems.ts';
import { storedListen } from '../stream-resources.ts';
import { type Api, type ApiContext, organisationOf } from './api.ts';
import { id, idParams } from './schemas.ts';

const ports = z.object({
  first: z.number().int(),
  last: z.number().int(),
  state: z
    .string()
    .describe(
      'open; or in-use, forbidden, no-address: the machine does not give it; own, not-allowed: the PoP keeps it',
    ),
});

const listener = z.object({
  popId: id,
  popName: z.string(),
  connected: z.boolean().describe('its word is of now'),
  ports: z.array(ports).describe('none where the PoP has not said, or the resource shares the port of browsers'),
});

export function streamListenerRoute(api: Api, { control }: ApiContext): void {
  const { store, links } = control;
  api.get(
    '/resources/:id/listeners',
    {
      config: { access: 'resource.read' },
      schema: {
        tags: ['resources'],
        summary: 'How every PoP gets on with the ports of a resource of kind tcp, udp or tls',
        params: idParams,
        response: { 200: z.object({ items: z.array(listener) }) },
      },
    },
    async (request) => {
      const row = await findResource(store.database, organisationOf(request), request.params.id);
      if (!row) throw notFound('resource', request.params.id);
      const linked = await links.pops();
      const pops = await store.database.selectFrom('pops').select(['id', 'name']).orderBy('id').execute();
      const items = pops.map((pop) => {
        const live = linked.find(({ popId }) => popId === pop.id);
        return {
          popId: pop.id,
          popName: pop.name,
          connected: live !== undefined,
          ports: portsOf(row, live?.streams ?? []),
        };
      });
      return { items };
    },
  );
}

/** Of what a PoP says, what is about this resource's ports. */
function portsOf(row: Parameters<typeof storedListen>[0], streams: readonly StreamPortStatus[]) {
  const listen = storedListen(row);
  if (!listen) return [];
  const { transport, first, last } =
    listen.transport === 'tls' ? { transport: 'tcp', first: listen.port ?? 0, last: listen.port ?? 0 } : listen;
  return streams
    .filter((each) => each.transport === transport && each.first <= last && first <= each.last)
    .map((each) => ({ first: Math.max(first, each.first), last: Math.min(last, each.last), state: each.state }));
}
