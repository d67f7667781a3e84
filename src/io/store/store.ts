import { type Kysely, sql, type Transaction } from 'kysely';
import type { SnapshotVersion } from '../../core/link/index.ts';
import { STORE_TRANSACTION_TRIES } from './constants.ts';
import type { Tables } from './schema.ts';
import { StoreFailure } from './store-failure.ts';

/** Where a query runs: on the store, or inside a transaction. */
export type Queries = Kysely<Tables>;
export type StoreTransaction = Transaction<Tables>;

export type StoreDialect = 'sqlite' | 'postgres';

/** Channel on which PostgreSQL tells every control node that something was committed. */
export const CHANGES_CHANNEL = 'manis_changes';

export interface WatchEvents {
  /** Something may have been committed. */
  readonly changed: () => void;
  /** The connection is there (again): whatever was committed in between was not heard of. */
  readonly connected: () => void;
  readonly failed: (error: unknown) => void;
}

export interface StoreWatch {
  stop(): Promise<void>;
}

interface StoreParts {
  readonly dialect: StoreDialect;
  readonly close: () => Promise<void>;
  readonly watch?: (events: WatchEvents) => StoreWatch;
}

/** A database with an up-to-date schema. Every failure is a `StoreFailure`. */
export class Store {
  readonly database: Queries;
  readonly dialect: StoreDialect;
  readonly #close: () => Promise<void>;

  readonly #watch: StoreParts['watch'];

  constructor(database: Queries, { dialect, close, watch }: StoreParts) {
    this.database = database;
    this.dialect = dialect;
    this.#close = close;
    this.#watch = watch;
  }

  /** Whether other control nodes may be writing to it. */
  get isShared(): boolean {
    return this.dialect === 'postgres';
  }

  /** Whether it is part of a transaction of somebody else, who tells others of what was done when that is over. */
  get isJoined(): boolean {
    return false;
  }

  /** Hears of what other control nodes commit, until it is stopped. An embedded store has none. */
  watch(events: WatchEvents): StoreWatch {
    return this.#watch?.(events) ?? { stop: async () => undefined };
  }

  /**
   * Runs `work` so that all of it happens or nothing. Transactions go one after another in either dialect: SQLite has
   * one writer, and in PostgreSQL each begins by locking the counter row, so what `work` has read stays true until it
   * is committed. `work` may run again where PostgreSQL broke it off; it must change nothing outside the store.
   */
  async transaction<Value>(work: (transaction: StoreTransaction) => Promise<Value>): Promise<Value> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.database.transaction().execute(async (transaction) => {
          if (this.dialect === 'postgres') await lockAndAnnounce(transaction);
          return work(transaction);
        });
      } catch (error) {
        if (tries >= STORE_TRANSACTION_TRIES || !wasBrokenOff(error)) throw error;
      }
    }
  }

  /** Runs `work`, which only reads, on the store as it is at one moment; nobody waits for it. */
  read<Value>(work: (transaction: StoreTransaction) => Promise<Value>): Promise<Value> {
    const transaction = this.database.transaction();
    if (this.dialect === 'sqlite') return transaction.execute(work);
    return transaction.setIsolationLevel('repeatable read').setAccessMode('read only').execute(work);
  }

  /**
   * Like `transaction`, for what PoPs must learn: takes the next revision from the counter row, which is locked from
   * here to the commit, so revisions are in commit order.
   */
  publish<Value>(
    work: (transaction: StoreTransaction, version: SnapshotVersion) => Promise<Value>,
  ): Promise<{ readonly value: Value; readonly version: SnapshotVersion }> {
    return this.transaction(async (transaction) => {
      const version = await nextRevision(transaction);
      return { value: await work(transaction, version), version };
    });
  }

  async close(): Promise<void> {
    await this.#close();
  }
}

/** Takes the next revision; for a transaction that finds out late whether it changes what PoPs must learn. */
export function nextRevision(transaction: StoreTransaction): Promise<SnapshotVersion> {
  return transaction
    .updateTable('counters')
    .set((row) => ({ revision: row('revision', '+', 1) }))
    .where('id', '=', 'snapshot')
    .returning(['epoch', 'revision'])
    .executeTakeFirstOrThrow();
}

/** The notice is sent by the commit. */
async function lockAndAnnounce(transaction: StoreTransaction): Promise<void> {
  await sql`select pg_notify(${CHANGES_CHANNEL}, ''), (select id from counters where id = 'snapshot' for update)`.execute(
    transaction,
  );
}

/** A deadlock or a conflict of serialisation (SQLSTATE class 40): nothing of the transaction is there. */
function wasBrokenOff(error: unknown): boolean {
  const sqlState = error instanceof StoreFailure && (error.cause as { code?: unknown } | undefined)?.code;
  return typeof sqlState === 'string' && /^40[0-9A-Z]{3}$/.test(sqlState) && sqlState !== '40003';
}
