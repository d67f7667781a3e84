import {
  HYSTART_CSS_DIVISOR,
  HYSTART_CSS_ROUNDS,
  HYSTART_MAX_RTT_THRESHOLD_MS,
  HYSTART_MIN_RTT_THRESHOLD_MS,
  HYSTART_SAMPLES,
} from '../constants.ts';
import { isAtOrBefore } from '../sequence.ts';

/** HyStart++ (RFC 9406): leaves slow start when the RTT of a round grows, before packets are lost. */
export class HyStart {
  #windowEnd = 0;
  #lastRoundMinMs = Number.POSITIVE_INFINITY;
  #roundMinMs = Number.POSITIVE_INFINITY;
  #samples = 0;
  /** Minimum RTT when conservative slow start began; -1 outside it. */
  #baselineMs = -1;
  #cssRounds = 0;

  /** Starts the first round; it ends when `sndNxt` is acknowledged. */
  start(sndNxt: number): void {
    this.#windowEnd = sndNxt;
    this.#lastRoundMinMs = Number.POSITIVE_INFINITY;
    this.#roundMinMs = Number.POSITIVE_INFINITY;
    this.#samples = 0;
    this.#baselineMs = -1;
    this.#cssRounds = 0;
  }

  /** By how much slow start grows for each acknowledged byte. */
  get growth(): number {
    return this.#baselineMs < 0 ? 1 : 1 / HYSTART_CSS_DIVISOR;
  }

  /** An acknowledgement during slow start. Returns true when slow start should end. */
  acknowledged(una: number, sndNxt: number, rttMs: number): boolean {
    if (rttMs >= 0) {
      this.#roundMinMs = Math.min(this.#roundMinMs, rttMs);
      this.#samples++;
    }
    this.#judge();
    if (isAtOrBefore(una, this.#windowEnd)) return false;
    return this.#nextRound(sndNxt);
  }

  #judge(): void {
    if (this.#samples < HYSTART_SAMPLES) return;
    if (this.#baselineMs >= 0) {
      // The growth was noise: back to slow start (section 4.2).
      if (this.#roundMinMs < this.#baselineMs) this.#baselineMs = -1;
      return;
    }
    if (this.#lastRoundMinMs === Number.POSITIVE_INFINITY) return;
    const threshold = Math.max(
      HYSTART_MIN_RTT_THRESHOLD_MS,
      Math.min(this.#lastRoundMinMs / 8, HYSTART_MAX_RTT_THRESHOLD_MS),
    );
    if (this.#roundMinMs >= this.#lastRoundMinMs + threshold) {
      this.#baselineMs = this.#roundMinMs;
      this.#cssRounds = 0;
    }
  }

  #nextRound(sndNxt: number): boolean {
    this.#windowEnd = sndNxt;
    this.#lastRoundMinMs = this.#roundMinMs;
    this.#roundMinMs = Number.POSITIVE_INFINITY;
    this.#samples = 0;
    if (this.#baselineMs < 0) return false;
    this.#cssRounds++;
    return this.#cssRounds >= HYSTART_CSS_ROUNDS;
  }
}
