/**
 * archive: a whole store at one moment, in a file or on the way to another store. Read `backup-file.ts` for the form of
 * the file; `fill-store.ts` for what happens on arrival.
 */
import { openPostgresDatabase } from '../open-postgres.ts';
import { type OpenDatabase, openSqliteDatabase, openSqliteForReading } from '../open-sqlite.ts';
import { isPostgresUrl } from '../postgres-url.ts';
import { StoreFailure } from '../store-failure.ts';
import { openBackup, type WrittenBackup, writeBackup } from './backup-file.ts';
import { type Filled, type FillOptions, fillStore } from './fill-store.ts';
import { readStore } from './read-rows.ts';

export { ARCHIVED_TABLES, LEFT_OUT_TABLES } from './tables.ts';
export type { Filled, FillOptions, WrittenBackup };

/** A data directory with an embedded store, or the URL of PostgreSQL. */
export interface StorePlace {
  readonly place: string;
  readonly password?: string | undefined;
}

/** Writes a backup of a store, which may be in use. */
export async function backUpStore(from: StorePlace, path: string, options: FillOptions): Promise<WrittenBackup> {
  return withDatabase(openForReading(from), ({ database }) =>
    readStore(database, (source) => writeBackup(path, source, options)),
  );
}

/** Fills an empty store from a backup. */
export async function restoreStore(path: string, to: StorePlace, options: FillOptions): Promise<Filled> {
  const source = await openBackup(path);
  return withDatabase(await openForWriting(to), ({ database }) => fillStore(database, source, options));
}

/** Fills an empty store from another one. An embedded one must not be in use: what it took meanwhile would be lost. */
export async function copyStore(from: StorePlace, to: StorePlace, options: FillOptions): Promise<Filled> {
  if (from.place === to.place) throw new StoreFailure('store-not-empty', 'source and target are the same store');
  openForReadingCheck(from);
  const source = isPostgresUrl(from.place) ? openForReading(from) : await openSqliteDatabase(from.place);
  return withDatabase(source, async ({ database }) =>
    readStore(database, async (rows) =>
      withDatabase(await openForWriting(to), (target) => fillStore(target.database, rows, options)),
    ),
  );
}

/** A folder without a store must not get one because somebody mistyped its name. */
function openForReadingCheck(from: StorePlace): void {
  if (!isPostgresUrl(from.place)) void openSqliteForReading(from.place).close();
}

function openForReading({ place, password }: StorePlace): OpenDatabase {
  if (!isPostgresUrl(place)) return openSqliteForReading(place);
  const database = openPostgresDatabase({ url: place, password });
  return { database, close: () => database.destroy() };
}

async function openForWriting({ place, password }: StorePlace): Promise<OpenDatabase> {
  if (!isPostgresUrl(place)) return openSqliteDatabase(place);
  const database = openPostgresDatabase({ url: place, password });
  return { database, close: () => database.destroy() };
}

async function withDatabase<Value>(open: OpenDatabase, work: (open: OpenDatabase) => Promise<Value>): Promise<Value> {
  try {
    return await work(open);
  } finally {
    await open.close();
  }
}
