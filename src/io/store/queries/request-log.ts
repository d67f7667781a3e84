import { type SelectQueryBuilder, sql } from 'kysely';
import { inParts, type Prefix } from '../../../base/index.ts';
import { addressKey, keysOfBlock } from '../address-key.ts';
import { STORE_ROWS_AT_ONCE } from '../constants.ts';
import type { Tables } from '../schema.ts';
import type { RequestLogTable } from '../schema-of-requests.ts';
import type { Queries } from '../store.ts';
import { type Page, type PageRequest, readPage } from './page.ts';

const DAY_MS = 86_400_000;

/** Adds requests to the log; one that is there already is left as it is. */
export async function insertRequests(
  queries: Queries,
  rows: readonly Omit<RequestLogTable, 'address_key' | 'size_bytes'>[],
): Promise<void> {
  if (rows.length === 0) return;
  const sized = rows.map(sizedRow);
  await queries.transaction().execute(async (transaction) => {
    for (const part of inParts(sized, STORE_ROWS_AT_ONCE))
      await transaction
        .insertInto('request_log')
        .values(part)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    // In one order, so that two nodes never wait for one another.
    for (const day of [...daysOf(sized)].sort(byOrganisation)) await addToDay(transaction, day);
  });
}

export interface DayOfLog {
  readonly organisation_id: string;
  readonly day: number;
  size_bytes: number;
  entries: number;
}

function byOrganisation(a: DayOfLog, b: DayOfLog): number {
  if (a.organisation_id !== b.organisation_id) return a.organisation_id < b.organisation_id ? -1 : 1;
  return a.day - b.day;
}

function sizedRow(row: Omit<RequestLogTable, 'address_key' | 'size_bytes'>): RequestLogTable {
  const texts = Object.values(row).reduce<number>((sum, value) => sum + String(value ?? '').length, 0);
  // With what the indexes take.
  return { ...row, address_key: addressKey(row.client_address), size_bytes: texts + 200 };
}

function daysOf(
  rows: readonly Pick<RequestLogTable, 'organisation_id' | 'unix_ms' | 'size_bytes'>[],
): Iterable<DayOfLog> {
  const days = new Map<string, DayOfLog>();
  for (const { organisation_id, unix_ms, size_bytes } of rows) {
    const day = Math.floor(Number(unix_ms) / DAY_MS);
    const key = `${organisation_id} ${day}`;
    const known = days.get(key) ?? { organisation_id, day, size_bytes: 0, entries: 0 };
    known.size_bytes += size_bytes;
    known.entries++;
    days.set(key, known);
  }
  return days.values();
}

async function addToDay(transaction: Queries, day: DayOfLog): Promise<void> {
  await transaction
    .insertInto('request_log_days')
    .values(day)
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'day']).doUpdateSet((set) => ({
        size_bytes: set('request_log_days.size_bytes', '+', day.size_bytes),
        entries: set('request_log_days.entries', '+', day.entries),
      })),
    )
    .execute();
}

/** Which requests; what is left out is not looked at. */
export interface RequestFilter {
  readonly resourceId?: string | undefined;
  readonly popId?: string | undefined;
  readonly host?: string | undefined;
  readonly method?: string | undefined;
  readonly outcome?: string | undefined;
  readonly reason?: string | undefined;
  readonly country?: string | undefined;
  readonly address?: string | undefined;
  readonly requestId?: string | undefined;
  /** Within this block, in place of one address. */
  readonly block?: Prefix | undefined;
  /** One status, or the first of a class and the one after its last. */
  readonly status?: readonly [from: number, before: number] | undefined;
  /** A user's id or name, or a part of the name. */
  readonly user?: string | undefined;
  /** A part of the path. */
  readonly path?: string | undefined;
  readonly sinceUnixMs?: number | undefined;
  readonly untilUnixMs?: number | undefined;
  readonly slowerThanMs?: number | undefined;
  /** What was captured of it is kept still. */
  readonly isCaptured?: boolean | undefined;
}

type Requests<Row> = SelectQueryBuilder<Tables, 'request_log', Row>;

const EQUAL_COLUMNS = {
  resourceId: 'resource_id',
  popId: 'pop_id',
  host: 'host',
  method: 'method',
  outcome: 'outcome',
  reason: 'reason',
  country: 'country',
  address: 'client_address',
  requestId: 'request_id',
} as const;

/** Those of an organisation, the newest first. */
export function listRequests(
  queries: Queries,
  organisationId: string,
  request: PageRequest & RequestFilter,
): Promise<Page<RequestLogTable>> {
  return readPage(filtered(queries.selectFrom('request_log').selectAll(), organisationId, request), request, {
    order: 'desc',
  });
}

/** Those that came after one, the oldest first. */
export function listRequestsAfter(
  queries: Queries,
  organisationId: string,
  id: string,
  most: number,
): Promise<RequestLogTable[]> {
  const requests = queries.selectFrom('request_log').selectAll().where('organisation_id', '=', organisationId);
  return requests.where('id', '>', id).orderBy('id').limit(most).execute();
}

export function findRequest(
  queries: Queries,
  organisationId: string,
  id: string,
): Promise<RequestLogTable | undefined> {
  const requests = queries.selectFrom('request_log').selectAll().where('organisation_id', '=', organisationId);
  return requests.where('id', '=', id).executeTakeFirst();
}

/** The newest with the id that people see. */
export function findRequestByRequestId(
  queries: Queries,
  organisationId: string,
  requestId: string,
): Promise<RequestLogTable | undefined> {
  const requests = queries.selectFrom('request_log').selectAll().where('organisation_id', '=', organisationId);
  return requests.where('request_id', '=', requestId).orderBy('id', 'desc').limit(1).executeTakeFirst();
}

/** A query of the log, limited to an organisation and a filter. */
export function filtered<Row>(query: Requests<Row>, organisationId: string, filter: RequestFilter): Requests<Row> {
  let requests = query.where('organisation_id', '=', organisationId);
  for (const [field, column] of Object.entries(EQUAL_COLUMNS)) {
    const wanted = filter[field as keyof typeof EQUAL_COLUMNS];
    if (wanted !== undefined) requests = requests.where(column, '=', wanted);
  }
  if (filter.status) requests = requests.where('status', '>=', filter.status[0]).where('status', '<', filter.status[1]);
  if (filter.block) {
    const [first, last] = keysOfBlock(filter.block);
    requests = requests.where('address_key', '>=', first).where('address_key', '<=', last);
  }
  const { user, path, slowerThanMs } = filter;
  if (user !== undefined)
    requests = requests.where((where) => where.or([where('subject_id', '=', user), contains('subject_name', user)]));
  if (path !== undefined) requests = requests.where(contains('path', path));
  if (slowerThanMs !== undefined) requests = requests.where('total_ms', '>=', slowerThanMs);
  // Ids begin with the time, so a span of time is a span of the index.
  if (filter.sinceUnixMs !== undefined) requests = requests.where('unix_ms', '>=', filter.sinceUnixMs);
  if (filter.untilUnixMs !== undefined) requests = requests.where('unix_ms', '<', filter.untilUnixMs);
  if (filter.isCaptured !== undefined) {
    const kept = sql`exists (select 1 from request_captures where request_captures.id = request_log.id)`;
    requests = requests.where(filter.isCaptured ? sql<boolean>`${kept}` : sql<boolean>`not ${kept}`);
  }
  return requests;
}

/** Whether a column contains a text, in whatever case. */
function contains(column: 'path' | 'subject_name', text: string) {
  const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, (special) => `\\${special}`)}%`;
  return sql<boolean>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`;
}

/** Which organisations have a log, and how much of it. */
export async function requestLogSizes(queries: Queries): Promise<DayOfLog[]> {
  const days = queries.selectFrom('request_log_days').selectAll();
  const rows = await days.orderBy('organisation_id').orderBy('day').execute();
  return rows.map((row) => ({ ...row, size_bytes: Number(row.size_bytes), entries: Number(row.entries) }));
}

/**
 * Deletes requests of an organisation, the oldest first, that are from before a time or more than it may keep. In small
 * steps, so that a long clean-up never holds the store up.
 */
export async function trimRequests(
  queries: Queries,
  organisationId: string,
  kept: { readonly sinceUnixMs: number; readonly bytes: number },
): Promise<number> {
  const days = (await requestLogSizes(queries)).filter((day) => day.organisation_id === organisationId);
  let tooMany = days.reduce((sum, day) => sum + day.size_bytes, 0) - kept.bytes;
  for (let deleted = 0; ; ) {
    const oldest = await queries
      .selectFrom('request_log')
      .select(['id', 'unix_ms', 'size_bytes', 'organisation_id'])
      .where('organisation_id', '=', organisationId)
      .orderBy('id')
      .limit(STORE_ROWS_AT_ONCE)
      .execute();
    const over: typeof oldest = [];
    for (const row of oldest) {
      if (Number(row.unix_ms) >= kept.sinceUnixMs && tooMany <= 0) break;
      tooMany -= row.size_bytes;
      over.push(row);
    }
    if (over.length === 0) return deleted;
    await deleteRequests(queries, over);
    deleted += over.length;
    // An embedded store answers at once, so without this nothing else would be served in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function deleteRequests(
  queries: Queries,
  rows: readonly Pick<RequestLogTable, 'id' | 'unix_ms' | 'size_bytes' | 'organisation_id'>[],
): Promise<void> {
  await queries.transaction().execute(async (transaction) => {
    const ids = rows.map(({ id }) => id);
    await transaction.deleteFrom('request_log').where('id', 'in', ids).execute();
    for (const { organisation_id, day, size_bytes, entries } of daysOf(rows)) {
      const before = transaction.updateTable('request_log_days').where('organisation_id', '=', organisation_id);
      await before
        .where('day', '=', day)
        .set((set) => ({ size_bytes: set('size_bytes', '-', size_bytes), entries: set('entries', '-', entries) }))
        .execute();
      const empty = transaction.deleteFrom('request_log_days').where('organisation_id', '=', organisation_id);
      await empty.where('day', '=', day).where('entries', '<=', 0).execute();
    }
  });
}
