import { OWN_STALL_GRACE_MS, OWN_STALL_MS } from './constants.ts';

/**
 * Tells whether answers that have not come may be taken for missing. A process that was itself stalled has them waiting
 * in its socket: its timers fire first, so it reads before it judges. Once only, or a process that is always late would
 * never judge.
 */
export class StallGuard {
  #dueMs = Number.POSITIVE_INFINITY;
  #judgesAtMs: number | undefined;

  /** The time at which the next turn was asked for. */
  turnAsked(dueMs: number): void {
    this.#dueMs = dueMs;
  }

  /** A turn began. When judging is allowed again, or undefined where it is now. */
  turnBegan(nowMs: number): number | undefined {
    if (this.#judgesAtMs !== undefined) {
      if (nowMs < this.#judgesAtMs) return this.#judgesAtMs;
      this.#judgesAtMs = undefined;
      return undefined;
    }
    if (nowMs - this.#dueMs < OWN_STALL_MS) return undefined;
    this.#judgesAtMs = nowMs + OWN_STALL_GRACE_MS;
    return this.#judgesAtMs;
  }
}
