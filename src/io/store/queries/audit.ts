import type { AuditEventsTable } from '../schema.ts';
import type { Queries } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';

/** Adds events; one whose id is there already is left as it is, so a PoP may send again. */
export async function insertAuditEvents(queries: Queries, events: readonly AuditEventsTable[]): Promise<void> {
  if (events.length === 0) return;
  await queries
    .insertInto('audit_events')
    .values(events)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** Those of an organisation, with those of the installation where that is wished; the newest first. */
export function listAuditEvents(
  queries: Queries,
  organisationId: string,
  withInstallation: boolean,
  request: PageRequest,
): Promise<Page<AuditEventsTable>> {
  const events = queries
    .selectFrom('audit_events')
    .selectAll()
    .where((where) => {
      const own = where('organisation_id', '=', organisationId);
      return withInstallation ? where.or([own, where('organisation_id', 'is', null)]) : own;
    });
  return readPage(events, request, 'desc');
}

/** Rows that one statement deletes, so that a long clean-up never holds the store up. */
const DELETED_AT_ONCE = 2_000;

/** Deletes the oldest events of an action so that `keep` of them are left. Ids begin with their time. */
export async function keepNewestAuditEvents(queries: Queries, action: string, keep: number): Promise<void> {
  const ofAction = () => queries.selectFrom('audit_events').select('id').where('action', '=', action);
  const last = await ofAction().orderBy('id', 'desc').offset(keep).limit(1).executeTakeFirst();
  if (!last) return;
  for (let deleted = 1n; deleted > 0n; ) {
    const some = ofAction().where('id', '<=', last.id).orderBy('id').limit(DELETED_AT_ONCE);
    deleted = (await queries.deleteFrom('audit_events').where('id', 'in', some).executeTakeFirst()).numDeletedRows;
    // The store answers at once, so without this nothing else would be served in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
