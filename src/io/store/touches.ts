/**
 * Which rows that PoPs know of were changed: triggers write it down, in the transaction of whoever changes them, so that
 * no code that changes something can forget to say so. A publication reads what was touched since the one before.
 */
import { type Kysely, sql } from 'kysely';
import { TOUCHES_KEPT_MS } from './constants.ts';
import { isPostgres } from './dialect.ts';
import type { Queries } from './store.ts';
import { columnsThatCount, TOUCH_RULES, type TouchedTable, type TouchNoun } from './touch-rules.ts';

/** Something that is to be read anew. */
export interface Touch {
  readonly noun: TouchNoun;
  readonly id: string;
}

/** Up to where touches were read. */
export type TouchCursor =
  | { readonly dialect: 'sqlite'; readonly sequence: number; readonly otherWriters: number }
  | { readonly dialect: 'postgres'; readonly snapshot: string; readonly unixMs: number };

/** Where the store is in the transaction that `queries` is. */
export async function touchCursor(queries: Queries): Promise<TouchCursor> {
  if (isPostgres(queries)) {
    const { rows } = await sql<{ snapshot: string; unix_ms: number }>`
      select pg_current_snapshot()::text as snapshot, (extract(epoch from now()) * 1000)::bigint as unix_ms`.execute(
      queries,
    );
    return { dialect: 'postgres', snapshot: rows[0]?.snapshot ?? '', unixMs: rows[0]?.unix_ms ?? 0 };
  }
  const { rows } = await sql<{ last: number | null }>`select max(sequence) as last from temp.touches`.execute(queries);
  const version = await sql<{ data_version: number }>`pragma data_version`.execute(queries);
  return {
    dialect: 'sqlite',
    sequence: rows[0]?.last ?? 0,
    // Grows where another connection wrote, whose changes no trigger of this one sees.
    otherWriters: version.rows[0]?.data_version ?? 0,
  };
}

/** What was touched from one cursor to a later one; undefined where that is not known any more. */
export async function touchesSince(
  queries: Queries,
  from: TouchCursor,
  to: TouchCursor,
): Promise<readonly Touch[] | undefined> {
  if (from.dialect === 'postgres' && to.dialect === 'postgres') {
    if (to.unixMs - from.unixMs > TOUCHES_KEPT_MS / 2) return undefined;
    // By who is visible, since numbers are not committed in their order.
    const { rows } = await sql<Touch>`
      select distinct noun, id from touches
      where xid >= pg_snapshot_xmin(${from.snapshot}::pg_snapshot)
        and not pg_visible_in_snapshot(xid, ${from.snapshot}::pg_snapshot)`.execute(queries);
    return rows;
  }
  if (from.dialect !== 'sqlite' || to.dialect !== 'sqlite' || from.otherWriters !== to.otherWriters) return undefined;
  const { rows } =
    await sql<Touch>`select distinct noun, id from temp.touches where sequence > ${from.sequence}`.execute(queries);
  return rows;
}

/** Forgets what nobody will ask for: of PostgreSQL what is old, of SQLite what its one reader has read. */
export async function forgetTouches(queries: Queries, read: TouchCursor): Promise<void> {
  if (read.dialect === 'sqlite')
    await sql`delete from temp.touches where sequence <= ${read.sequence}`.execute(queries);
  else await sql`delete from touches where unix_ms < ${read.unixMs - TOUCHES_KEPT_MS}`.execute(queries);
}

/** In a store of one process touches live as long as its connection: it begins by reading everything. */
export async function openTouches(database: Queries): Promise<void> {
  // No file beside the store: there may be no folder for one.
  await sql`pragma temp_store = memory`.execute(database);
  await sql`
    create temp table touches (
      sequence integer primary key autoincrement, noun text not null, id text not null
    )`.execute(database);
  for (const table of touchedTables())
    for (const event of ['insert', 'update', 'delete'] as const)
      await sql
        .raw(
          `create temp trigger touches_of_${table}_${event} after ${event}${columnsThatCount(table, event)} on main.${table} begin ${statements(table, event)} end`,
        )
        .execute(database);
}

function statements(table: TouchedTable, event: 'insert' | 'update' | 'delete'): string {
  const rows = event === 'insert' ? ['new'] : event === 'delete' ? ['old'] : ['old', 'new'];
  return rows.map((row) => `insert into touches (noun, id) ${valuesOf(table, row)};`).join(' ');
}

/** Adds them to PostgreSQL, for the tables that are there by now: a migration that adds one runs this again. */
export async function addTouches(database: Kysely<unknown>): Promise<void> {
  if (!isPostgres(database)) return;
  const { rows } = await sql<{ name: TouchedTable }>`
    select name from unnest(${touchedTables()}::text[]) as name where to_regclass(name) is not null`.execute(database);
  // At once: other nodes that start wait for the whole of a migration.
  await sql.raw([TOUCHES, ...rows.map(({ name }) => triggerOf(name))].join('\n')).execute(database);
}

const TOUCHES = `
  create table if not exists touches (
    sequence bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    noun text not null,
    id text not null,
    unix_ms bigint not null default (extract(epoch from now()) * 1000)::bigint
  );
  create index if not exists touches_by_xid on touches (xid);`;

function triggerOf(table: TouchedTable): string {
  const name = `touches_of_${table}`;
  const insert = (row: string) => `insert into touches (noun, id) ${valuesOf(table, row)};`;
  return `
    create or replace function ${name}() returns trigger language plpgsql as $$ begin
      if tg_op <> 'INSERT' then ${insert('old')} end if;
      if tg_op <> 'DELETE' then ${insert('new')} end if;
      return null;
    end $$;
    drop trigger if exists ${name} on ${table};
    create trigger ${name} after insert or update${columnsThatCount(table, 'update')} or delete on ${table}
      for each row execute function ${name}();`;
}

function touchedTables(): TouchedTable[] {
  return Object.keys(TOUCH_RULES) as TouchedTable[];
}

/** An empty id is of nothing. */
function valuesOf(table: TouchedTable, row: string): string {
  return TOUCH_RULES[table]
    .touches(row)
    .map(([noun, id]) => `select '${noun}', ${id} where ${id} <> ''`)
    .join(' union all ');
}
