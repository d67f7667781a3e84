/** What one looker is told, from the first event to the last. */
import type { Clock } from '../../base/index.ts';
import { hashSecret } from '../../io/secrets.ts';
import { StoreFailure } from '../../io/store/index.ts';
import type { LiveEventData, LiveEventName } from '../api/live-events.ts';
import type { LoggedRequest } from '../request-log/request-rows.ts';
import {
  LIVE_BEAT_MS,
  LIVE_JUDGE_MS,
  LIVE_REQUESTS_PER_SECOND,
  LIVE_SETTLE_MS,
  LIVE_UNJUDGED_MAX_MS,
} from './constants.ts';
import type { EventStreamWriter } from './event-stream.ts';
import type { LiveHub, LiveListener } from './live-hub.ts';
import type { LiveChange, LiveTopic, NetworkEvent, TrafficSecond } from './live-shapes.ts';

export interface LiveStreamOptions {
  readonly hub: LiveHub;
  readonly clock: Clock;
  readonly writer: EventStreamWriter;
  readonly organisationId: string;
  readonly callerId: string;
  readonly topics: ReadonlySet<LiveTopic>;
  /** The network as it is now, as the looker may see it. */
  readonly status: () => Promise<LiveEventData<'network'>>;
  /** A request, as the API tells of it; undefined: the looker does not ask for such. */
  readonly requestItem: (request: LoggedRequest) => LiveEventData<'request'> | undefined;
  readonly maySee: (change: LiveChange) => boolean;
  /** Rejects where the looker may look no more. */
  readonly judge: () => Promise<void>;
}

export class LiveStream implements LiveListener {
  readonly organisationId: string;
  readonly callerId: string;
  readonly wantsRequests: boolean;
  readonly #options: LiveStreamOptions;
  readonly #leave: () => void;
  readonly #timers: NodeJS.Timeout[];
  #settling: NodeJS.Timeout | undefined;
  #lastStatus = '';
  #isJudging = false;
  #judgedMs: number;
  #requestsThisSecond = 0;
  #lost = 0;

  /** @param resumed requests that were missed, the oldest first. */
  constructor(options: LiveStreamOptions, resumed: readonly LoggedRequest[]) {
    const { hub, writer, organisationId, topics } = options;
    this.#options = options;
    this.organisationId = organisationId;
    this.callerId = options.callerId;
    this.#judgedMs = options.clock.nowMs();
    this.wantsRequests = topics.has('requests');
    const { traffic, events } = hub.history(organisationId);
    this.#tell('hello', { topics: [...topics] });
    if (topics.has('traffic')) this.#tell('history', { traffic });
    if (topics.has('network')) {
      this.#tell('events', { events });
      void this.#sendStatus();
    }
    for (const request of resumed) this.request(request);
    this.#leave = hub.add(this);
    this.#timers = [
      setInterval(() => writer.beat(), LIVE_BEAT_MS).unref(),
      setInterval(() => void this.#judge(), LIVE_JUDGE_MS).unref(),
    ];
  }

  network(): void {
    if (!this.#options.topics.has('network')) return;
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      void this.#sendStatus();
    }, LIVE_SETTLE_MS).unref();
  }

  event(event: NetworkEvent): void {
    if (this.#options.topics.has('network')) this.#tell('event', event);
  }

  traffic(second: TrafficSecond): void {
    if (this.#options.topics.has('traffic')) this.#tell('traffic', second);
    const lost = this.#lost;
    this.#requestsThisSecond = this.#lost = 0;
    if (lost > 0) this.#tell('lost', { requests: lost });
  }

  request(request: LoggedRequest): void {
    const item = this.#options.requestItem(request);
    if (item === undefined) return;
    if (++this.#requestsThisSecond > LIVE_REQUESTS_PER_SECOND) this.#lost++;
    else this.#tell('request', item, request.logId);
  }

  change(change: LiveChange): void {
    const { topics, maySee } = this.#options;
    if (topics.has('changes') && maySee(change)) this.#tell('change', change);
    // Whoever looks may be the one whose session, role or membership it was.
    void this.#judge();
  }

  end(): void {
    this.close();
    this.#options.writer.end();
  }

  /** The client is gone. */
  close(): void {
    this.#leave();
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#settling);
  }

  #tell<Name extends LiveEventName>(name: Name, data: LiveEventData<Name>, id?: string): void {
    this.#options.writer.send(name, data, id);
  }

  async #judge(): Promise<void> {
    if (this.#isJudging || this.#options.writer.isOver) return;
    this.#isJudging = true;
    try {
      await this.#options.judge();
      this.#judgedMs = this.#options.clock.nowMs();
    } catch (error) {
      this.#notJudged(error);
    } finally {
      this.#isJudging = false;
    }
  }

  /** A store that is away says nothing of whoever looks: they stay for a while, and then come back to ask. */
  #notJudged(error: unknown): void {
    const { clock } = this.#options;
    const isOver = !(error instanceof StoreFailure);
    if (!isOver && clock.nowMs() - this.#judgedMs < LIVE_UNJUDGED_MAX_MS) return;
    if (isOver) this.#tell('over', {});
    this.end();
  }

  /** Only where it is another than the last one. */
  async #sendStatus(): Promise<void> {
    const { status, writer } = this.#options;
    try {
      const text = JSON.stringify(await status());
      // Its mark alone is kept: the whole is large, and there are many who look.
      const mark = hashSecret(text);
      if (mark === this.#lastStatus) return;
      this.#lastStatus = mark;
      writer.sendText('network', text);
    } catch {
      // The store is away; the next news of the network bring it.
    }
  }
}
