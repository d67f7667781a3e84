import type { Listener } from '../io/https-server.ts';
import { ENDING_MS, QUIETING_MS } from './constants.ts';
import type { LiveExchanges } from './live-exchanges.ts';

/** Who wants the PoP to take no new work. */
export type DrainReason = 'administrator' | 'stop';

/**
 * | phase | what it means |
 * |---|---|
 * | serving | as usual |
 * | announced | it says that it drains, so that DNS and connectors lead elsewhere; who comes is still served |
 * | closing | answers close their connections, quiet connections are closed, endless streams get a deadline |
 */
export type DrainPhase = 'serving' | 'announced' | 'closing';

export interface DrainTimes {
  /** From the announcement to the first closed connection: at least twice the lifetime of a DNS answer. */
  readonly graceMs: number;
  /** From there to the end of streams that would never end by themselves. */
  readonly streamsMs: number;
}

/** What takes connections and can be asked to take no more. */
export type Leavable = Pick<Listener, 'askToLeave' | 'close'>;

export interface DrainParts {
  readonly listeners: () => readonly Leavable[];
  readonly live: LiveExchanges;
  readonly times: DrainTimes;
  /** It drains from now on, or no longer: everybody is told at once. */
  readonly changed: (phase: DrainPhase) => void;
}

/** Takes a PoP out of service without hurting what is under way, and back again. */
export class Drain {
  readonly #parts: DrainParts;
  readonly #reasons = new Set<DrainReason>();
  #phase: DrainPhase = 'serving';
  #timers: NodeJS.Timeout[] = [];
  #closing = Promise.withResolvers<void>();

  constructor(parts: DrainParts) {
    this.#parts = parts;
  }

  get phase(): DrainPhase {
    return this.#phase;
  }

  want(reason: DrainReason, isWanted: boolean): void {
    if (this.#reasons.has(reason) === isWanted) return;
    if (isWanted) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    if (this.#reasons.size > 0 && this.#phase === 'serving') this.#announce();
    else if (this.#reasons.size === 0) this.#serve();
  }

  /** Drains, stops listening, and is resolved when every connection is over, at the latest at the deadline. */
  async finish(): Promise<void> {
    this.want('stop', true);
    await this.#closing.promise;
    await new Promise((resolve) => setTimeout(resolve, QUIETING_MS));
    const graceMs = this.#parts.times.streamsMs + ENDING_MS;
    await Promise.all(this.#parts.listeners().map((listener) => listener.close(graceMs)));
    this.clear();
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }

  #announce(): void {
    const { changed, times } = this.#parts;
    this.#phase = 'announced';
    changed(this.#phase);
    this.#after(times.graceMs, () => this.#close());
  }

  #close(): void {
    const { listeners, live, times, changed } = this.#parts;
    this.#phase = 'closing';
    changed(this.#phase);
    for (const listener of listeners()) listener.askToLeave(true);
    this.#after(times.streamsMs, () => live.goAway());
    this.#after(times.streamsMs + ENDING_MS, () => live.cutAll());
    this.#closing.resolve();
  }

  #serve(): void {
    this.clear();
    this.#phase = 'serving';
    this.#closing = Promise.withResolvers();
    for (const listener of this.#parts.listeners()) listener.askToLeave(false);
    this.#parts.changed(this.#phase);
  }

  #after(delayMs: number, act: () => void): void {
    this.#timers.push(setTimeout(act, delayMs));
  }
}
