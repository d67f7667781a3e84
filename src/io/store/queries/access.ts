import type { StreamPosition } from '../../../core/session/index.ts';
import type { ApiTokensTable, PortalSessionsTable, SetupLinksTable } from '../schema.ts';
import type { Queries, StoreTransaction } from '../store.ts';
import type { soleMembers, withOwn } from './members.ts';
import { type Page, type PageRequest, readPage } from './page.ts';
import { SORTED } from './sorted.ts';

/** Ids of users: a list, or a query that gives them. */
export type UserIds = readonly string[] | ReturnType<typeof soleMembers> | ReturnType<typeof withOwn>;

export async function insertApiToken(transaction: StoreTransaction, token: ApiTokensTable): Promise<void> {
  await transaction.insertInto('api_tokens').values(token).execute();
}

export function listApiTokens(queries: Queries, whose: UserIds, request: PageRequest): Promise<Page<ApiTokensTable>> {
  return readPage(queries.selectFrom('api_tokens').selectAll().where('user_id', 'in', whose), request, {
    searched: ['name'],
    sorted: SORTED.named,
  });
}

export function findApiToken(queries: Queries, id: string): Promise<ApiTokensTable | undefined> {
  return queries.selectFrom('api_tokens').selectAll().where('id', '=', id).executeTakeFirst();
}

export function findApiTokenByHash(queries: Queries, hash: string): Promise<ApiTokensTable | undefined> {
  return queries.selectFrom('api_tokens').selectAll().where('token_hash', '=', hash).executeTakeFirst();
}

export async function touchApiToken(
  queries: Queries,
  id: string,
  used: { readonly last_used_unix_ms: number; readonly expires_unix_ms?: number },
): Promise<void> {
  await queries.updateTable('api_tokens').set(used).where('id', '=', id).execute();
}

/** Those of programs that were signed in, and others, of one user. */
export function apiTokensOf(queries: Queries, userId: string): Promise<ApiTokensTable[]> {
  return queries.selectFrom('api_tokens').selectAll().where('user_id', '=', userId).orderBy('id').execute();
}

export async function deleteApiToken(transaction: StoreTransaction, id: string): Promise<boolean> {
  return (await transaction.deleteFrom('api_tokens').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

/** All that are a user's; how many there were. */
export async function deleteApiTokensOf(transaction: StoreTransaction, userId: string): Promise<number> {
  const { numDeletedRows } = await transaction
    .deleteFrom('api_tokens')
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

export async function insertPortalSession(queries: Queries, session: PortalSessionsTable): Promise<void> {
  await queries.insertInto('portal_sessions').values(session).execute();
}

/** One that a PoP began and tells of; told twice it is one, and what is known of it stays. */
export async function keepReportedSession(transaction: StoreTransaction, session: PortalSessionsTable): Promise<void> {
  await transaction
    .insertInto('portal_sessions')
    .values(session)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** How many sessions of a user have neither ended nor been revoked. */
export async function countLiveSessions(queries: Queries, userId: string, unixMs: number): Promise<number> {
  const row = await queries
    .selectFrom('portal_sessions')
    .select((select) => select.fn.countAll<number | string>().as('count'))
    .where('user_id', '=', userId)
    .where('revoked_unix_ms', 'is', null)
    .where('expires_unix_ms', '>', unixMs)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

export function findPortalSession(queries: Queries, id: string): Promise<PortalSessionsTable | undefined> {
  return queries.selectFrom('portal_sessions').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Sessions that have neither ended nor been revoked, the newest page first. */
export function listLiveSessions(
  queries: Queries,
  unixMs: number,
  whose: UserIds,
  request: PageRequest,
  userId?: string,
): Promise<Page<PortalSessionsTable>> {
  let query = queries
    .selectFrom('portal_sessions')
    .selectAll()
    .where('user_id', 'in', whose)
    .where('revoked_unix_ms', 'is', null)
    .where('expires_unix_ms', '>', unixMs);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  return readPage(query, request, { order: 'desc' });
}

/** Whether it was live until now. */
export async function revokePortalSession(
  transaction: StoreTransaction,
  id: string,
  unixMs: number,
): Promise<PortalSessionsTable | undefined> {
  return transaction
    .updateTable('portal_sessions')
    .set({ revoked_unix_ms: unixMs })
    .where('id', '=', id)
    .where('revoked_unix_ms', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/** All but the one that is kept, where one is. */
export async function revokeSessionsOfUser(
  transaction: StoreTransaction,
  userId: string,
  unixMs: number,
  keptId?: string,
): Promise<void> {
  const live = transaction
    .updateTable('portal_sessions')
    .set({ revoked_unix_ms: unixMs })
    .where('user_id', '=', userId)
    .where('revoked_unix_ms', 'is', null);
  await (keptId === undefined ? live : live.where('id', '!=', keptId)).execute();
}

/** What the browsers of a user's latest other sessions said of themselves. */
export async function userAgentsBefore(
  queries: Queries,
  userId: string,
  sessionId: string,
  most: number,
): Promise<string[]> {
  const rows = await queries
    .selectFrom('portal_sessions')
    .select('user_agent')
    .where('user_id', '=', userId)
    .where('id', '!=', sessionId)
    .orderBy('created_unix_ms', 'desc')
    .limit(most)
    .execute();
  return rows.map((row) => row.user_agent);
}

export async function deleteEndedSessions(queries: Queries, beforeUnixMs: number): Promise<void> {
  await queries.deleteFrom('portal_sessions').where('expires_unix_ms', '<', beforeUnixMs).execute();
}

/** Adds a revocation under the next sequence number, which the locked counter row gives. */
export async function insertRevocation(
  transaction: StoreTransaction,
  entry: string,
  unixMs: number,
  expiresUnixMs: number,
): Promise<number> {
  const { revocation_sequence: sequence } = await transaction
    .updateTable('counters')
    .set((row) => ({ revocation_sequence: row('revocation_sequence', '+', 1) }))
    .where('id', '=', 'snapshot')
    .returning('revocation_sequence')
    .executeTakeFirstOrThrow();
  await transaction
    .insertInto('revocations')
    .values({ sequence, entry, unix_ms: unixMs, expires_unix_ms: expiresUnixMs })
    .execute();
  return sequence;
}

/** Revocations after a place in the stream that can still matter, in order, and the position that they lead to. */
export async function revocationsAfter(
  queries: Queries,
  sequence: number,
  unixMs: number,
): Promise<{ readonly position: StreamPosition; readonly entries: readonly string[] }> {
  // The position first: one that is read after the rows could be that of a revocation which came in between.
  const counter = await queries
    .selectFrom('counters')
    .select(['epoch', 'revocation_sequence'])
    .executeTakeFirstOrThrow();
  const position = { epoch: counter.epoch, sequence: counter.revocation_sequence };
  const rows = await queries
    .selectFrom('revocations')
    .select(['sequence', 'entry'])
    .where('sequence', '>', sequence)
    .where('sequence', '<=', position.sequence)
    .where('expires_unix_ms', '>', unixMs)
    .orderBy('sequence')
    .execute();
  return { position, entries: rows.map((row) => row.entry) };
}

/** When a revocation was made; undefined where it is not kept any more. */
export async function revocationTime(queries: Queries, sequence: number): Promise<number | undefined> {
  const found = queries.selectFrom('revocations').select('unix_ms').where('sequence', '=', sequence);
  return (await found.executeTakeFirst())?.unix_ms;
}

export async function deleteEndedRevocations(queries: Queries, unixMs: number): Promise<void> {
  await queries.deleteFrom('revocations').where('expires_unix_ms', '<', unixMs).execute();
}

/** Gives the user a set-up link of a control node, in place of the one that the node gave before. */
export async function putSetupLink(transaction: StoreTransaction, link: SetupLinksTable): Promise<void> {
  await transaction
    .deleteFrom('setup_links')
    .where('user_id', '=', link.user_id)
    .where('control_id', 'in', [link.control_id, ''])
    .execute();
  await transaction.insertInto('setup_links').values(link).execute();
}

export function findSetupLink(queries: Queries, hash: string): Promise<SetupLinksTable | undefined> {
  return queries.selectFrom('setup_links').selectAll().where('token_hash', '=', hash).executeTakeFirst();
}

export function pendingSetupLinks(queries: Queries): Promise<SetupLinksTable[]> {
  return queries.selectFrom('setup_links').selectAll().orderBy('created_unix_ms').execute();
}

/** Spends a link, and with it every other one of its user. */
export async function spendSetupLink(
  transaction: StoreTransaction,
  hash: string,
): Promise<SetupLinksTable | undefined> {
  const link = await findSetupLink(transaction, hash);
  if (link) await deleteSetupLinks(transaction, link.user_id);
  return link;
}

export async function deleteSetupLinks(transaction: StoreTransaction, userId: string): Promise<void> {
  await transaction.deleteFrom('setup_links').where('user_id', '=', userId).execute();
}

/**
 * Counts a try in a window of its own, which begins with the first try: how many there are now and until when they
 * count. One statement, so no two control nodes count the same try.
 */
export async function countTry(
  queries: Queries,
  id: string,
  unixMs: number,
  windowMs: number,
): Promise<{ readonly tries: number; readonly untilUnixMs: number }> {
  const until = Math.round(unixMs + windowMs);
  const row = await queries
    .insertInto('sign_in_tries')
    .values({ id, tries: 1, until_unix_ms: until })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((old) => {
        const isOver = old('sign_in_tries.until_unix_ms', '<=', Math.round(unixMs));
        return {
          tries: old
            .case()
            .when(isOver)
            .then(1)
            .else(old('sign_in_tries.tries', '+', 1))
            .end(),
          until_unix_ms: old.case().when(isOver).then(until).else(old.ref('sign_in_tries.until_unix_ms')).end(),
        };
      }),
    )
    .returning(['tries', 'until_unix_ms'])
    .executeTakeFirstOrThrow();
  return { tries: row.tries, untilUnixMs: row.until_unix_ms };
}

/** Gives one try back. */
export async function uncountTry(queries: Queries, id: string): Promise<void> {
  await queries
    .updateTable('sign_in_tries')
    .set((row) => ({ tries: row('tries', '-', 1) }))
    .where('id', '=', id)
    .where('tries', '>', 0)
    .execute();
}

export async function forgetTries(queries: Queries, id: string): Promise<void> {
  await queries.deleteFrom('sign_in_tries').where('id', '=', id).execute();
}

export async function deleteEndedTries(queries: Queries, unixMs: number): Promise<void> {
  await queries.deleteFrom('sign_in_tries').where('until_unix_ms', '<=', Math.round(unixMs)).execute();
}
