/**
 * Notices that the store is older than what was published already (a backup was restored, a disk was swapped, PostgreSQL
 * failed over to a standby that lacked the last commits) and starts a new epoch, so that PoPs take what it publishes
 * (network.md, point 7). Two signs: the last published version, which each node keeps in its own directory, and the
 * lineage of PostgreSQL, which changes with every failover and restore of a cluster.
 */
import { join } from 'node:path';
import type { Clock } from '../base/index.ts';
import { compareVersions, type SnapshotVersion } from '../core/link/index.ts';
import { OWNER_ONLY, readJson, writeJson } from '../io/files.ts';
import type { Log } from '../io/log.ts';
import { type CountersTable, lineageOf, readCounters, type Store, setLineage, startEpoch } from '../io/store/index.ts';

interface HighWater extends SnapshotVersion {
  readonly revocationSequence: number;
}

export class EpochGuard {
  readonly #file: string;
  readonly #log: Log;
  readonly #store: Store;
  readonly #clock: Clock;
  #mark: HighWater | undefined;
  #written: HighWater | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(dataDir: string, store: Store, clock: Clock, log: Log) {
    this.#file = join(dataDir, 'published.json');
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Before the first publication of this run. */
  async check(): Promise<void> {
    this.#mark = readHighWater(await readJson(this.#file).catch(() => undefined));
    await this.recheck();
  }

  /** Whenever the store may have become another one: its connection was lost, or it is behind. */
  async recheck(): Promise<void> {
    const lineage = this.#store.isShared ? await lineageOf(this.#store.database) : null;
    const mark = this.#mark;
    const started = await this.#store.transaction(async (transaction) => {
      const counters = await readCounters(transaction);
      const isBehind = mark !== undefined && isSetBack(mark, counters);
      const isAnother = counters.lineage !== null && lineage !== '' && counters.lineage !== lineage;
      if (counters.lineage !== lineage && lineage !== '') await setLineage(transaction, lineage);
      if (!isBehind && !isAnother) return undefined;
      const sequence = Math.max(mark?.revocationSequence ?? 0, counters.revocation_sequence);
      const last = { epoch: Math.max(mark?.epoch ?? 0, counters.epoch) };
      // What was published on a lineage that is gone is not known here; the time is above all of it.
      return startEpoch(transaction, last, sequence, isAnother ? this.#clock.unixMs() / 1_000 : 0);
    });
    if (started !== undefined)
      this.#log.warn('the store is not the one that was published: starting a new epoch', { published: mark, started });
  }

  /** After each publication. */
  published(version: SnapshotVersion): void {
    this.#note({ revocationSequence: 0, ...this.#mark, ...version });
  }

  /** After revocations went out: a store that is set back to before them would give their numbers to others. */
  revoked(sequence: number): void {
    if (!this.#mark || sequence <= this.#mark.revocationSequence) return;
    this.#note({ ...this.#mark, revocationSequence: sequence });
  }

  /** Resolved when nothing is left to write. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** One write at a time; what changes meanwhile is written by the next. */
  #note(mark: HighWater): void {
    this.#mark = mark;
    this.#writing = this.#writing
      .then(async () => {
        if (this.#written === this.#mark) return;
        const written = this.#mark;
        await writeJson(this.#file, written, OWNER_ONLY);
        this.#written = written;
      })
      .catch((error: unknown) => this.#log.error('the published version could not be noted', { error }));
  }
}

/** In the same epoch; an epoch begins above every number of those before. */
function isSetBack(mark: HighWater, { epoch, revision, revocation_sequence: sequence }: CountersTable): boolean {
  if (compareVersions(mark, { epoch, revision }) > 0) return true;
  return mark.epoch === epoch && mark.revocationSequence > sequence;
}

function readHighWater(value: unknown): HighWater | undefined {
  const { epoch, revision, revocationSequence } = (value ?? {}) as Partial<HighWater>;
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(revision)) return undefined;
  return { epoch: epoch ?? 0, revision: revision ?? 0, revocationSequence: revocationSequence ?? 0 };
}
