/** What happens now, for those who look: one hub for each control node. */
import type { Clock } from '../../base/index.ts';
import type { Log } from '../../io/log.ts';
import type { PopStatus } from '../pop-statuses.ts';
import type { HeardRequests } from '../request-log/request-intake.ts';
import type { LoggedRequest } from '../request-log/request-rows.ts';
import {
  LIVE_EVENTS_KEPT,
  LIVE_GATHER_MS,
  LIVE_HISTORY_MS,
  LIVE_RESOURCES_MAX,
  LIVE_SECONDS_KEPT,
  LIVE_TICK_MS,
  POP_LOST_AFTER_MS,
} from './constants.ts';
import { Homes } from './homes.ts';
import { LiveBacklog } from './live-backlog.ts';
import type { LiveChange, NetworkEvent, TrafficSecond } from './live-shapes.ts';
import type { LiveNews, LiveShare } from './live-share.ts';
import { TrafficSeconds } from './traffic-seconds.ts';

/** Who looks at what happens in one organisation. Nothing here waits: who is slow is told less. */
export interface LiveListener {
  readonly organisationId: string;
  /** The account or key that looks. */
  readonly callerId: string;
  readonly wantsRequests: boolean;
  /** The network may be another than before. */
  network(): void;
  event(event: NetworkEvent): void;
  traffic(second: TrafficSecond): void;
  request(request: LoggedRequest): void;
  change(change: LiveChange): void;
  /** Nothing more comes: this node stops. */
  end(): void;
}

export interface LiveHubOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** PoPs that are linked with any control node. */
  readonly pops: () => Promise<readonly PopStatus[]>;
  /** Whose a connector is; undefined where nobody knows. */
  readonly organisationOf: (connectorId: string) => Promise<string | undefined>;
  /** What other control nodes hear, where there may be some. */
  readonly share: LiveShare | undefined;
}

export class LiveHub {
  /** What waits for those who look. */
  readonly backlog = new LiveBacklog();
  readonly #options: LiveHubOptions;
  readonly #listeners = new Set<LiveListener>();
  readonly #traffic = new TrafficSeconds(LIVE_SECONDS_KEPT, LIVE_RESOURCES_MAX);
  readonly #homes = new Homes(POP_LOST_AFTER_MS);
  /** Of the network, the newest last; null: of every organisation. */
  #events: { readonly organisationId: string | null; readonly event: NetworkEvent }[] = [];
  readonly #timer: NodeJS.Timeout;
  #gathering: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isLooking = false;
  #isStale = true;

  constructor(options: LiveHubOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), LIVE_TICK_MS).unref();
  }

  get size(): number {
    return this.#listeners.size;
  }

  countOf(organisationId: string): number {
    return [...this.#listeners].filter((listener) => listener.organisationId === organisationId).length;
  }

  countBy(callerId: string): number {
    return [...this.#listeners].filter((listener) => listener.callerId === callerId).length;
  }

  /** Gives what ends it. */
  add(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What was before somebody came. */
  history(organisationId: string): { readonly traffic: TrafficSecond[]; readonly events: NetworkEvent[] } {
    const traffic = this.#traffic.since(organisationId, this.#options.clock.unixMs() - LIVE_HISTORY_MS);
    const own = this.#events.filter((each) => each.organisationId === null || each.organisationId === organisationId);
    return { traffic, events: own.map(({ event }) => event) };
  }

  /** PoPs linked with this node told this. */
  heard(heard: HeardRequests): void {
    this.#options.share?.tell({ popId: heard.popId, records: heard.records, traffic: heard.traffic });
    this.#take(heard);
  }

  /** A PoP came or went, or tells of its connectors. */
  networkChanged(): void {
    this.#isStale = true;
    void this.#look();
  }

  /** Something was committed. What is the installation's own is told to all, without its id. */
  changed(organisationId: string | null | undefined, { action, subject }: { action: string; subject: string | null }) {
    const [noun = action, verb = ''] = action.split(/\.(.*)/, 2);
    for (const listener of this.#listeners)
      if (organisationId == null || listener.organisationId === organisationId)
        listener.change({ noun, verb, id: organisationId == null ? null : subject });
    if (this.#listeners.size > 0) this.#network();
  }

  /** Another node may have committed something: whoever looks hears of it without waiting for the second to end. */
  othersChanged(): void {
    const { share } = this.#options;
    if (!share || this.#listeners.size === 0 || this.#isStopped) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      void this.#exchange(share);
    }, LIVE_GATHER_MS).unref();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#gathering);
    clearInterval(this.#timer);
    for (const listener of [...this.#listeners]) listener.end();
    this.#listeners.clear();
  }

  #take({ popId, records, traffic }: Pick<HeardRequests, 'popId' | 'records' | 'traffic'>): void {
    this.#traffic.add(popId, traffic);
    for (const listener of this.#listeners)
      if (listener.wantsRequests)
        for (const record of records) if (record.organisationId === listener.organisationId) listener.request(record);
  }

  #tick(): void {
    const seconds = this.#traffic.end(Math.round(this.#options.clock.unixMs()));
    for (const listener of this.#listeners) {
      const second = seconds.get(listener.organisationId);
      if (second) listener.traffic(second);
    }
    const { share } = this.#options;
    if (share) void this.#exchange(share);
    void this.#look();
  }

  /** Reads what the other nodes heard; theirs are a moment later than this one's own. */
  async #exchange(share: LiveShare): Promise<void> {
    const organisations = new Set([...this.#listeners].map(({ organisationId }) => organisationId));
    try {
      for (const news of await share.exchange(organisations)) this.#takeNews(news);
    } catch (error) {
      this.#options.log.debug('what other control nodes hear cannot be read', { error });
    }
    if (this.#listeners.size > 0) this.#network();
  }

  #takeNews(news: LiveNews): void {
    if (news.kind === 'heard') this.#take(news);
    else this.changed(news.organisationId, news);
  }

  /** Looks how connectors are reached, while that may be otherwise than before. */
  async #look(): Promise<void> {
    const { share, pops, clock } = this.#options;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const isDue = this.#isStale || share !== undefined;
      this.#isStale = false;
      const events = this.#homes.see(await pops(), Math.round(clock.unixMs()));
      for (const event of events) await this.#tell(event);
      if (isDue || events.length > 0) this.#network();
    } catch (error) {
      this.#options.log.debug('the network cannot be looked at', { error });
    } finally {
      this.#isLooking = false;
    }
  }

  async #tell(event: NetworkEvent): Promise<void> {
    const organisationId = 'popId' in event ? null : await this.#options.organisationOf(event.connectorId);
    if (organisationId === undefined) return;
    this.#events = [...this.#events, { organisationId, event }].slice(-LIVE_EVENTS_KEPT);
    for (const listener of this.#listeners)
      if (organisationId === null || listener.organisationId === organisationId) listener.event(event);
  }

  #network(): void {
    for (const listener of this.#listeners) listener.network();
  }
}
