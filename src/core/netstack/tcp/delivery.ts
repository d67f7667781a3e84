import { isBefore } from '../sequence.ts';
import type { SentSegment } from './sent-segment.ts';

/** What one acknowledgement delivered. One object is used over and over. */
export class Delivery {
  /** Bytes newly delivered, by the cumulative acknowledgement or by SACK. */
  deliveredBytes = 0;
  /** When the earliest newly delivered, never retransmitted segment was sent; -1 when there is none. For RTT (Karn). */
  oldestFreshSentAtMs = -1;
  /** The same for the latest one; for the minimum RTT. */
  newestFreshSentAtMs = -1;
  /** The newly delivered segment that was sent last (RFC 8985 section 6.2 step 2). */
  newestSentAtMs = -1;
  newestEnd = 0;
  newestWasRetransmitted = false;
  /** A never retransmitted segment was delivered below one delivered before. */
  sawReordering = false;
  /** Highest sequence number delivered so far; kept between acknowledgements. */
  highestEnd = 0;

  reset(): void {
    this.deliveredBytes = 0;
    this.oldestFreshSentAtMs = -1;
    this.newestFreshSentAtMs = -1;
    this.newestSentAtMs = -1;
    this.newestWasRetransmitted = false;
    this.sawReordering = false;
  }

  note(segment: SentSegment, bytes: number): void {
    this.deliveredBytes += bytes;
    const sentAtMs = segment.sentAtMs;
    if (segment.transmissions === 1) {
      if (this.oldestFreshSentAtMs < 0 || sentAtMs < this.oldestFreshSentAtMs) this.oldestFreshSentAtMs = sentAtMs;
      if (sentAtMs > this.newestFreshSentAtMs) this.newestFreshSentAtMs = sentAtMs;
    }
    if (sentAtMs > this.newestSentAtMs || (sentAtMs === this.newestSentAtMs && isBefore(this.newestEnd, segment.end))) {
      this.newestSentAtMs = sentAtMs;
      this.newestEnd = segment.end;
      this.newestWasRetransmitted = segment.transmissions > 1;
    }
    if (isBefore(this.highestEnd, segment.end)) this.highestEnd = segment.end;
    else if (isBefore(segment.end, this.highestEnd) && segment.transmissions === 1) this.sawReordering = true;
  }
}
