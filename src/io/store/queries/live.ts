import type { AuditEventsTable } from '../schema-of-audit.ts';
import type { LiveNewsTable } from '../schema-of-live.ts';
import type { Queries } from '../store.ts';

/** Rows that are read at once: what is more is told a second later, or not at all. */
const ROWS = 200;

/** Somebody looks at these through a node. */
export async function watchOrganisations(
  queries: Queries,
  controlId: string,
  organisationIds: readonly string[],
  untilUnixMs: number,
): Promise<void> {
  const rows = organisationIds.map((id) => ({
    ...{ control_id: controlId, organisation_id: id, until_unix_ms: untilUnixMs },
  }));
  await queries.deleteFrom('live_watches').where('control_id', '=', controlId).execute();
  if (rows.length > 0) await queries.insertInto('live_watches').values(rows).execute();
}

/** What somebody looks at through other nodes than this one. */
export async function watchedOrganisations(queries: Queries, controlId: string, nowUnixMs: number): Promise<string[]> {
  const others = queries.selectFrom('live_watches').select('organisation_id').distinct();
  const rows = await others.where('control_id', '!=', controlId).where('until_unix_ms', '>', nowUnixMs).execute();
  return rows.map(({ organisation_id }) => organisation_id);
}

export async function insertLiveNews(queries: Queries, rows: readonly LiveNewsTable[]): Promise<void> {
  if (rows.length > 0)
    await queries
      .insertInto('live_news')
      .values([...rows])
      .execute();
}

/** What other nodes heard of these since a time. */
export function liveNewsAfter(
  queries: Queries,
  controlId: string,
  organisationIds: readonly string[],
  sinceUnixMs: number,
): Promise<LiveNewsTable[]> {
  return queries
    .selectFrom('live_news')
    .selectAll()
    .where('control_id', '!=', controlId)
    .where('organisation_id', 'in', [...organisationIds])
    .where('unix_ms', '>=', Math.round(sinceUnixMs))
    .orderBy('id')
    .limit(ROWS)
    .execute();
}

export async function deleteOldLiveNews(queries: Queries, beforeUnixMs: number): Promise<void> {
  await queries.deleteFrom('live_news').where('unix_ms', '<', beforeUnixMs).execute();
}

/** What was changed in these organisations, or in the installation, since a time. */
export function auditedSince(
  queries: Queries,
  organisationIds: readonly string[],
  sinceUnixMs: number,
): Promise<Pick<AuditEventsTable, 'id' | 'organisation_id' | 'action' | 'subject'>[]> {
  return queries
    .selectFrom('audit_events')
    .select(['id', 'organisation_id', 'action', 'subject'])
    .where('unix_ms', '>=', Math.round(sinceUnixMs))
    .where('source', '=', 'control')
    .where((where) =>
      where.or([where('organisation_id', 'in', [...organisationIds]), where('organisation_id', 'is', null)]),
    )
    .orderBy('id', 'desc')
    .limit(ROWS)
    .execute();
}
