/**
 * Notices that the store is older than what was published already (a backup was restored, a disk was swapped): the last
 * published version is kept beside the store, and a store that is behind it starts a new epoch, so that PoPs take what
 * it publishes (network.md, point 7).
 */
import { join } from 'node:path';
import { compareVersions, type SnapshotVersion } from '../core/link/index.ts';
import { OWNER_ONLY, readJson, writeJson } from '../io/files.ts';
import type { Log } from '../io/log.ts';
import { readCounters, type Store, startEpoch } from '../io/store/index.ts';

interface HighWater extends SnapshotVersion {
  readonly revocationSequence: number;
}

export class EpochGuard {
  readonly #file: string;
  readonly #log: Log;
  readonly #store: Store;
  #writing: Promise<void> = Promise.resolve();

  constructor(dataDir: string, store: Store, log: Log) {
    this.#file = join(dataDir, 'published.json');
    this.#store = store;
    this.#log = log;
  }

  /** Before the first publication of this run. */
  async check(): Promise<void> {
    const counters = await readCounters(this.#store.database);
    const mark = readHighWater(await readJson(this.#file).catch(() => undefined));
    if (!mark || compareVersions(mark, counters) <= 0) return;
    await startEpoch(this.#store.database, mark, Math.max(mark.revocationSequence, counters.revocation_sequence));
    this.#log.warn('the store is older than what was published: starting a new epoch', { published: mark });
  }

  /** After each publication; writes one after another. */
  mark(): void {
    this.#writing = this.#writing
      .then(async () => {
        const { epoch, revision, revocation_sequence: revocationSequence } = await readCounters(this.#store.database);
        await writeJson(this.#file, { epoch, revision, revocationSequence } satisfies HighWater, OWNER_ONLY);
      })
      .catch((error: unknown) => this.#log.error('the published version could not be noted', { error }));
  }

  /** Resolved when nothing is left to write. */
  async settled(): Promise<void> {
    await this.#writing;
  }
}

function readHighWater(value: unknown): HighWater | undefined {
  const { epoch, revision, revocationSequence } = (value ?? {}) as Partial<HighWater>;
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(revision)) return undefined;
  return { epoch: epoch ?? 0, revision: revision ?? 0, revocationSequence: revocationSequence ?? 0 };
}
