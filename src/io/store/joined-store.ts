import type { SnapshotVersion } from '../../core/link/index.ts';
import { nextRevision, Store, type StoreTransaction } from './store.ts';

/** A store within a transaction that is under way: whatever is asked of it becomes part of that one. */
export class JoinedStore extends Store {
  readonly #transaction: StoreTransaction;
  #version: Promise<SnapshotVersion> | undefined;

  constructor(transaction: StoreTransaction, dialect: Store['dialect']) {
    super(transaction, { dialect, close: async () => undefined });
    this.#transaction = transaction;
  }

  override get isJoined(): boolean {
    return true;
  }

  /** Whether PoPs must learn of what was done. */
  get isPublishing(): boolean {
    return this.#version !== undefined;
  }

  override transaction<Value>(work: (transaction: StoreTransaction) => Promise<Value>): Promise<Value> {
    return work(this.#transaction);
  }

  override read<Value>(work: (transaction: StoreTransaction) => Promise<Value>): Promise<Value> {
    return work(this.#transaction);
  }

  /** All of it is one revision. */
  override async publish<Value>(work: (transaction: StoreTransaction, version: SnapshotVersion) => Promise<Value>) {
    this.#version ??= nextRevision(this.#transaction);
    const version = await this.#version;
    return { value: await work(this.#transaction, version), version };
  }
}
