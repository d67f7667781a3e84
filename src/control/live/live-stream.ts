/** What one looker is told, from the first event to the last. */
import type { Clock } from '../../base/index.ts';
import { hashSecret } from '../../io/secrets.ts';
import { StoreFailure } from '../../io/store/index.ts';
import type { LoggedRequest } from '../request-log/request-rows.ts';
import {
  LIVE_BEAT_MS,
  LIVE_JUDGE_MS,
  LIVE_REQUESTS_PER_SECOND,
  LIVE_SETTLE_MS,
  LIVE_UNJUDGED_MAX_MS,
} from './constants.ts';
import type { EventStreamWriter } from './event-stream.ts';
import type { NetworkEvent } from './homes.ts';
import type { LiveChange, LiveHub, LiveListener } from './live-hub.ts';
import type { TrafficSecond } from './traffic-seconds.ts';

export const LIVE_TOPICS = ['network', 'traffic', 'requests', 'changes'] as const;
export type LiveTopic = (typeof LIVE_TOPICS)[number];

export interface LiveStreamOptions {
  readonly hub: LiveHub;
  readonly clock: Clock;
  readonly writer: EventStreamWriter;
  readonly organisationId: string;
  readonly callerId: string;
  readonly topics: ReadonlySet<LiveTopic>;
  /** The network as it is now, as the looker may see it. */
  readonly status: () => Promise<unknown>;
  /** A request, as the API tells of it; undefined: the looker does not ask for such. */
  readonly requestItem: (request: LoggedRequest) => unknown;
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
    writer.send('hello', { topics: [...topics] });
    if (topics.has('traffic')) writer.send('history', { traffic });
    if (topics.has('network')) {
      writer.send('events', { events });
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
    if (this.#options.topics.has('network')) this.#options.writer.send('event', event);
  }

  traffic(second: TrafficSecond): void {
    if (this.#options.topics.has('traffic')) this.#options.writer.send('traffic', second);
    const lost = this.#lost;
    this.#requestsThisSecond = this.#lost = 0;
    if (lost > 0) this.#options.writer.send('lost', { requests: lost });
  }

  request(request: LoggedRequest): void {
    const item = this.#options.requestItem(request);
    if (item === undefined) return;
    if (++this.#requestsThisSecond > LIVE_REQUESTS_PER_SECOND) this.#lost++;
    else this.#options.writer.send('request', item, request.logId);
  }

  change(change: LiveChange): void {
    const { topics, maySee, writer } = this.#options;
    if (topics.has('changes') && maySee(change)) writer.send('change', change);
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
    const { clock, writer } = this.#options;
    const isOver = !(error instanceof StoreFailure);
    if (!isOver && clock.nowMs() - this.#judgedMs < LIVE_UNJUDGED_MAX_MS) return;
    if (isOver) writer.send('over', {});
    this.end();
  }

  /** Only where it is another than the last one. */
  async #sendStatus(): Promise<void> {
    const { status, writer } = this.#options;
    try {
      const now = await status();
      const text = JSON.stringify(now);
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
