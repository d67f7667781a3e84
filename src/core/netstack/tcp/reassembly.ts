import { MAX_REASSEMBLY_PIECES, MAX_REASSEMBLY_RANGES } from '../constants.ts';
import { distance, isAtOrBefore, isBefore } from '../sequence.ts';
import type { ReceiveQueue } from './receive-queue.ts';

/** A run of bytes without a gap: `pieces` side by side from `start` to `end`. */
interface Range {
  start: number;
  end: number;
  readonly pieces: Uint8Array[];
  /** Number of the arrival that changed it last; SACK reports recent ranges first (RFC 2018 section 4). */
  touched: number;
}

export type InsertResult = 'stored' | 'duplicate' | 'full';

/**
 * Out-of-order bytes (RFC 9293 section 3.10.7.4, seventh step). Pieces never overlap: what is already there is kept and
 * an arrival fills gaps alone. Bounded in ranges and pieces here, in bytes by the receive window.
 */
export class Reassembly {
  #ranges: Range[] = [];
  #arrivals = 0;
  #pieces = 0;
  sizeBytes = 0;

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  get rangeCount(): number {
    return this.#ranges.length;
  }

  /** Copies in `bytes[offset ..]` as the sequence range `start .. end`. */
  insert(start: number, end: number, bytes: Uint8Array, offset: number): InsertResult {
    const index = this.#firstTouching(start);
    const range = this.#ranges[index];
    if (!range || isBefore(end, range.start)) return this.#insertAlone(index, start, end, bytes, offset);
    if (isAtOrBefore(range.start, start) && isAtOrBefore(end, range.end)) {
      range.touched = ++this.#arrivals;
      return 'duplicate';
    }
    if (this.#pieces >= MAX_REASSEMBLY_PIECES) return 'full';
    const next = this.#ranges[index + 1];
    if (start === range.end && (!next || isBefore(end, next.start))) {
      this.#addPiece(range.pieces, bytes, offset, distance(start, end));
      range.end = end;
      range.touched = ++this.#arrivals;
    } else {
      this.#merge(index, start, end, bytes, offset);
    }
    return 'stored';
  }

  /** Moves what is in order from `next` on to `queue`; returns the sequence number after it. */
  drainTo(queue: ReceiveQueue, next: number): number {
    let at = next;
    while (this.#ranges.length > 0) {
      const range = this.#ranges[0] as Range;
      if (isBefore(at, range.start)) break;
      at = this.#drainRange(range, queue, at);
      this.#ranges.shift();
    }
    return at;
  }

  /** Writes up to `limit` SACK blocks to `out` from index `at`, the most recent first; returns how many. */
  fillSackBlocks(out: Int32Array, at: number, limit: number): number {
    let before = this.#arrivals + 1;
    let count = 0;
    while (count < limit) {
      let best: Range | undefined;
      for (const range of this.#ranges)
        if (range.touched < before && (!best || range.touched > best.touched)) best = range;
      if (!best) break;
      out[at + 2 * count] = best.start;
      out[at + 2 * count + 1] = best.end;
      before = best.touched;
      count++;
    }
    return count;
  }

  clear(): void {
    this.#ranges = [];
    this.#pieces = 0;
    this.sizeBytes = 0;
  }

  /** Index of the first range that ends at or after `start`. Arrivals are mostly at the end, so it looks there first. */
  #firstTouching(start: number): number {
    let index = this.#ranges.length;
    while (index > 0 && !isBefore((this.#ranges[index - 1] as Range).end, start)) index--;
    return index;
  }

  #insertAlone(index: number, start: number, end: number, bytes: Uint8Array, offset: number): InsertResult {
    if (this.#ranges.length >= MAX_REASSEMBLY_RANGES || this.#pieces >= MAX_REASSEMBLY_PIECES) return 'full';
    const range: Range = { start, end, pieces: [], touched: ++this.#arrivals };
    this.#addPiece(range.pieces, bytes, offset, distance(start, end));
    if (index === this.#ranges.length) this.#ranges.push(range);
    else this.#ranges.splice(index, 0, range);
    return 'stored';
  }

  #merge(index: number, start: number, end: number, bytes: Uint8Array, offset: number): void {
    const pieces: Uint8Array[] = [];
    let at = start;
    let last = index;
    for (; last < this.#ranges.length; last++) {
      const range = this.#ranges[last] as Range;
      if (isBefore(end, range.start)) break;
      if (isBefore(at, range.start))
        this.#addPiece(pieces, bytes, offset + distance(start, at), distance(at, range.start));
      for (const piece of range.pieces) pieces.push(piece);
      if (isBefore(at, range.end)) at = range.end;
    }
    if (isBefore(at, end)) this.#addPiece(pieces, bytes, offset + distance(start, at), distance(at, end));
    const first = (this.#ranges[index] as Range).start;
    const merged: Range = {
      start: isBefore(start, first) ? start : first,
      end: isBefore(at, end) ? end : at,
      pieces,
      touched: ++this.#arrivals,
    };
    this.#ranges.splice(index, last - index, merged);
  }

  #addPiece(pieces: Uint8Array[], bytes: Uint8Array, offset: number, length: number): void {
    pieces.push(bytes.slice(offset, offset + length));
    this.#pieces++;
    this.sizeBytes += length;
  }

  #drainRange(range: Range, queue: ReceiveQueue, next: number): number {
    let start = range.start;
    let at = next;
    for (const piece of range.pieces) {
      const skip = Math.max(0, distance(start, at));
      if (skip < piece.length) {
        queue.append(piece, skip, piece.length - skip, piece.length - skip >= 256);
        at = (start + piece.length) | 0;
      }
      start = (start + piece.length) | 0;
      this.#pieces--;
      this.sizeBytes -= piece.length;
    }
    return at;
  }
}
