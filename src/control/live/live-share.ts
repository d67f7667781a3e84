/**
 * What control nodes hear of their PoPs, for those who look through another node. A PoP is linked with one node, so each node
 * knows a part. While somebody looks, the node they look through says so in the store; the others write there what they hear
 * of that organisation, and it reads that each second. Where nobody looks, nothing is written.
 */
import type { Clock, Random } from '../../base/index.ts';
import {
  auditedSince,
  deleteOldLiveNews,
  insertLiveNews,
  type LiveNewsTable,
  liveNewsAfter,
  type Store,
  watchedOrganisations,
  watchOrganisations,
} from '../../io/store/index.ts';
import { newId } from '../ids.ts';
import type { HeardRequests } from '../request-log/request-intake.ts';
import {
  LIVE_HISTORY_MS,
  LIVE_NEWS_BATCH_CHARS,
  LIVE_NEWS_KEPT_MS,
  LIVE_NEWS_RECORDS,
  LIVE_NEWS_WAITING_MAX,
  LIVE_WATCH_MS,
} from './constants.ts';

type Heard = Pick<HeardRequests, 'popId' | 'records' | 'traffic'>;

export type LiveNews =
  | ({ readonly kind: 'heard' } & Heard)
  | {
      readonly kind: 'changed';
      readonly organisationId: string | null;
      readonly action: string;
      readonly subject: string | null;
    };

export interface LiveShareOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly controlId: string;
}

export class LiveShare {
  readonly #options: LiveShareOptions;
  #told: Heard[] = [];
  /** Organisations that somebody looks at through another node. */
  #watched: ReadonlySet<string> = new Set();
  #saidUnixMs = 0;
  #cleanedUnixMs = 0;
  #readUnixMs: number;
  readonly #seen = new Map<string, number>();
  #isBusy = false;

  constructor(options: LiveShareOptions) {
    this.#options = options;
    this.#readUnixMs = options.clock.unixMs();
  }

  /** This node heard it. */
  tell(heard: Heard): void {
    if (this.#watched.size > 0 && this.#told.length < LIVE_NEWS_WAITING_MAX) this.#told.push(heard);
  }

  /** Writes what others want to know and reads what is wanted here; call each second. */
  async exchange(wanted: ReadonlySet<string>): Promise<LiveNews[]> {
    if (this.#isBusy) return [];
    this.#isBusy = true;
    try {
      await this.#write();
      await this.#follow(wanted);
      if (wanted.size > 0) return await this.#read(wanted);
      this.#readUnixMs = this.#options.clock.unixMs();
      return [];
    } finally {
      this.#isBusy = false;
    }
  }

  async #follow(wanted: ReadonlySet<string>): Promise<void> {
    const { store, controlId, clock } = this.#options;
    const nowUnixMs = Math.round(clock.unixMs());
    if (wanted.size > 0 && nowUnixMs - this.#saidUnixMs >= LIVE_WATCH_MS / 3) {
      this.#saidUnixMs = nowUnixMs;
      await watchOrganisations(store.database, controlId, [...wanted], nowUnixMs + LIVE_WATCH_MS);
    }
    this.#watched = new Set(await watchedOrganisations(store.database, controlId, nowUnixMs));
    if (this.#watched.size > 0 && nowUnixMs - this.#cleanedUnixMs >= LIVE_NEWS_KEPT_MS) {
      this.#cleanedUnixMs = nowUnixMs;
      await deleteOldLiveNews(store.database, nowUnixMs - LIVE_NEWS_KEPT_MS);
    }
  }

  async #write(): Promise<void> {
    const { store, clock, random, controlId } = this.#options;
    const told = this.#told;
    this.#told = [];
    const unixMs = Math.round(clock.unixMs());
    const rows = told.flatMap(({ popId, records, traffic }) =>
      [...this.#watched].flatMap((organisationId): LiveNewsTable[] => {
        const own = {
          popId,
          records: records.filter((record) => record.organisationId === organisationId).slice(0, LIVE_NEWS_RECORDS),
          traffic: traffic.filter((each) => each.organisationId === organisationId),
        };
        if (own.records.length + own.traffic.length === 0) return [];
        const whole = JSON.stringify(own);
        const payload = whole.length > LIVE_NEWS_BATCH_CHARS ? JSON.stringify({ ...own, records: [] }) : whole;
        const id = newId('liv', clock, random);
        return [{ id, control_id: controlId, organisation_id: organisationId, unix_ms: unixMs, payload }];
      }),
    );
    await insertLiveNews(store.database, rows);
  }

  async #read(wanted: ReadonlySet<string>): Promise<LiveNews[]> {
    const { store, controlId, clock } = this.#options;
    // Clocks of nodes differ a little, and what is committed late has an earlier time: looked for twice, told once.
    const nowUnixMs = clock.unixMs();
    const sinceUnixMs = Math.max(this.#readUnixMs, nowUnixMs - LIVE_HISTORY_MS) - LIVE_NEWS_KEPT_MS / 2;
    const rows = await liveNewsAfter(store.database, controlId, [...wanted], sinceUnixMs);
    const heard = rows
      .filter(({ id }) => this.#isNew(id))
      .map((row): LiveNews => {
        return { kind: 'heard', ...(JSON.parse(row.payload) as Heard) };
      });
    const changes = (await auditedSince(store.database, [...wanted], sinceUnixMs)).filter(({ id }) => this.#isNew(id));
    // Not before both are read: what was committed while this node could not reach the store is looked for then.
    this.#readUnixMs = nowUnixMs;
    for (const [id, unixMs] of this.#seen) if (unixMs < sinceUnixMs - LIVE_NEWS_KEPT_MS) this.#seen.delete(id);
    return [
      ...heard,
      ...changes.map(({ organisation_id, action, subject }): LiveNews => {
        return { kind: 'changed', organisationId: organisation_id, action, subject };
      }),
    ];
  }

  #isNew(id: string): boolean {
    if (this.#seen.has(id)) return false;
    this.#seen.set(id, this.#options.clock.unixMs());
    return true;
  }
}
