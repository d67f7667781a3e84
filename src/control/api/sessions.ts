import { z } from 'zod';
import { hashSecret, newSecret } from '../../io/secrets.ts';
import {
  type ApiTokensTable,
  deleteApiToken,
  findUser,
  insertApiToken,
  listApiTokens,
  listAuditEvents,
  listLiveSessions,
  type PortalSessionsTable,
  revokePortalSession,
} from '../../io/store/index.ts';
import { change } from '../change.ts';
import { newId } from '../ids.ts';
import { revocationOf } from '../portal-sessions.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { type Api, type ApiContext, pageItems, principalOf } from './api.ts';
import { id, idParams, name, nothing, pageOf, pageQuery, unixMs } from './schemas.ts';

const session = z.object({
  id,
  userId: id,
  createdUnixMs: unixMs,
  expiresUnixMs: unixMs,
  clientAddress: z.string(),
  userAgent: z.string(),
  popId: id.nullable(),
});

function sessionItem(row: PortalSessionsTable): z.output<typeof session> {
  return {
    id: row.id,
    userId: row.user_id,
    createdUnixMs: row.created_unix_ms,
    expiresUnixMs: row.expires_unix_ms,
    clientAddress: row.client_address,
    userAgent: row.user_agent,
    popId: row.pop_id,
  };
}

export function sessionRoutes(api: Api, { control }: ApiContext): void {
  const { store, clock } = control;
  const tags = ['sessions'];

  api.get(
    '/sessions',
    {
      schema: {
        tags,
        summary: 'List live sessions',
        querystring: pageQuery.extend({ userId: id.optional() }),
        response: { 200: pageOf(session) },
      },
    },
    async (request) => {
      const { userId, ...page } = request.query;
      return pageItems(await listLiveSessions(store.database, clock.unixMs(), page, userId), sessionItem);
    },
  );

  api.delete(
    '/sessions/:id',
    {
      config: { access: 'signed-in' },
      schema: {
        tags,
        summary: 'End a session (one of your own, or any for an administrator)',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id: sessionId } = request.params;
      await change(control, principal, async (transaction) => {
        const atUnixMs = Math.round(clock.unixMs());
        const row = await revokePortalSession(transaction, sessionId, atUnixMs);
        // Somebody else's session is as good as none to a person without rights.
        if (!row || (!principal.isAdmin && row.user_id !== principal.user.id)) throw notFound('session', sessionId);
        const note = { action: 'session.revoke', subject: sessionId, detail: { userId: row.user_id } };
        return { value: undefined, note, revoke: [revocationOf(row, atUnixMs)] };
      });
      return reply.code(204).send(null);
    },
  );
}

const apiToken = z.object({
  id,
  userId: id,
  name,
  createdUnixMs: unixMs,
  expiresUnixMs: unixMs.nullable(),
  lastUsedUnixMs: unixMs.nullable(),
});

function tokenItem(row: ApiTokensTable): z.output<typeof apiToken> {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    createdUnixMs: row.created_unix_ms,
    expiresUnixMs: row.expires_unix_ms,
    lastUsedUnixMs: row.last_used_unix_ms,
  };
}

export function apiTokenRoutes(api: Api, { control }: ApiContext): void {
  const { store, clock, random } = control;
  const tags = ['api-tokens'];

  api.get(
    '/api-tokens',
    { schema: { tags, summary: 'List API tokens', querystring: pageQuery, response: { 200: pageOf(apiToken) } } },
    async (request) => pageItems(await listApiTokens(store.database, request.query), tokenItem),
  );

  api.post(
    '/api-tokens',
    {
      schema: {
        tags,
        summary: 'Make an API token; it is shown this once',
        body: z.strictObject({
          name,
          userId: id.optional().describe('whose rights it has; yours when left out'),
          expiresUnixMs: unixMs.nullable().default(null),
        }),
        response: { 201: apiToken.extend({ token: z.string() }) },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const token = newSecret('mna', random);
      const row: ApiTokensTable = {
        id: newId('tok', clock, random),
        token_hash: hashSecret(token),
        user_id: request.body.userId ?? principal.user.id,
        name: request.body.name,
        created_unix_ms: Math.round(clock.unixMs()),
        expires_unix_ms: request.body.expiresUnixMs,
        last_used_unix_ms: null,
      };
      await change(control, principal, async (transaction) => {
        if (!(await findUser(transaction, row.user_id)))
          throw new ControlFailure('user-unknown', `userId: there is no user ${JSON.stringify(row.user_id)}`);
        await insertApiToken(transaction, row);
        const detail = { name: row.name, userId: row.user_id };
        return { value: row, note: { action: 'api-token.add', subject: row.id, detail } };
      });
      return reply.code(201).send({ ...tokenItem(row), token });
    },
  );

  api.delete(
    '/api-tokens/:id',
    { schema: { tags, summary: 'Revoke an API token', params: idParams, response: { 204: nothing } } },
    async (request, reply) => {
      const { id: tokenId } = request.params;
      await change(control, principalOf(request), async (transaction) => {
        if (!(await deleteApiToken(transaction, tokenId))) throw notFound('API token', tokenId);
        return { value: undefined, note: { action: 'api-token.revoke', subject: tokenId } };
      });
      return reply.code(204).send(null);
    },
  );
}

const auditEvent = z.object({
  id,
  unixMs,
  source: z.string(),
  actor: z.string().nullable(),
  action: z.string(),
  subject: z.string().nullable(),
  outcome: z.string(),
  clientAddress: z.string(),
  detail: z.looseObject({}),
});

export function auditRoutes(api: Api, { control }: ApiContext): void {
  api.get(
    '/audit',
    {
      schema: {
        tags: ['audit'],
        summary: 'Changes, sign-ins and requests, the newest first',
        querystring: pageQuery,
        response: { 200: pageOf(auditEvent) },
      },
    },
    async (request) =>
      pageItems(await listAuditEvents(control.store.database, request.query), (row) => ({
        id: row.id,
        unixMs: row.unix_ms,
        source: row.source,
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        outcome: row.outcome,
        clientAddress: row.client_address,
        detail: JSON.parse(row.detail) as Record<string, unknown>,
      })),
  );
}
