import { type Kysely, sql } from 'kysely';
import { ARCHIVE_PAGE_ROWS } from '../constants.ts';
import { isPostgres } from '../dialect.ts';
import { refuseNewer, schemaOf } from '../migrate.ts';
import type { Tables } from '../schema.ts';
import { StoreFailure } from '../store-failure.ts';
import { ARCHIVED_TABLES, type ArchivedTable } from './tables.ts';

export type Row = Readonly<Record<string, string | number | null>>;

/** Rows of one table that belong together in an archive. */
export interface RowPage {
  readonly table: string;
  readonly rows: readonly Row[];
}

/** A source of everything that a store holds, as it is at one moment. */
export interface RowSource {
  readonly schema: number;
  pages(): AsyncIterable<RowPage>;
}

/** Reads the whole store in one transaction while `use` runs. It is not migrated: a running control may be older. */
export function readStore<Value>(database: Kysely<Tables>, use: (source: RowSource) => Promise<Value>): Promise<Value> {
  const reading = database.transaction();
  const transaction = isPostgres(database)
    ? reading.setIsolationLevel('repeatable read').setAccessMode('read only')
    : reading;
  return transaction.execute(async (queries) => {
    const names = await tableNames(queries);
    if (!names.has('migrations')) throw new StoreFailure('store-unreadable', 'there is no store of Manis in there');
    const schema = await schemaOf(queries);
    refuseNewer(schema);
    const tables = ARCHIVED_TABLES.filter(({ name }) => names.has(name));
    return use({ schema, pages: () => pagesOf(queries, tables) });
  });
}

/** Every table that is there. */
export async function tableNames(database: Kysely<Tables>): Promise<Set<string>> {
  const { rows } = isPostgres(database)
    ? await sql<{
        name: string;
      }>`select table_name as name from information_schema.tables where table_schema = current_schema()`.execute(
        database,
      )
    : await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(database);
  return new Set(rows.map(({ name }) => name).filter((name) => !name.startsWith('sqlite_')));
}

export async function* pagesOf(queries: Kysely<Tables>, tables: readonly ArchivedTable[]): AsyncGenerator<RowPage> {
  for (const { name, key } of tables) {
    let rows: readonly Row[] = [];
    do {
      rows = await pageAfter(queries, name, key, rows.at(-1));
      if (rows.length > 0) yield { table: name, rows };
    } while (rows.length === ARCHIVE_PAGE_ROWS);
  }
}

async function pageAfter(
  queries: Kysely<Tables>,
  table: string,
  key: readonly string[],
  last: Row | undefined,
): Promise<readonly Row[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  const after = last ? sql`where (${columns}) > (${sql.join(key.map((column) => last[column]))})` : sql``;
  const query = sql<Row>`select * from ${sql.table(table)} ${after} order by ${columns} limit ${ARCHIVE_PAGE_ROWS}`;
  return (await query.execute(queries)).rows;
}
