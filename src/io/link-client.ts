/**
 * The PoP's end of its link to control: connects to one control node after another for ever and hands messages on. While
 * there is no link, `send` says so.
 */
import { randomFraction } from '../base/index.ts';
import type { PopToControl } from '../core/link/index.ts';
import { type AttemptOptions, LinkAttempt, type LinkEndReason, type OpenLink } from './link-attempt.ts';
import { LINK_PATH, LINK_RETRY_FIRST_MS, LINK_RETRY_MAX_MS, LINK_SPREAD_MS, LINK_STABLE_MS } from './link-constants.ts';
import { LinkRound } from './link-round.ts';

export interface LinkClientOptions extends AttemptOptions {
  /** `wss://host:port/link/v1/pop` of the control nodes known at enrolment. */
  readonly urls: readonly string[];
  /** The same of those that the snapshot names by now. */
  readonly moreUrls?: () => readonly string[];
  readonly opened: (link: OpenLink) => void;
  /** The link, or an attempt at one, ended; the client tries again by itself unless it was stopped. */
  readonly ended: (reason: LinkEndReason, detail: string) => void;
  readonly retryFirstMs?: number;
}

/** Where PoPs link with a control node, from where it is reached: `https://host:port`. */
export function linkUrl(url: string): string {
  return `${url.replace(/^https:/, 'wss:').replace(/\/$/, '')}${LINK_PATH}`;
}

export class LinkClient {
  readonly #options: LinkClientOptions;
  #attempt: LinkAttempt | undefined;
  /** Towards another control node, while the present one is about to stop. */
  #next: LinkAttempt | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #stopped = false;
  #failures = 0;
  readonly #round: LinkRound;

  constructor(options: LinkClientOptions) {
    if (options.urls.length === 0) throw new RangeError('a link needs at least one URL');
    this.#options = options;
    this.#round = new LinkRound(options.urls, options.moreUrls ?? (() => []), options.random);
  }

  /** The live link, or undefined. */
  get link(): OpenLink | undefined {
    return this.#attempt?.link;
  }

  start(): void {
    if (!this.#attempt && !this.#retryTimer && !this.#stopped) this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retryTimer);
    this.#next?.end('stopped', '');
    this.#attempt?.end('stopped', '');
  }

  /** False where there is no link or control is too slow: the message was not sent. */
  send(message: Exclude<PopToControl, { type: 'prove' | 'pong' }>): boolean {
    return this.#attempt?.send(message) ?? false;
  }

  #connect(): void {
    const startedMs = this.#options.clock.nowMs();
    const url = this.#round.next();
    const attempt: LinkAttempt = new LinkAttempt(url, this.#options, {
      opened: (link) => this.#opened(attempt, link),
      draining: () => this.#moveAway(attempt),
      ended: (reason, detail) => {
        const lived = attempt.link !== undefined && this.#options.clock.nowMs() - startedMs >= LINK_STABLE_MS;
        if (lived && attempt === this.#attempt) this.#round.beginWithout(url);
        this.#ended(attempt, reason, detail, lived);
      },
    });
    if (this.#attempt) this.#next = attempt;
    else this.#attempt = attempt;
  }

  /** The control node is about to stop: the link to another one is opened before this one is left. */
  #moveAway(from: LinkAttempt): void {
    if (from !== this.#attempt || this.#next || this.#stopped) return;
    this.#round.beginWithout(from.url);
    if (this.#round.hasMore) this.#connect();
  }

  #opened(attempt: LinkAttempt, link: OpenLink): void {
    if (attempt === this.#next) {
      const left = this.#attempt;
      this.#next = undefined;
      this.#attempt = attempt;
      left?.end('moved', '');
    }
    this.#options.opened(link);
  }

  #ended(attempt: LinkAttempt, reason: LinkEndReason, detail: string, lived: boolean): void {
    if (attempt === this.#next) {
      this.#next = undefined;
      if (!this.#stopped && this.#round.hasMore) this.#connect();
      return;
    }
    this.#options.ended(reason, detail);
    if (attempt !== this.#attempt) return;
    this.#attempt = this.#next;
    this.#next = undefined;
    if (lived) this.#failures = 0;
    else if (!this.#round.hasMore) this.#failures++;
    if (this.#stopped || this.#attempt) return;
    // There is no reason to wait where another control node may be well.
    const pauseMs = this.#round.hasMore ? this.#spreadMs(attempt) : this.#pauseMs();
    this.#retryTimer = setTimeout(() => this.#retry(), pauseMs);
  }

  /** All PoPs of a node that is gone know it at the same time; the next one need not take them in the same instant. */
  #spreadMs(left: LinkAttempt): number {
    return left.link === undefined ? 0 : randomFraction(this.#options.random) * LINK_SPREAD_MS;
  }

  #retry(): void {
    this.#retryTimer = undefined;
    this.#connect();
  }

  #pauseMs(): number {
    const first = this.#options.retryFirstMs ?? LINK_RETRY_FIRST_MS;
    const most = Math.min(LINK_RETRY_MAX_MS, first * 2 ** Math.min(this.#failures, 16));
    return most * (0.5 + randomFraction(this.#options.random) / 2);
  }
}
