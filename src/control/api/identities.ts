import { z } from 'zod';
import { allIdentityProviders, deleteIdentity, identitiesOf, type Queries } from '../../io/store/index.ts';
import { publishChange } from '../change.ts';
import { notFound } from '../problems.ts';
import { endProviderSessions, requireProvider, withdrawAll } from '../providers/provider-ends.ts';
import { requireMember } from '../rights.ts';
import { type Api, type ApiContext, organisationOf, principalOf } from './api.ts';
import { id, idParams, nothing, unixMs } from './schemas.ts';

const tags = ['providers'];

const identity = z.object({
  providerId: id,
  subject: z.string(),
  email: z.string().nullable().describe('what the provider said last, whatever it is worth'),
  provided: z
    .array(z.object({ kind: z.enum(['membership', 'role', 'group']), organisationId: id, name: z.string() }))
    .describe('what the mapping gave'),
  seenUnixMs: unixMs,
});

export function identityRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;

  api.get(
    '/users/:id/identities',
    {
      config: { access: 'user.read' },
      schema: {
        tags,
        summary: 'What identity providers call a user, and what they say',
        params: idParams,
        response: { 200: z.object({ items: z.array(identity) }) },
      },
    },
    async (request) => {
      await requireMember(store.database, organisationOf(request), request.params.id);
      const own = await ownProviders(store.database, organisationOf(request));
      const rows = (await identitiesOf(store.database, request.params.id)).filter((row) => own.has(row.provider_id));
      const items = rows.map((row) => ({
        providerId: row.provider_id,
        subject: row.subject,
        email: row.email,
        provided: JSON.parse(row.provided) as z.output<typeof identity>['provided'],
        seenUnixMs: row.seen_unix_ms,
      }));
      return { items };
    },
  );

  api.delete(
    '/users/:id/identities/:providerId',
    {
      config: { access: 'user.write' },
      schema: {
        tags,
        summary: 'Disconnect a user from an identity provider; what came of it ends',
        params: z.object({ id, providerId: id }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { id: userId, providerId } = request.params;
      await requireProvider(control, organisationOf(request), providerId);
      await publishChange(control, principalOf(request), async (transaction) => {
        await requireMember(transaction, organisationOf(request), userId);
        const held = (await identitiesOf(transaction, userId)).filter((one) => one.provider_id === providerId);
        if (held.length === 0) throw notFound('identity', providerId);
        for (const one of held) await withdrawAll(control, transaction, one);
        await deleteIdentity(transaction, userId, providerId);
        const revoke = await endProviderSessions(control, transaction, providerId, userId);
        const note = { action: 'identity.unlink', subject: userId, detail: { providerId } };
        return { value: undefined, note, revoke };
      });
      return reply.code(204).send(null);
    },
  );
}

async function ownProviders(queries: Queries, organisationId: string): Promise<ReadonlySet<string>> {
  const all = await allIdentityProviders(queries);
  return new Set(all.filter((row) => row.organisation_id === organisationId).map(({ id: own }) => own));
}
