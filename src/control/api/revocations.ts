import { z } from 'zod';
import { readCounters, revocationTime } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { notFound } from '../problems.ts';
import type { Api, ApiContext } from './api.ts';
import { id, streamPosition, unixMs } from './schemas.ts';

const revocation = z.object({
  position: streamPosition,
  madeUnixMs: unixMs.nullable(),
  acknowledged: z.number().int().describe('PoPs on which everything up to here is revoked'),
  of: z.number().int().describe('PoPs there are'),
  pops: z.array(
    z.object({
      id,
      name: z.string(),
      connected: z.boolean().describe('a PoP that is not may serve from its snapshot until that is stale'),
      acknowledged: z.boolean(),
      acknowledgedUnixMs: unixMs
        .nullable()
        .describe('null where another control node heard it, or where more followed'),
    }),
  ),
});

/** How far revocations have come: `latest` is everything until now. */
export function revocationRoutes(api: Api, { control }: ApiContext): void {
  api.get(
    '/revocations/:sequence',
    {
      config: { access: 'session.read' },
      schema: {
        tags: ['revocations'],
        summary: 'On which PoPs everything up to a revocation is revoked',
        params: z.object({ sequence: z.union([z.literal('latest'), z.coerce.number().int().min(1)]) }),
        response: { 200: revocation },
      },
    },
    async (request) => progressOf(control, request.params.sequence),
  );
}

async function progressOf(control: Control, asked: 'latest' | number): Promise<z.output<typeof revocation>> {
  const { links } = control;
  const queries = control.store.database;
  const { epoch, revocation_sequence: latest } = await readCounters(queries);
  const sequence = asked === 'latest' ? latest : asked;
  if (sequence > latest) throw notFound('revocation', String(sequence));
  const linked = new Map((await links.pops()).map((pop) => [pop.popId, pop]));
  const rows = await queries.selectFrom('pops').select(['id', 'name']).orderBy('id').execute();
  const pops = rows.map(({ id: popId, name }) => {
    const live = linked.get(popId);
    const applied = live?.revocationsApplied;
    const acknowledged = applied !== undefined && applied.epoch === epoch && applied.sequence >= sequence;
    const isThis = acknowledged && applied.sequence === sequence;
    const acknowledgedUnixMs = isThis ? links.facts.of(popId).revokedAtUnixMs : null;
    return { id: popId, name, connected: live !== undefined, acknowledged, acknowledgedUnixMs };
  });
  return {
    position: { epoch, sequence },
    madeUnixMs: (await revocationTime(queries, sequence)) ?? null,
    acknowledged: pops.filter(({ acknowledged }) => acknowledged).length,
    of: pops.length,
    pops,
  };
}
