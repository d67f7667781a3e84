import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely } from 'kysely';
import { STORE_BUSY_TIMEOUT_MS, STORE_OPEN_RETRY_MS } from './constants.ts';
import { migrate } from './migrate.ts';
import type { Tables } from './schema.ts';
import { NodeSqliteDialect } from './sqlite-dialect.ts';
import { sqliteFailure } from './sqlite-failure.ts';
import { Store } from './store.ts';
import { StoreFailure } from './store-failure.ts';
import { openTouches } from './touches.ts';

export interface SqliteOptions {
  readonly dataDir: string;
  readonly nowUnixMs: number;
  /** Most pages of 4 KiB that the file may have; for tests of a full disk. */
  readonly maxPages?: number;
}

/**
 * Opens `<dataDir>/control.sqlite` for this process alone and brings its schema up to date. The directory is made
 * where it is missing (0700); the file is for its owner only (0600). Throws a `StoreFailure`.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { database, close } = await openSqliteDatabase(options.dataDir, options.maxPages);
  try {
    await migrate(database, options.nowUnixMs);
    await openTouches(database);
    return new Store(database, { dialect: 'sqlite', close });
  } catch (error) {
    await close();
    throw sqliteFailure(error);
  }
}

/** A database and how to let it go. */
export interface OpenDatabase {
  readonly database: Kysely<Tables>;
  readonly close: () => Promise<void>;
}

/** The same without a look at the schema. */
export async function openSqliteDatabase(dataDir: string, maxPages?: number): Promise<OpenDatabase> {
  prepareDirectory(dataDir);
  const lock = takeLock(dataDir);
  try {
    const file = await openDatabase(join(dataDir, 'control.sqlite'));
    if (maxPages !== undefined) file.exec(`pragma max_page_count = ${maxPages}`);
    const database = new Kysely<Tables>({ dialect: new NodeSqliteDialect(file) });
    const close = async (): Promise<void> => {
      await database.destroy();
      lock.close();
    };
    return { database, close };
  } catch (error) {
    lock.close();
    throw sqliteFailure(error);
  }
}

/** For reading alone, beside a control that runs. Failure `store-unreadable` where there is no store. */
export function openSqliteForReading(dataDir: string): OpenDatabase {
  const path = join(dataDir, 'control.sqlite');
  if (!existsSync(path)) throw new StoreFailure('store-unreadable', `${dataDir} holds no store: ${path} is not there`);
  try {
    const file = new DatabaseSync(path, { timeout: STORE_BUSY_TIMEOUT_MS, readOnly: true });
    const database = new Kysely<Tables>({ dialect: new NodeSqliteDialect(file, 'begin') });
    return { database, close: () => database.destroy() };
  } catch (error) {
    throw sqliteFailure(error);
  }
}

function prepareDirectory(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreFailure('store-unreadable', `the data directory ${dataDir} cannot be made: ${reason(error)}`, error);
  }
}

/**
 * A second control on the same directory would publish from a stale state, so the first holds the kernel's lock on
 * `control.lock` for as long as it lives (kill -9 included) and the second is told so.
 */
function takeLock(dataDir: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(dataDir, 'control.lock'), { timeout: 0 });
    lock.exec('pragma journal_mode = memory; begin exclusive');
    return lock;
  } catch (error) {
    lock?.close();
    if ((error as { errcode?: number }).errcode === 5)
      throw new StoreFailure('store-locked', `another control plane is running on ${dataDir}; stop it first`, error);
    throw new StoreFailure(
      'store-unreadable',
      `the data directory ${dataDir} cannot be read and written by this user: ${reason(error)}`,
      error,
    );
  }
}

/** One database file, in WAL mode with every commit synchronised to the disk. */
export async function openDatabase(path: string): Promise<DatabaseSync> {
  const database = new DatabaseSync(path, { timeout: STORE_BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    chmodSync(path, 0o600);
    await enterWal(database);
    database.exec('pragma synchronous = full');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The switch to WAL needs the file alone and does not wait by itself. */
async function enterWal(database: DatabaseSync): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += STORE_OPEN_RETRY_MS) {
    try {
      database.exec('pragma journal_mode = wal');
      return;
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== 5 || waitedMs >= STORE_BUSY_TIMEOUT_MS) throw error;
      await sleep(STORE_OPEN_RETRY_MS);
    }
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
