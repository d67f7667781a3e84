import { DUPLICATE_THRESHOLD, RACK_WINDOW_PERSIST } from '../constants.ts';
import { isBefore } from '../sequence.ts';
import type { Delivery } from './delivery.ts';
import type { Scoreboard } from './scoreboard.ts';
import type { SentSegment } from './sent-segment.ts';

/** Time-based loss detection (RFC 8985): what was sent well before something delivered is lost. */
export class Rack {
  /** When the most recently sent of the delivered segments was sent; -1 before the first. */
  sentAtMs = -1;
  #end = 0;
  #rttMs = 0;
  /** Infinity before the first sample. */
  minRttMs = Number.POSITIVE_INFINITY;
  #reorderingSeen = false;
  #windowMultiplier = 1;
  #windowPersist = 0;
  /** A DSACK widens the window once per round trip, which ends here. */
  #dsackRoundEnd = 0;
  #isDsackRound = false;

  /** Steps 1 to 3: takes what an acknowledgement delivered. */
  delivered(delivery: Delivery, nowMs: number): void {
    if (delivery.newestFreshSentAtMs >= 0) {
      const rttMs = nowMs - delivery.newestFreshSentAtMs;
      if (rttMs < this.minRttMs) this.minRttMs = rttMs;
    }
    if (delivery.sawReordering) this.#reorderingSeen = true;
    if (delivery.newestSentAtMs < 0) return;
    const rttMs = nowMs - delivery.newestSentAtMs;
    // An acknowledgement sooner than any round trip is for the first transmission, not for this one.
    if (delivery.newestWasRetransmitted && rttMs < this.minRttMs) return;
    this.#rttMs = rttMs;
    if (isSentAfter(delivery.newestSentAtMs, delivery.newestEnd, this.sentAtMs, this.#end)) {
      this.sentAtMs = delivery.newestSentAtMs;
      this.#end = delivery.newestEnd;
    }
  }

  /** The peer reported bytes received twice: the window was too small (step 4). */
  duplicateReported(una: number, sndNxt: number): void {
    if (this.#isDsackRound && isBefore(una, this.#dsackRoundEnd)) return;
    this.#isDsackRound = true;
    this.#dsackRoundEnd = sndNxt;
    this.#windowMultiplier = Math.min(this.#windowMultiplier + 1, 64);
    this.#windowPersist = RACK_WINDOW_PERSIST;
  }

  recoveryEnded(): void {
    if (this.#windowPersist > 0 && --this.#windowPersist === 0) this.#windowMultiplier = 1;
  }

  /**
   * Step 5: marks what is lost. Returns the milliseconds after which to look again for segments that may only be
   * late, or 0.
   */
  detectLoss(scoreboard: Scoreboard, isRecovering: boolean, srttMs: number, nowMs: number): number {
    if (this.sentAtMs < 0) return 0;
    const waitMs = this.#rttMs + this.#reorderingWindowMs(scoreboard, isRecovering, srttMs);
    let segment: SentSegment | undefined = scoreboard.oldest;
    while (segment && isSentAfter(this.sentAtMs, this.#end, segment.sentAtMs, segment.end)) {
      const leftMs = segment.sentAtMs + waitMs - nowMs;
      // Sums of fractional times are not exact: less than a microsecond is now.
      if (leftMs > 0.001) return leftMs;
      const newer: SentSegment | undefined = segment.newer;
      scoreboard.markLost(segment);
      segment = newer;
    }
    return 0;
  }

  forget(): void {
    this.minRttMs = Number.POSITIVE_INFINITY;
    this.#reorderingSeen = false;
    this.#windowMultiplier = 1;
  }

  #reorderingWindowMs(scoreboard: Scoreboard, isRecovering: boolean, srttMs: number): number {
    if (!this.#reorderingSeen && (isRecovering || scoreboard.sackedCount >= DUPLICATE_THRESHOLD)) return 0;
    if (this.minRttMs === Number.POSITIVE_INFINITY) return 0;
    return Math.min((this.#windowMultiplier * this.minRttMs) / 4, Math.max(srttMs, 0));
  }
}

function isSentAfter(aMs: number, aEnd: number, bMs: number, bEnd: number): boolean {
  return aMs > bMs || (aMs === bMs && isBefore(bEnd, aEnd));
}
