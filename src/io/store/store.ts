import type { Kysely, Transaction } from 'kysely';
import type { SnapshotVersion } from '../../core/link/index.ts';
import type { Tables } from './schema.ts';

/** Where a query runs: on the store, or inside a transaction. */
export type Queries = Kysely<Tables>;
export type StoreTransaction = Transaction<Tables>;

/** A database with an up-to-date schema. Every failure is a `StoreFailure`. */
export class Store {
  readonly database: Queries;
  readonly #close: () => Promise<void>;

  constructor(database: Queries, close: () => Promise<void>) {
    this.database = database;
    this.#close = close;
  }

  /** Runs `work` so that all of it happens or nothing. */
  transaction<Value>(work: (transaction: StoreTransaction) => Promise<Value>): Promise<Value> {
    return this.database.transaction().execute(work);
  }

  /**
   * Like `transaction`, for what PoPs must learn: takes the next revision from the counter row, which is locked from
   * here to the commit, so revisions are in commit order.
   */
  publish<Value>(
    work: (transaction: StoreTransaction, version: SnapshotVersion) => Promise<Value>,
  ): Promise<{ readonly value: Value; readonly version: SnapshotVersion }> {
    return this.transaction(async (transaction) => {
      const version = await transaction
        .updateTable('counters')
        .set((row) => ({ revision: row('revision', '+', 1) }))
        .where('id', '=', 'snapshot')
        .returning(['epoch', 'revision'])
        .executeTakeFirstOrThrow();
      return { value: await work(transaction, version), version };
    });
  }

  async close(): Promise<void> {
    await this.#close();
  }
}
