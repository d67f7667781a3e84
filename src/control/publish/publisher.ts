/**
 * Turns committed rows into snapshots and deltas. One publication at a time; changes that come close together travel
 * together. Each PoP gets its own signed header, since the header names the PoP.
 */

import type { Clock } from '../../base/index.ts';
import {
  type ControlToPop,
  compareVersions,
  faultInRecord,
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
import { type PublishedRows, publishedCounters, readPublishedRows, type Store } from '../../io/store/index.ts';
import {
  PUBLISH_DELAY_MS,
  PUBLISH_READINGS_MAX,
  PUBLISHED_STATES_KEPT,
  SNAPSHOT_LIFETIME_MIN_MS,
  SNAPSHOT_RENEWAL_MAX_MS,
} from '../constants.ts';
import type { ControlKeys } from '../keys.ts';
import { CertificateRecords } from './certificates.ts';
import { type KnownChange, KnownChanges } from './known-changes.ts';
import { providerRecords } from './providers.ts';
import { type Publication, recordsOf } from './records.ts';
import { SiteGrants } from './site-grants.ts';

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
  readonly #known = new KnownChanges();
  /** Oldest first; the last one is current. */
  readonly #states: SnapshotState[] = [];
  /** Text of each record of the current state. Records are built field by field in one order, so equal ones spell the same. */
  #texts = new Map<string, string>();
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

  /** What was committed at a version is this and nothing else. */
  know(version: SnapshotVersion, change: KnownChange): void {
    this.#known.note(version, change);
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
    const mustRead = this.#mustRead;
    this.#mustRead = false;
    if (await this.#publishKnown()) return;
    if (!mustRead && (await this.#isNewest())) return;
    const { publication, keys } = this.#options;
    const rows = await this.#freshRows();
    this.#stalenessMs = Math.max(rows.organisations[0]?.staleness_ms ?? 0, SNAPSHOT_LIFETIME_MIN_MS);
    const version = { epoch: rows.counters.epoch, revision: rows.counters.revision };
    const state = this.#take(version, [
      ...recordsOf(rows, publication, keys.sealing),
      ...providerRecords(rows, keys.sealing),
      ...this.#certificates.records(rows),
      ...this.#grants.records(rows),
    ]);
    if (state) this.#adopt(state);
  }

  #adopt(state: SnapshotState): void {
    this.#states.push(state);
    if (this.#states.length > PUBLISHED_STATES_KEPT) this.#states.shift();
    this.#known.forget(state.version);
    this.#armRenewal();
    this.#options.published(state);
  }

  /** Whether nothing was committed that is not published. */
  async #isNewest(): Promise<boolean> {
    const { current } = this;
    return current !== undefined && sameVersion(await publishedCounters(this.#options.store.database), current.version);
  }

  /** Publishes changes that are all known, without reading everything; false where they are not. */
  async #publishKnown(): Promise<boolean> {
    const { store, signing } = this.#options;
    const step = this.current && (await this.#known.stepFrom(this.current, store));
    if (!step || !this.current) return false;
    const state = this.current.changed({ to: step.version, expiresUnixMs: 0 }, step.put, [], signing.sha256);
    if (typeof state === 'string' || step.put.some((record) => faultInRecord(record) !== undefined)) return false;
    for (const record of step.put) this.#texts.set(recordKey(record), JSON.stringify(record));
    if (step.put.length > 0) this.#adopt(state);
    return true;
  }

  /** Rows that are newer than what is current, with every grant signed. */
  async #freshRows(): Promise<PublishedRows> {
    const { store, fellBehind } = this.#options;
    for (let tries = 0; tries < PUBLISH_READINGS_MAX; tries++) {
      const rows = await readPublishedRows(store);
      // Nothing was committed before this node published something newer, unless the store is another one by now.
      if (this.current && compareVersions(rows.counters, this.current.version) < 0) await fellBehind();
      else if (!(await this.#grants.renew(rows))) return rows;
    }
    throw new Error('the store changes faster than it can be read');
  }

  /** The next state, or undefined where the version has not moved. */
  #take(version: SnapshotVersion, all: readonly LinkRecord[]): SnapshotState | undefined {
    const { current } = this;
    const header = { to: version, expiresUnixMs: 0 };
    const texts = new Map(all.map((record) => [recordKey(record), JSON.stringify(record)]));
    const before = this.#texts;
    const records = all.filter((record) => this.#isFit(record, texts, before));
    if (current && sameVersion(current.version, version)) return undefined;
    this.#texts = texts;
    const { sha256 } = this.#options.signing;
    if (!current) return SnapshotState.whole(header, records, sha256);
    const put = records.filter((record) => before.get(recordKey(record)) !== texts.get(recordKey(record)));
    const remove: RecordReference[] = [...current.records.values()]
      .filter((record) => !texts.has(recordKey(record)))
      .map(({ kind, id }) => ({ kind, id }));
    const state = current.changed(header, put, remove, sha256);
    if (typeof state === 'string') throw new Error(`a publication contradicts itself: ${state}`);
    return state;
  }

  /** One that PoPs would refuse is left out: it must not stand in the way of all others. */
  #isFit(record: LinkRecord, texts: Map<string, string>, before: ReadonlyMap<string, string>): boolean {
    const key = recordKey(record);
    if (before.get(key) === texts.get(key)) return true;
    const fault = faultInRecord(record);
    if (fault === undefined) return true;
    texts.delete(key);
    this.#options.log.error('a record that no PoP would take is not published', { key, fault });
    return false;
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
