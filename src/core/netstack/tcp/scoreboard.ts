import { distance, isAtOrBefore, isBefore } from '../sequence.ts';
import type { Delivery } from './delivery.ts';
import { IN_FLIGHT, LOST, SACKED, type SegmentPool, type SentSegment } from './sent-segment.ts';

/**
 * Every segment between snd.una and snd.nxt and what is known of it (RFC 6675 section 4, RFC 8985 section 6).
 *
 *     by sequence   head <-> ... <-> tail        all segments, without gaps
 *     by time       oldest <-> ... <-> newest    those in flight, in the order they were sent
 *
 * Invariant: inFlightBytes + sackedBytes + lostBytes = snd.nxt - snd.una.
 */
export class Scoreboard {
  readonly #pool: SegmentPool;
  head: SentSegment | undefined = undefined;
  tail: SentSegment | undefined = undefined;
  oldest: SentSegment | undefined = undefined;
  newest: SentSegment | undefined = undefined;
  inFlightBytes = 0;
  sackedBytes = 0;
  lostBytes = 0;
  segmentCount = 0;
  sackedCount = 0;
  /** No lost segment is before this one. */
  #lostHint: SentSegment | undefined = undefined;
  /** Where the last SACK block ended; blocks mostly grow there. */
  #sackHint: SentSegment | undefined = undefined;

  constructor(pool: SegmentPool) {
    this.#pool = pool;
  }

  /** Notes that `start .. end` was sent for the first time; it follows the tail. */
  recordSent(start: number, end: number, hasFin: boolean, nowMs: number): void {
    const segment = this.#pool.take();
    segment.start = start;
    segment.end = end;
    segment.hasFin = hasFin;
    segment.sentAtMs = nowMs;
    segment.transmissions = 1;
    segment.condition = IN_FLIGHT;
    segment.previous = this.tail;
    if (this.tail) this.tail.next = segment;
    else this.head = segment;
    this.tail = segment;
    this.segmentCount++;
    this.inFlightBytes += distance(start, end);
    this.#appendByTime(segment);
  }

  /** Notes that a lost segment, or one in flight (a probe), was sent again. */
  recordRetransmission(segment: SentSegment, nowMs: number): void {
    const length = distance(segment.start, segment.end);
    if (segment.condition === LOST) {
      this.lostBytes -= length;
      this.inFlightBytes += length;
      segment.condition = IN_FLIGHT;
    } else if (segment.condition === IN_FLIGHT) {
      this.#removeByTime(segment);
    }
    segment.sentAtMs = nowMs;
    segment.transmissions++;
    this.#appendByTime(segment);
  }

  /** Takes the cumulative acknowledgement `una`: everything before it is forgotten. */
  acknowledge(una: number, delivery: Delivery): void {
    let segment = this.head;
    while (segment && isAtOrBefore(segment.end, una)) {
      const next: SentSegment | undefined = segment.next;
      if (segment.condition !== SACKED) delivery.note(segment, distance(segment.start, segment.end));
      this.#removeHead(segment);
      segment = next;
    }
    if (!segment || !isBefore(segment.start, una)) return;
    const part = distance(segment.start, una);
    this.#account(segment.condition, -part);
    if (segment.condition !== SACKED) delivery.deliveredBytes += part;
    segment.start = una;
  }

  /** Takes one SACK block that lies inside snd.una .. snd.nxt. Returns whether it said anything new. */
  applySack(left: number, right: number, delivery: Delivery): boolean {
    let isNews = false;
    let segment = this.#find(left);
    while (segment && isBefore(segment.start, right)) {
      if (segment.condition !== SACKED && this.#cutToBlock(segment, left, right)) {
        const covered: SentSegment = isBefore(segment.start, left) ? (segment.next as SentSegment) : segment;
        this.#markSacked(covered, delivery);
        isNews = true;
        segment = covered;
      }
      this.#sackHint = segment;
      segment = segment.next;
    }
    return isNews;
  }

  markLost(segment: SentSegment): void {
    if (segment.condition !== IN_FLIGHT) return;
    const length = distance(segment.start, segment.end);
    this.#removeByTime(segment);
    segment.condition = LOST;
    this.inFlightBytes -= length;
    this.lostBytes += length;
    const hint = this.#lostHint;
    if (!hint || isBefore(segment.start, hint.start)) this.#lostHint = segment;
  }

  /** Everything in flight is taken as lost, after a timeout (RFC 6298 section 5.4 with RFC 8985 section 6.3). */
  markAllLost(): void {
    while (this.oldest) this.markLost(this.oldest);
  }

  /** Undoes a wrong guess: what was called lost is in flight still (RFC 4015). */
  unmarkLost(): void {
    for (let segment = this.firstLost(); segment; segment = segment.next) {
      if (segment.condition !== LOST) continue;
      const length = distance(segment.start, segment.end);
      segment.condition = IN_FLIGHT;
      this.lostBytes -= length;
      this.inFlightBytes += length;
      this.#insertByTime(segment);
    }
    this.#lostHint = undefined;
  }

  /** Forgets what SACK said: a peer may renege (RFC 2018 section 8). */
  forgetSacks(): void {
    for (let segment = this.head; segment; segment = segment.next) {
      if (segment.condition !== SACKED) continue;
      const length = distance(segment.start, segment.end);
      segment.condition = IN_FLIGHT;
      this.sackedBytes -= length;
      this.sackedCount--;
      this.inFlightBytes += length;
      this.#insertByTime(segment);
    }
  }

  /** The lost segment with the lowest sequence number. */
  firstLost(): SentSegment | undefined {
    if (this.lostBytes === 0) return undefined;
    let segment = this.#lostHint ?? this.head;
    while (segment && segment.condition !== LOST) segment = segment.next;
    this.#lostHint = segment;
    return segment;
  }

  /** Cuts a segment in two; the first keeps `length` bytes, the second the rest and the FIN. */
  split(segment: SentSegment, length: number): void {
    const second = this.#pool.take();
    const cut = (segment.start + length) | 0;
    second.start = cut;
    second.end = segment.end;
    second.hasFin = segment.hasFin;
    second.sentAtMs = segment.sentAtMs;
    second.transmissions = segment.transmissions;
    second.condition = segment.condition;
    segment.end = cut;
    segment.hasFin = false;
    second.previous = segment;
    second.next = segment.next;
    if (segment.next) segment.next.previous = second;
    else this.tail = second;
    segment.next = second;
    this.segmentCount++;
    if (segment.condition === SACKED) this.sackedCount++;
    if (segment.condition === IN_FLIGHT) this.#insertAfterByTime(segment, second);
  }

  clear(): void {
    while (this.head) this.#removeHead(this.head);
  }

  /** Makes the segment's part inside the block a segment of its own; false when the block has no byte of it. */
  #cutToBlock(segment: SentSegment, left: number, right: number): boolean {
    let covered = segment;
    if (isBefore(segment.start, left)) {
      if (!isBefore(left, segment.end)) return false;
      this.split(segment, distance(segment.start, left));
      covered = segment.next as SentSegment;
    }
    if (isBefore(right, covered.end)) this.split(covered, distance(covered.start, right));
    return true;
  }

  #markSacked(segment: SentSegment, delivery: Delivery): void {
    const length = distance(segment.start, segment.end);
    delivery.note(segment, length);
    if (segment.condition === IN_FLIGHT) this.#removeByTime(segment);
    this.#account(segment.condition, -length);
    segment.condition = SACKED;
    this.sackedBytes += length;
    this.sackedCount++;
  }

  /** The segment that holds `sequence`, searched from the nearest of head, hint and tail. */
  #find(sequence: number): SentSegment | undefined {
    let segment: SentSegment | undefined = this.#sackHint ?? this.head;
    while (segment && isBefore(sequence, segment.start)) segment = segment.previous;
    if (!segment) segment = this.head;
    while (segment && isAtOrBefore(segment.end, sequence)) segment = segment.next;
    return segment;
  }

  #account(condition: number, bytes: number): void {
    if (condition === IN_FLIGHT) this.inFlightBytes += bytes;
    else if (condition === SACKED) this.sackedBytes += bytes;
    else this.lostBytes += bytes;
  }

  #removeHead(segment: SentSegment): void {
    this.#account(segment.condition, -distance(segment.start, segment.end));
    if (segment.condition === IN_FLIGHT) this.#removeByTime(segment);
    else if (segment.condition === SACKED) this.sackedCount--;
    if (this.#lostHint === segment) this.#lostHint = segment.next;
    if (this.#sackHint === segment) this.#sackHint = undefined;
    this.head = segment.next;
    if (this.head) this.head.previous = undefined;
    else this.tail = undefined;
    this.segmentCount--;
    this.#pool.give(segment);
  }

  #appendByTime(segment: SentSegment): void {
    segment.older = this.newest;
    segment.newer = undefined;
    if (this.newest) this.newest.newer = segment;
    else this.oldest = segment;
    this.newest = segment;
  }

  #insertAfterByTime(segment: SentSegment, inserted: SentSegment): void {
    inserted.older = segment;
    inserted.newer = segment.newer;
    if (segment.newer) segment.newer.older = inserted;
    else this.newest = inserted;
    segment.newer = inserted;
  }

  #insertByTime(segment: SentSegment): void {
    let before = this.newest;
    while (before && before.sentAtMs > segment.sentAtMs) before = before.older;
    if (before) {
      this.#insertAfterByTime(before, segment);
      return;
    }
    segment.older = undefined;
    segment.newer = this.oldest;
    if (this.oldest) this.oldest.older = segment;
    else this.newest = segment;
    this.oldest = segment;
  }

  #removeByTime(segment: SentSegment): void {
    if (segment.older) segment.older.newer = segment.newer;
    else this.oldest = segment.newer;
    if (segment.newer) segment.newer.older = segment.older;
    else this.newest = segment.older;
    segment.older = undefined;
    segment.newer = undefined;
  }
}
