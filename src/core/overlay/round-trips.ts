import { LATE_AT_LEAST_MS, LATE_AT_MOST_MS, LATE_UNMEASURED_MS } from './constants.ts';

/** Round trips of a path, smoothed (RFC 6298 section 2), and when an answer is late by them. */
export class RoundTrips {
  /** Undefined before the first sample. */
  smoothedMs: number | undefined;
  #deviationMs = 0;

  sample(ms: number): void {
    if (this.smoothedMs === undefined) {
      this.smoothedMs = ms;
      this.#deviationMs = ms / 2;
      return;
    }
    this.#deviationMs += (Math.abs(this.smoothedMs - ms) - this.#deviationMs) / 4;
    this.smoothedMs += (ms - this.smoothedMs) / 8;
  }

  get lateAfterMs(): number {
    if (this.smoothedMs === undefined) return LATE_UNMEASURED_MS;
    return Math.min(LATE_AT_MOST_MS, this.smoothedMs + Math.max(LATE_AT_LEAST_MS, 4 * this.#deviationMs));
  }
}
