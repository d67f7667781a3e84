import type { Clock } from '../base/index.ts';

/** A clock that moves when it is told to. */
export class VirtualClock implements Clock {
  #nowMs: number;
  readonly #unixOriginMs: number;

  /** Starts at `startMs`; the Unix time then is `unixStartMs`. */
  constructor(startMs = 1000, unixStartMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
    this.#unixOriginMs = unixStartMs - startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  unixMs(): number {
    return this.#unixOriginMs + this.#nowMs;
  }

  advance(byMs: number): void {
    this.advanceTo(this.#nowMs + byMs);
  }

  /** Time never runs backwards: an earlier moment is a mistake of the test. */
  advanceTo(atMs: number): void {
    if (!(atMs >= this.#nowMs)) throw new RangeError(`the clock is at ${this.#nowMs}, so it cannot go to ${atMs}`);
    this.#nowMs = atMs;
  }
}
