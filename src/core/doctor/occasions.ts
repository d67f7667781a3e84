import {
  EXAMINE_AFTER_CHANGE_MS,
  EXAMINE_AFTER_START_MS,
  EXAMINE_ASKED_PAUSE_MS,
  EXAMINE_SPREAD_MS,
  EXAMINE_UNASKED_PAUSE_MS,
} from './constants.ts';

export interface Occasion {
  /** The newest wish that this look answers; 0: none. */
  readonly asked: number;
  /** Somebody waits for it: look at more, and at the speed as well. */
  readonly isAsked: boolean;
}

/** When a connector looks at its network: after a start, after a change, and when somebody asks. One look at a time. */
export class Occasions {
  /** When something is due unasked; undefined: nothing is. */
  #dueMs: number | undefined;
  #asked = 0;
  #answered = 0;
  #isLooking = false;
  #endedMs = Number.NEGATIVE_INFINITY;

  /** @param chance in [0, 1) */
  started(nowMs: number, chance: number): void {
    this.#dueMs = nowMs + EXAMINE_AFTER_START_MS * (1 + chance);
  }

  /** The network is another one, or lets other things through. */
  changed(nowMs: number, chance: number): void {
    const soonMs = nowMs + EXAMINE_AFTER_CHANGE_MS + EXAMINE_SPREAD_MS * chance;
    this.#dueMs ??= Math.max(soonMs, this.#endedMs + EXAMINE_UNASKED_PAUSE_MS);
  }

  /** The newest wish that is known; before the first look it comes with the start. */
  asked(asked: number): void {
    this.#asked = Math.max(this.#asked, asked);
  }

  /** What to look for now; call `ended` after it. */
  take(nowMs: number): Occasion | undefined {
    if (nowMs < this.deadlineMs()) return undefined;
    const isAsked = this.#asked > this.#answered;
    this.#isLooking = true;
    this.#dueMs = undefined;
    this.#answered = this.#asked;
    return { asked: this.#answered, isAsked };
  }

  ended(nowMs: number): void {
    this.#isLooking = false;
    this.#endedMs = nowMs;
  }

  /** When there is something to look for; Infinity: nothing is known of. */
  deadlineMs(): number {
    if (this.#isLooking) return Number.POSITIVE_INFINITY;
    const unaskedMs = this.#dueMs ?? Number.POSITIVE_INFINITY;
    const askedMs = this.#asked > this.#answered ? this.#endedMs + EXAMINE_ASKED_PAUSE_MS : Number.POSITIVE_INFINITY;
    return Math.min(unaskedMs, askedMs);
  }
}
