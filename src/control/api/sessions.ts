import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { hashSecret, newSecret } from '../../io/secrets.ts';
import {
  type ApiTokensTable,
  deleteApiToken,
  findApiToken,
  findMember,
  insertApiToken,
  listApiTokens,
  listAuditedVisitors,
  listLiveSessions,
  type PortalSessionsTable,
  type Queries,
  revokePortalSession,
  soleMembers,
  type UserIds,
  withOwn,
} from '../../io/store/index.ts';
import { change } from '../change.ts';
import { VISITED_LATELY_MS, VISITORS_MAX } from '../constants.ts';
import { newId } from '../ids.ts';
import { revocationOf } from '../portal-sessions.ts';
import type { Principal } from '../principal.ts';
import { ControlFailure, notFound } from '../problems.ts';
import { requireAccount } from '../rights.ts';
import { requireWholeAccount } from '../session-reach.ts';
import { type Api, type ApiContext, accountOf, organisationOf, pageItems, principalOf } from './api.ts';
import { id, idParams, listQuery, name, nothing, pageOf, pageQuery, unixMs } from './schemas.ts';

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

const visitor = z.object({
  actor: z.string().describe('`guest:` and an address, or `credential:` and an id'),
  resourceId: z.string(),
  firstUnixMs: unixMs,
  lastUnixMs: unixMs.describe('of the latest event; a sample of requests, unless the resource is audited whole'),
});

export function sessionRoutes(api: Api, context: ApiContext): void {
  const { control } = context;
  const { store, clock } = control;
  const tags = ['sessions'];

  api.get(
    '/sessions',
    {
      config: { access: 'session.read' },
      schema: {
        tags,
        summary: 'List live sessions of the accounts that are this organisation’s alone, and your own',
        querystring: pageQuery.extend({ userId: id.optional() }),
        response: { 200: pageOf(session) },
      },
    },
    async (request) => {
      const { userId, ...page } = request.query;
      const whose = accountsOf(store.database, request);
      return pageItems(await listLiveSessions(store.database, clock.unixMs(), whose, page, userId), sessionItem);
    },
  );

  visitorRoute(api, context);

  api.delete(
    '/sessions/:id',
    {
      config: { access: 'signed-in', refusals: ['account-shared'] },
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
        if (!row || !(await mayEnd(transaction, principal, row.user_id))) throw notFound('session', sessionId);
        const note = { action: 'session.revoke', subject: sessionId, detail: { userId: row.user_id } };
        return { value: undefined, note, revoke: [revocationOf(row, atUnixMs)] };
      });
      return reply.code(204).send(null);
    },
  );
}

/** Sessions of guests and holders are PoPs' own: what is known of them is what the audit tells. */
function visitorRoute(api: Api, { control }: ApiContext): void {
  const { store, clock } = control;
  const tags = ['sessions'];

  api.get(
    '/sessions/visitors',
    {
      config: { access: 'session.read' },
      schema: {
        tags,
        summary:
          'Guests and holders of credentials who were let in, as the audit tells; their sessions live at PoPs alone',
        querystring: z.object({
          sinceUnixMs: z.coerce.number().int().min(0).optional().describe('left out: within the last day'),
        }),
        response: { 200: z.object({ items: z.array(visitor), next: z.null() }) },
      },
    },
    async (request) => {
      const since = request.query.sinceUnixMs ?? Math.round(clock.unixMs()) - VISITED_LATELY_MS;
      const found = await listAuditedVisitors(store.database, organisationOf(request), since, VISITORS_MAX);
      return { items: found.map(({ subject: resourceId, ...rest }) => ({ ...rest, resourceId })), next: null };
    },
  );
}

/** Whose sessions and tokens may be looked at: those of members that no other organisation has, and one's own. */
function accountsOf(queries: Queries, request: FastifyRequest): UserIds {
  const { user } = principalOf(request);
  return user ? withOwn(queries, organisationOf(request), user.id) : soleMembers(queries, organisationOf(request));
}

/** One's own, or with rights those of an account that is the organisation's alone and no more powerful. */
async function mayEnd(queries: Queries, principal: Principal, userId: string): Promise<boolean> {
  if (userId === principal.user?.id) return true;
  const { organisationId, permissions } = principal;
  if (organisationId === null || !permissions.has('session.write')) return false;
  const member = await findMember(queries, organisationId, userId);
  if (!member) return false;
  await requireAccount(queries, principal, organisationId, member);
  return true;
}

export const apiToken = z.object({
  id,
  userId: id,
  name,
  createdUnixMs: unixMs,
  expiresUnixMs: unixMs.nullable(),
  lastUsedUnixMs: unixMs.nullable(),
});

export function tokenItem(row: ApiTokensTable): z.output<typeof apiToken> {
  return {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    createdUnixMs: row.created_unix_ms,
    expiresUnixMs: row.expires_unix_ms,
    lastUsedUnixMs: row.last_used_unix_ms,
  };
}

export function apiTokenRoutes(api: Api, context: ApiContext): void {
  const { store } = context.control;
  const tags = ['api-tokens'];
  const config = { access: 'key.read' as const };

  api.get(
    '/api-tokens',
    {
      config,
      schema: { tags, summary: 'List API tokens', querystring: listQuery, response: { 200: pageOf(apiToken) } },
    },
    async (request) =>
      pageItems(await listApiTokens(store.database, accountsOf(store.database, request), request.query), tokenItem),
  );
  addTokenRoute(api, context);
  revokeTokenRoute(api, context);
}

function addTokenRoute(api: Api, { control }: ApiContext): void {
  const { clock, random } = control;
  const tags = ['api-tokens'];

  api.post(
    '/api-tokens',
    {
      config: { access: 'key.write', refusals: ['account-shared', 'user-unknown'] },
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
      const organisationId = organisationOf(request);
      const { user } = principal;
      const isOwn = user !== null && (request.body.userId ?? user.id) === user.id;
      if (isOwn) await requireWholeAccount(control, user, principal.reach);
      const token = newSecret('mna', random);
      const row: ApiTokensTable = {
        id: newId('tok', clock, random),
        token_hash: hashSecret(token),
        user_id: request.body.userId ?? accountOf(request).id,
        name: request.body.name,
        created_unix_ms: Math.round(clock.unixMs()),
        expires_unix_ms: request.body.expiresUnixMs,
        last_used_unix_ms: null,
      };
      await change(control, principal, async (transaction) => {
        requirePersonItself(principal);
        const member = await findMember(transaction, organisationId, row.user_id);
        if (!member)
          throw new ControlFailure('user-unknown', `userId: there is no user ${JSON.stringify(row.user_id)}`);
        if (member.id !== principal.user?.id) await requireAccount(transaction, principal, organisationId, member);
        await insertApiToken(transaction, row);
        const detail = { name: row.name, userId: row.user_id };
        return { value: row, note: { action: 'api-token.add', subject: row.id, detail } };
      });
      return reply.code(201).send({ ...tokenItem(row), token });
    },
  );
}

function revokeTokenRoute(api: Api, { control }: ApiContext): void {
  const tags = ['api-tokens'];

  api.delete(
    '/api-tokens/:id',
    {
      config: { access: 'key.write', refusals: ['account-shared'] },
      schema: { tags, summary: 'Revoke an API token', params: idParams, response: { 204: nothing } },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id: tokenId } = request.params;
      await change(control, principal, async (transaction) => {
        const row = await findApiToken(transaction, tokenId);
        if (!row || !(await mayEnd(transaction, principal, row.user_id))) throw notFound('API token', tokenId);
        await deleteApiToken(transaction, tokenId);
        return { value: undefined, note: { action: 'api-token.revoke', subject: tokenId } };
      });
      return reply.code(204).send(null);
    },
  );
}

/** A token has every right of its user, so a key with scopes makes none. */
function requirePersonItself({ name: actor }: Principal): void {
  if (actor.startsWith('key:'))
    throw new ControlFailure('rights-missing', 'a key with scopes makes no tokens, which have none');
}
