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

/** The newest first. */
export function listAuditEvents(queries: Queries, request: PageRequest): Promise<Page<AuditEventsTable>> {
  return readPage(queries.selectFrom('audit_events').selectAll(), request, 'desc');
}
