import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.ts';
import { MIGRATIONS } from './migrations.ts';
import type { Tables } from './schema.ts';
import { StoreFailure } from './store-failure.ts';

/** Any number that nothing else in the database locks. */
const MIGRATION_LOCK = 0x6d616e6973;

/**
 * Brings the schema up to date in one transaction. Two processes that start together do it one after the other (the
 * transaction holds the write lock of SQLite, or a lock of PostgreSQL, from its begin); the second finds nothing left to do. A store that a newer Manis
 * has changed is refused.
 */
export async function migrate(database: Kysely<Tables>, nowUnixMs: number): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    if (isPostgres(transaction)) await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(transaction);
    await sql`create table if not exists migrations (number integer primary key, name text not null, applied_unix_ms bigint not null)`.execute(
      transaction,
    );
    const applied = await sql<{ number: number }>`select number from migrations order by number`.execute(transaction);
    const last = applied.rows.at(-1)?.number ?? 0;
    if (last > MIGRATIONS.length)
      throw new StoreFailure(
        'store-newer',
        `the store was written by a newer version of Manis (schema ${last}, this version knows ${MIGRATIONS.length}); start that version or restore a backup`,
      );
    for (const [index, migration] of MIGRATIONS.entries()) {
      if (index < last) continue;
      await migration.up(transaction as unknown as Kysely<unknown>);
      await sql`insert into migrations (number, name, applied_unix_ms) values (${index + 1}, ${migration.name}, ${nowUnixMs})`.execute(
        transaction,
      );
    }
  });
}
