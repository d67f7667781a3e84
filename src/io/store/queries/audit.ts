import type { Prefix } from '../../../base/index.ts';
import { addressKey, keysOfBlock } from '../address-key.ts';
import type { AuditEventsTable } from '../schema-of-audit.ts';
import type { Queries } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';

/** Adds events; one whose id is there already is left as it is, so a PoP may send again. */
export async function insertAuditEvents(queries: Queries, events: readonly AuditEventsTable[]): Promise<void> {
  if (events.length === 0) return;
  await queries
    .insertInto('audit_events')
    .values(events.map((event) => ({ ...event, address_key: addressKey(event.client_address) })))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** Which events; what is left out is not looked at. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly outcome?: string | undefined;
  readonly source?: string | undefined;
  readonly clientAddress?: string | undefined;
  /** Within this block, in place of one address. */
  readonly clientBlock?: Prefix | undefined;
  readonly requestId?: string | undefined;
  /** From then on. */
  readonly sinceUnixMs?: number | undefined;
  /** Before then. */
  readonly untilUnixMs?: number | undefined;
}

/** Those of an organisation, with those of the installation where that is wished; the newest first. */
export function listAuditEvents(
  queries: Queries,
  organisationId: string,
  withInstallation: boolean,
  request: PageRequest & AuditFilter,
): Promise<Page<AuditEventsTable>> {
  let events = queries
    .selectFrom('audit_events')
    .selectAll()
    .where((where) => {
      const own = where('organisation_id', '=', organisationId);
      return withInstallation ? where.or([own, where('organisation_id', 'is', null)]) : own;
    });
  for (const [field, column] of Object.entries(EQUAL_COLUMNS)) {
    const wanted = request[field as keyof typeof EQUAL_COLUMNS];
    if (wanted !== undefined) events = events.where(column, '=', wanted);
  }
  if (request.clientBlock) {
    const [first, last] = keysOfBlock(request.clientBlock);
    events = events.where('address_key', '>=', first).where('address_key', '<=', last);
  }
  if (request.sinceUnixMs !== undefined) events = events.where('unix_ms', '>=', request.sinceUnixMs);
  if (request.untilUnixMs !== undefined) events = events.where('unix_ms', '<', request.untilUnixMs);
  return readPage(events, request, { order: 'desc' });
}

/** A guest or holder who was let in, as the audit tells it. */
export interface AuditedVisitor {
  readonly actor: string;
  readonly subject: string;
  readonly firstUnixMs: number;
  readonly lastUnixMs: number;
}

/** Who came without an account since a time: they have no session at control, so this is what is known of them. */
export async function listAuditedVisitors(
  queries: Queries,
  organisationId: string,
  sinceUnixMs: number,
  limit: number,
): Promise<AuditedVisitor[]> {
  const rows = await queries
    .selectFrom('audit_events')
    .select((select) => ['actor', 'subject', select.fn.min('unix_ms').as('first'), select.fn.max('unix_ms').as('last')])
    .where('organisation_id', '=', organisationId)
    .where((where) => where.or(['guest:', 'credential:'].map((kind) => where('actor', 'like', `${kind}%`))))
    .where('action', '=', 'request')
    .where('outcome', '=', 'allow')
    .where('unix_ms', '>=', sinceUnixMs)
    .groupBy(['actor', 'subject'])
    .orderBy('last', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ actor, subject, first, last }) => ({
    actor: actor ?? '',
    subject: subject ?? '',
    firstUnixMs: Number(first),
    lastUnixMs: Number(last),
  }));
}

const EQUAL_COLUMNS = {
  actor: 'actor',
  action: 'action',
  subject: 'subject',
  outcome: 'outcome',
  source: 'source',
  clientAddress: 'client_address',
  requestId: 'request_id',
} as const;

/** How many decisions of PoPs are kept of an organisation. */
export async function countAuditedRequests(queries: Queries, organisationId: string): Promise<number> {
  const row = await queries
    .selectFrom('audit_events')
    .select((select) => select.fn.countAll<number | string>().as('count'))
    .where('organisation_id', '=', organisationId)
    .where('action', '=', 'request')
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** Rows that one statement deletes, so that a long clean-up never holds the store up. */
const DELETED_AT_ONCE = 2_000;

/** Deletes the oldest events of an organisation with an action so that `keep` of them are left. Ids begin with their time. */
export async function keepNewestAuditEvents(
  queries: Queries,
  organisationId: string | null,
  action: string,
  keep: number,
): Promise<void> {
  const ofAction = () => {
    const events = queries.selectFrom('audit_events').select('id').where('action', '=', action);
    return organisationId === null
      ? events.where('organisation_id', 'is', null)
      : events.where('organisation_id', '=', organisationId);
  };
  const last = await ofAction().orderBy('id', 'desc').offset(keep).limit(1).executeTakeFirst();
  if (!last) return;
  for (let deleted = 1n; deleted > 0n; ) {
    const some = ofAction().where('id', '<=', last.id).orderBy('id').limit(DELETED_AT_ONCE);
    deleted = (await queries.deleteFrom('audit_events').where('id', 'in', some).executeTakeFirst()).numDeletedRows;
    // The store answers at once, so without this nothing else would be served in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
