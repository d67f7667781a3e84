import { SEGMENT_POOL_SIZE } from '../constants.ts';

/** Small integers instead of strings: compared for every segment of every acknowledgement. */
export const IN_FLIGHT = 0;
export const SACKED = 1;
export const LOST = 2;

/** A sent, not yet acknowledged segment. Linked by sequence and, while in flight, by the time it was sent. */
export class SentSegment {
  start = 0;
  end = 0;
  sentAtMs = 0;
  transmissions = 0;
  condition = IN_FLIGHT;
  /** Whether the last sequence number is the FIN. */
  hasFin = false;
  next: SentSegment | undefined = undefined;
  previous: SentSegment | undefined = undefined;
  newer: SentSegment | undefined = undefined;
  older: SentSegment | undefined = undefined;
}

/** Records for reuse, shared by the connections of a stack, so that steady sending allocates nothing. */
export class SegmentPool {
  #free: SentSegment | undefined;
  #count = 0;

  take(): SentSegment {
    const segment = this.#free;
    if (!segment) return new SentSegment();
    this.#free = segment.next;
    this.#count--;
    segment.next = undefined;
    return segment;
  }

  give(segment: SentSegment): void {
    if (this.#count >= SEGMENT_POOL_SIZE) return;
    segment.previous = undefined;
    segment.newer = undefined;
    segment.older = undefined;
    segment.next = this.#free;
    this.#free = segment;
    this.#count++;
  }
}
