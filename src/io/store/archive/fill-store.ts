import { type Kysely, sql } from 'kysely';
import { migrateWithin, withTablesMadeAnew } from '../migrate.ts';
import { setLineage, startEpoch } from '../queries/installation.ts';
import type { Tables } from '../schema.ts';
import type { StoreTransaction } from '../store.ts';
import { StoreFailure } from '../store-failure.ts';
import { pagesOf, type RowPage, type RowSource, tableNames } from './read-rows.ts';
import { RowDigest } from './row-digest.ts';
import { ARCHIVED_TABLES } from './tables.ts';

export interface FillOptions {
  readonly nowUnixMs: number;
  /** Told after each page: which table, and how many rows in all. */
  readonly progress?: (table: string, rows: number) => void;
}

export interface Filled {
  readonly rows: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly epoch: number;
}

/**
 * Puts everything of a source into an empty database: all or nothing. What is there afterwards is read again and
 * compared; then a new epoch begins, above all that was ever published, so that PoPs take what comes from here.
 */
export async function fillStore(database: Kysely<Tables>, source: RowSource, options: FillOptions): Promise<Filled> {
  return withTablesMadeAnew(database, async (transaction) => {
    await refuseFull(transaction);
    await migrateWithin(transaction, options.nowUnixMs, source.schema);
    const given = new RowDigest();
    for await (const page of source.pages()) {
      await insertPage(transaction, page);
      given.add(page);
      options.progress?.(page.table, given.rows);
    }
    await refuseDifference(transaction, given);
    await migrateWithin(transaction, options.nowUnixMs);
    const counters = await transaction.selectFrom('counters').selectAll().executeTakeFirstOrThrow();
    await setLineage(transaction, null);
    // Nobody knows what was published after the backup, or from an earlier restore of it: the time is above all of it.
    const epoch = await startEpoch(transaction, counters, counters.revocation_sequence, options.nowUnixMs / 1_000);
    return { rows: given.rows, counts: given.counts(), epoch };
  });
}

/** A store that control has begun to use has keys. */
async function refuseFull(transaction: StoreTransaction): Promise<void> {
  const names = await tableNames(transaction);
  if (!names.has('migrations')) return;
  const keys = names.has('keys') ? await transaction.selectFrom('keys').select('id').limit(1).execute() : [];
  if (keys.length > 0)
    throw new StoreFailure(
      'store-not-empty',
      'the store is not empty: give an empty database, or move the old store away',
    );
  throw new StoreFailure('store-not-empty', 'the database has tables of Manis already: give one without');
}

async function insertPage(transaction: StoreTransaction, { table, rows }: RowPage): Promise<void> {
  if (!ARCHIVED_TABLES.some(({ name }) => name === table))
    throw new StoreFailure('store-corrupt', `the backup holds a table that this version does not know: ${table}`);
  // The migrations made the one row of counters.
  if (table === 'counters') await sql`delete from counters`.execute(transaction);
  await transaction
    .insertInto(table as 'sites')
    .values([...rows] as never)
    .execute();
}

async function refuseDifference(transaction: StoreTransaction, given: RowDigest): Promise<void> {
  const names = await tableNames(transaction);
  const found = new RowDigest();
  const tables = ARCHIVED_TABLES.filter(({ name }) => names.has(name));
  for await (const page of pagesOf(transaction, tables)) found.add(page);
  if (found.rows !== given.rows || found.sha256() !== given.sha256())
    throw new StoreFailure('store-error', 'what was written is not what was read; nothing was kept');
}
