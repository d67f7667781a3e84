/**
 * Turns committed rows into snapshots and deltas. One publication at a time; changes that come close together travel
 * together. Each PoP gets its own signed header, since the header names the PoP.
 */

import type { Clock } from '../../base/index.ts';
import {
  type ControlToPop,
  compareVersions,
  type LinkRecord,
  type RecordReference,
  recordKey,
  type SignedDocument,
  type SigningPort,
  type SnapshotHeader,
  SnapshotState,
  type SnapshotVersion,
  sameVersion,
  signDocument,
} from '../../core/link/index.ts';
import type { Log } from '../../io/log.ts';
import { forgetTouches, publishedCounters, type Store } from '../../io/store/index.ts';
import {
  DIFFERENCES_LOGGED_MAX,
  PUBLISH_DELAY_MS,
  PUBLISH_READINGS_MAX,
  PUBLISHED_STATES_KEPT,
  SNAPSHOT_LIFETIME_MIN_MS,
  SNAPSHOT_RENEWAL_MAX_MS,
} from '../constants.ts';
import type { ControlKeys } from '../keys.ts';
import { CertificateRecords } from './certificates.ts';
import { providerRecords } from './providers.ts';
import { type ReadBefore, type Reading, readForPublication, recordsNamedBy } from './reading.ts';
import { type RecordChanges, RecordTexts } from './record-texts.ts';
import { type Publication, recordsOf } from './records.ts';
import { SiteGrants } from './site-grants.ts';
import { Together } from './together.ts';

export interface PublisherOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly keys: ControlKeys;
  readonly signing: SigningPort;
  readonly log: Log;
  readonly publication: Publication;
  /** A new state is there, or the word for the old one is to be renewed. */
  readonly published: (state: SnapshotState) => void;
  /** The store is older than what was published: it is to start a new epoch. */
  readonly fellBehind: () => Promise<void>;
}

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #grants: SiteGrants;
  readonly #certificates: CertificateRecords;
  /** Oldest first; the last one is current. */
  readonly #states: SnapshotState[] = [];
  readonly #texts: RecordTexts;
  /** Up to where the store was read for the current state; undefined: everything is read next time. */
  #before: ReadBefore | undefined;
  #distrusts = 0;
  readonly #together = new Together();
  #stalenessMs = SNAPSHOT_LIFETIME_MIN_MS;
  #wakeTimer: NodeJS.Timeout | undefined;
  #renewalTimer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;
  /** Woken by more than the word that something was committed: a grant may be due, a certificate new. */
  #mustRead = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#grants = new SiteGrants(options);
    this.#certificates = new CertificateRecords(options.keys.sealing);
    this.#texts = new RecordTexts((key, fault) =>
      options.log.error('a record that no PoP would take is not published', { key, fault }),
    );
  }

  /** The state that PoPs should have, or undefined before the first publication. */
  get current(): SnapshotState | undefined {
    return this.#states.at(-1);
  }

  /** The grant of a site in the current state. */
  grantOf(siteId: string): SignedDocument | undefined {
    const record = this.current?.records.get(recordKey({ kind: 'siteGrant', id: siteId }));
    return record?.kind === 'siteGrant' ? record.signed : undefined;
  }

  /** Something was committed: publishes soon. */
  wake(): void {
    this.#mustRead = true;
    this.#soon();
  }

  /** Something was committed, perhaps by this node, which knows it by now: publishes soon what is new. */
  heard(): void {
    this.#soon();
  }

  /** Publishes what is committed now; resolved when it is current. */
  publish(): Promise<void> {
    this.#mustRead = true;
    return this.#run();
  }

  /** Publishes nothing until this is over, so that what it commits goes out together with what was committed before. */
  together<Value>(work: () => Promise<Value>): Promise<Value> {
    return this.#together.during(work);
  }

  /** The store may be another one by now, so that nobody knows what was touched: everything is read next time. */
  distrust(): void {
    this.#before = undefined;
    this.#distrusts++;
  }

  /**
   * Looks whether what is published is what reading everything gives. If not, for a fault of this program, everything is
   * read and published.
   */
  check(): Promise<void> {
    const next = this.#running.catch(() => undefined).then(() => this.#check());
    this.#running = next;
    return next;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#wakeTimer);
    clearTimeout(this.#renewalTimer);
    await this.#running.catch(() => undefined);
  }

  /** What a PoP at version `have` needs to come to the current state. `have` null, or unknown: the whole. */
  messageFor(
    popId: string,
    have: SnapshotVersion | null,
  ): Extract<ControlToPop, { type: 'snapshot' | 'delta' }> | undefined {
    const { current } = this;
    if (!current) return undefined;
    const from = have && this.#states.find((state) => sameVersion(state.version, have));
    if (!from)
      return { type: 'snapshot', header: this.#sign(popId, null, current), records: [...current.records.values()] };
    return { type: 'delta', header: this.#sign(popId, from.version, current), ...current.changesSince(from) };
  }

  #soon(): void {
    if (this.#stopped) return;
    this.#wakeTimer ??= setTimeout(() => {
      this.#wakeTimer = undefined;
      this.#run().catch((error: unknown) => {
        this.#options.log.error('publication failed', { error });
        if (!this.#stopped) this.#wakeTimer ??= setTimeout(() => this.#again(), 1_000);
      });
    }, PUBLISH_DELAY_MS);
  }

  #again(): void {
    this.#wakeTimer = undefined;
    this.wake();
  }

  #run(): Promise<void> {
    const next = this.#running.catch(() => undefined).then(() => this.#publish());
    this.#running = next;
    return next;
  }

  async #publish(): Promise<void> {
    await this.#together.over();
    const mustRead = this.#mustRead;
    this.#mustRead = false;
    if (!mustRead && (await this.#isNewest())) return;
    const distrusts = this.#distrusts;
    const reading = await this.#fresh();
    const { rows, part, cursor } = reading;
    const [first] = rows.organisations;
    this.#stalenessMs = Math.max(first?.staleness_ms ?? 0, SNAPSHOT_LIFETIME_MIN_MS);
    const version = { epoch: rows.counters.epoch, revision: rows.counters.revision };
    const changes = this.#texts.changes(this.#recordsOf(reading), part && recordsNamedBy(part));
    const isNew = !this.current || !sameVersion(this.current.version, version);
    // What changed without a revision is published with the next one.
    if (!isNew && changes.put.length + changes.remove.length > 0) return;
    if (isNew) {
      const state = this.#stateAfter(version, changes);
      this.#texts.take(changes);
      this.#adopt(state);
    }
    if (distrusts === this.#distrusts) this.#before = { cursor, version };
  }

  async #check(): Promise<void> {
    const { store, log } = this.#options;
    const { current } = this;
    const before = this.#before;
    if (!current || !before) return;
    const since = await readForPublication(store, before);
    // Something new is there, which is published soon.
    if (!since.part || this.#differences(since).length > 0) return;
    const whole = await readForPublication(store, undefined);
    if (!sameVersion(whole.rows.counters, current.version)) return;
    await forgetTouches(store.database, before.cursor);
    const differences = this.#differences(whole);
    if (differences.length === 0) return;
    const keys = differences.slice(0, DIFFERENCES_LOGGED_MAX).map(recordKey);
    log.error('what is published is not what the store holds; everything is published anew', { keys });
    this.distrust();
    await store.publish(async () => undefined);
    this.wake();
  }

  #differences(reading: Reading): RecordReference[] {
    const { part } = reading;
    const { put, remove } = this.#texts.changes(this.#recordsOf(reading), part && recordsNamedBy(part));
    return [...put, ...remove];
  }

  #adopt(state: SnapshotState): void {
    this.#states.push(state);
    if (this.#states.length > PUBLISHED_STATES_KEPT) this.#states.shift();
    this.#armRenewal();
    this.#options.published(state);
  }

  /** Whether nothing was committed that is not published. */
  async #isNewest(): Promise<boolean> {
    const { current } = this;
    return current !== undefined && sameVersion(await publishedCounters(this.#options.store.database), current.version);
  }

  /** Rows that are newer than what is current, with every grant signed. */
  async #fresh(): Promise<Reading> {
    const { store, fellBehind } = this.#options;
    let before = this.#before;
    for (let tries = 0; tries < PUBLISH_READINGS_MAX; tries++) {
      const reading = await readForPublication(store, before);
      const { rows, part } = reading;
      // Nothing was committed before this node published something newer, unless the store is another one by now.
      if (this.current && compareVersions(rows.counters, this.current.version) < 0) await fellBehind();
      else if (part && this.#grants.isAnyDue(rows)) before = undefined;
      else {
        const renewed = await this.#grants.renew(reading);
        if (renewed) return renewed;
      }
    }
    throw new Error('the store changes faster than it can be read');
  }

  #recordsOf(reading: Reading): LinkRecord[] {
    const { rows, part } = reading;
    const { publication, keys } = this.#options;
    return [
      ...recordsOf(rows, publication, keys.sealing),
      ...providerRecords(rows, keys.sealing),
      ...this.#certificates.records(rows, part === undefined),
      ...this.#grants.records(reading),
    ];
  }

  #stateAfter(version: SnapshotVersion, { put, remove }: RecordChanges): SnapshotState {
    const { current } = this;
    const header = { to: version, expiresUnixMs: 0 };
    const { sha256 } = this.#options.signing;
    const state = current ? current.changed(header, put, remove, sha256) : SnapshotState.whole(header, put, sha256);
    if (state === undefined || typeof state === 'string')
      throw new Error(`a publication contradicts itself: ${state ?? 'record-twice'}`);
    return state;
  }

  #sign(popId: string, from: SnapshotVersion | null, state: SnapshotState): SignedDocument {
    const { clock, keys } = this.#options;
    const issuedUnixMs = Math.round(clock.unixMs());
    const header: SnapshotHeader = {
      popId,
      from,
      to: state.version,
      stateHash: state.hash(),
      issuedUnixMs,
      expiresUnixMs: issuedUnixMs + this.#stalenessMs,
    };
    return signDocument('manis snapshot v1', JSON.stringify(header), keys.signer, keys.delegation());
  }

  /** While nothing changes PoPs get an empty delta now and then: control's word that what they have is still right. */
  #armRenewal(): void {
    clearTimeout(this.#renewalTimer);
    if (this.#stopped) return;
    this.#renewalTimer = setTimeout(
      () => {
        if (this.current) this.#options.published(this.current);
        this.#armRenewal();
      },
      Math.min(SNAPSHOT_RENEWAL_MAX_MS, this.#stalenessMs / 4),
    );
    this.#renewalTimer.unref();
  }
}
