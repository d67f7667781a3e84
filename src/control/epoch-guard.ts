/**
 * Notices that the store is older than what was published already (a backup was restored, a disk was swapped, PostgreSQL
 * failed over to a standby that lacked the last commits) and starts a new epoch, so that PoPs take what it publishes
 * (network.md, point 7). Two signs: the last published version, which each node keeps in its own directory, and the
 * lineage of PostgreSQL, which changes with every failover and restore of a cluster.
 */
import { join } from 'node:path';
import type { Clock } from '../base/index.ts';
import { compareVersions, type SnapshotVersion } from '../core/link/index.ts';
import type { StreamPosition } from '../core/session/index.ts';
import { OWNER_ONLY, readJson, writeJson } from '../io/files.ts';
import type { Log } from '../io/log.ts';
import { type CountersTable, lineageOf, readCounters, type Store, setLineage, startEpoch } from '../io/store/index.ts';

/** Revocations have an epoch of their own here: they go out under a newer one before this node has published in it. */
interface HighWater extends SnapshotVersion {
  readonly revocationEpoch: number;
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
      const last = { epoch: Math.max(mark?.epoch ?? 0, mark?.revocationEpoch ?? 0, counters.epoch) };
      // What was published on a lineage that is gone is not known here; the time is above all of it.
      return startEpoch(transaction, last, sequence, isAnother ? this.#clock.unixMs() / 1_000 : 0);
    });
    if (started !== undefined)
      this.#log.warn('the store is not the one that was published: starting a new epoch', { published: mark, started });
  }

  /** After each publication. */
  published(version: SnapshotVersion): void {
    this.#note({ revocationEpoch: 0, revocationSequence: 0, ...this.#mark, ...version });
  }

  /** After revocations went out: a store that is set back to before them would give their numbers to others. */
  revoked({ epoch, sequence }: StreamPosition): void {
    const mark = this.#mark;
    if (!mark || epoch < mark.revocationEpoch) return;
    if (epoch === mark.revocationEpoch && sequence <= mark.revocationSequence) return;
    this.#note({ ...mark, revocationEpoch: epoch, revocationSequence: sequence });
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

function isSetBack(mark: HighWater, { epoch, revision, revocation_sequence: sequence }: CountersTable): boolean {
  if (compareVersions(mark, { epoch, revision }) > 0 || mark.revocationEpoch > epoch) return true;
  // An epoch begins above every number of those before.
  return mark.revocationEpoch === epoch && mark.revocationSequence > sequence;
}

function readHighWater(value: unknown): HighWater | undefined {
  const { epoch = 0, revision, ...rest } = (value ?? {}) as Partial<HighWater>;
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(revision)) return undefined;
  // Versions before noted revocations under the epoch of what they had published.
  const { revocationEpoch = epoch, revocationSequence = 0 } = rest;
  return { epoch, revision: revision ?? 0, revocationEpoch, revocationSequence };
}
