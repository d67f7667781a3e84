import { HEARTBEAT_IDLE_MS } from './constants.ts';

/**
 * The two ends of an idle path ask in turns, half an interval apart, and whoever misses the other's turn asks at once. So
 * an end that hears nothing more finds out in half the time, with as many heartbeats.
 *
 *     a   ask . . . . . . ask . . . . . .  (nothing from b) ask!
 *     b   . . . . ask . . . . . . x
 */
export class Turns {
  #theyAsked = false;
  readonly #yields: boolean;

  /** `yields`: where both ask at once it is this end, and not the other, that asks earlier the next time. */
  constructor(yields: boolean) {
    this.#yields = yields;
  }

  /** We asked. How long to wait until we ask again, where an answer is late after so long. */
  asked(lateAfterMs: number): number {
    const waitMs = this.#theyAsked ? HEARTBEAT_IDLE_MS / 2 + lateAfterMs : HEARTBEAT_IDLE_MS;
    this.#theyAsked = false;
    return Math.min(waitMs, HEARTBEAT_IDLE_MS);
  }

  /** They asked. When it is our turn, which was to be at `nextMs`; `hearUs`: they know the last heartbeat that we sent. */
  theyAsked(hearUs: boolean, nextMs: number, nowMs: number): number {
    const turnMs = nowMs + HEARTBEAT_IDLE_MS / 2;
    // Later than planned only if they hear us, or silence in one direction would put us off for ever.
    if (!hearUs && !(this.#yields && turnMs < nextMs)) return nextMs;
    this.#theyAsked = true;
    return turnMs;
  }
}
