/** What else is signed in as you: programs, and tokens that you made. */
import { z } from 'zod';
import { apiTokensOf, deleteApiToken, findApiToken } from '../../io/store/index.ts';
import { change } from '../change.ts';
import { notFound } from '../problems.ts';
import { type Api, type ApiContext, accountOf, principalOf } from './api.ts';
import { idParams, nothing } from './schemas.ts';
import { apiToken, tokenItem } from './sessions.ts';

const tags = ['me'];
const config = { access: 'signed-in' as const };
const TOKEN_ACTOR = 'token:';

export function ownTokenRoutes(api: Api, { control }: ApiContext): void {
  api.get(
    '/me/tokens',
    {
      config,
      schema: {
        tags,
        summary: 'Programs and tokens that act as you',
        response: { 200: z.object({ items: z.array(apiToken.extend({ isThis: z.boolean() })) }) },
      },
    },
    async (request) => {
      const { name } = principalOf(request);
      const rows = await apiTokensOf(control.store.database, accountOf(request).id);
      return { items: rows.map((row) => ({ ...tokenItem(row), isThis: name === `${TOKEN_ACTOR}${row.id}` })) };
    },
  );

  api.delete(
    '/me/tokens/:id',
    {
      config,
      schema: {
        tags,
        summary: 'End one of them; `this` is the one that the request is made with',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const account = accountOf(request);
      const { id: asked } = request.params;
      const tokenId =
        asked === 'this' && principal.name.startsWith(TOKEN_ACTOR) ? principal.name.slice(TOKEN_ACTOR.length) : asked;
      await change(control, principal, async (transaction) => {
        const row = await findApiToken(transaction, tokenId);
        if (row?.user_id !== account.id) throw notFound('token of yours', tokenId);
        await deleteApiToken(transaction, tokenId);
        return { value: undefined, note: { action: 'api-token.revoke', subject: tokenId } };
      });
      return reply.code(204).send(null);
    },
  );
}
