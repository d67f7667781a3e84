import { type Kysely, sql, type Transaction } from 'kysely';
import { isPostgres } from './dialect.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './schema.ts';
import { referenceFailure, StoreFailure } from './store-failure.ts';

/** Any number that nothing else in the database locks. */
const MIGRATION_LOCK = 0x6d616e6973;

/**
 * Brings the schema up to date in one transaction. Two processes that start together do it one after the other (the
 * transaction holds the write lock of SQLite, or a lock of PostgreSQL, from its begin); the second finds nothing left to do. A store that a newer Manis
 * has changed is refused.
 */
export async function migrate(database: Kysely<Tables>, nowUnixMs: number): Promise<void> {
  await withTablesMadeAnew(database, (transaction) => migrateWithin(transaction, nowUnixMs));
}

/**
 * A transaction in which SQLite may make a table anew: that looks to it like the loss of every row that others refer to,
 * so references are judged once, at the end (https://www.sqlite.org/lang_altertable.html#otheralter).
 */
export async function withTablesMadeAnew<Value>(
  database: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<Value>,
): Promise<Value> {
  if (isPostgres(database)) return database.transaction().execute(work);
  await sql`pragma foreign_keys = off`.execute(database);
  try {
    return await database.transaction().execute(async (transaction) => {
      const value = await work(transaction);
      const { rows } = await sql`pragma foreign_key_check`.execute(transaction);
      if (rows.length > 0) throw referenceFailure(new Error(JSON.stringify(rows.slice(0, 5))));
      return value;
    });
  } finally {
    await sql`pragma foreign_keys = on`.execute(database);
  }
}

/** The same inside a transaction, and not beyond schema number `upTo`. */
export async function migrateWithin(
  transaction: Transaction<Tables>,
  nowUnixMs: number,
  upTo = MIGRATIONS.length,
): Promise<void> {
  if (isPostgres(transaction)) await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction);
  await sql`create table if not exists migrations (number integer primary key, name text not null, applied_unix_ms bigint not null)`.execute(
    transaction,
  );
  const last = await schemaOf(transaction);
  refuseNewer(last);
  for (const [index, migration] of MIGRATIONS.slice(0, upTo).entries()) {
    if (index < last) continue;
    await migration.up(transaction as unknown as Kysely<unknown>);
    await sql`insert into migrations (number, name, applied_unix_ms) values (${index + 1}, ${migration.name}, ${nowUnixMs})`.execute(
      transaction,
    );
  }
}

/** Number of the last migration that was applied. The table of migrations must exist. */
export async function schemaOf(database: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ number: number }>`select max(number) as number from migrations`.execute(database);
  return rows[0]?.number ?? 0;
}

/** Throws a StoreFailure `store-newer`. */
export function refuseNewer(schema: number): void {
  if (schema <= MIGRATIONS.length) return;
  throw new StoreFailure(
    'store-newer',
    `the store was written by a newer version of Manis (schema ${schema}, this version knows ${MIGRATIONS.length}); start that version or restore a backup`,
  );
}
