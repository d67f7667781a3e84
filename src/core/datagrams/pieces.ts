import { DATAGRAM_MAX_BYTES, PARTIAL_DATAGRAMS, PARTIAL_MAX_AGE_MS, PIECE_MAX_BYTES } from './constants.ts';

/**
 * What travels between a PoP and a connector in one UDP packet of the overlay, whose port says which target it is for:
 *
 *     whole   0 | datagram
 *     piece   1 | id (2) | index (1) | count (1) | part of the datagram
 *     over    2                                            the session has ended
 *
 * Numbers are big endian. Pieces of one datagram have its id, which its sender counts up. Pieces but the last are as long
 * as they can be, so one tells where it belongs.
 */
const WHOLE = 0;
const PIECE = 1;
const OVER = 2;
const PIECE_HEAD_BYTES = 5;
const PART_BYTES = PIECE_MAX_BYTES - PIECE_HEAD_BYTES;
const MOST_PIECES = Math.ceil(DATAGRAM_MAX_BYTES / PART_BYTES);

/** Says that a session has ended. */
export const SESSION_OVER = new Uint8Array([OVER]);

/** The packets that a datagram is carried in. @param id another one for each datagram, modulo 65536. */
export function cutDatagram(datagram: Uint8Array, id: number): Uint8Array[] {
  if (datagram.length < PIECE_MAX_BYTES) {
    const whole = new Uint8Array(1 + datagram.length);
    whole[0] = WHOLE;
    whole.set(datagram, 1);
    return [whole];
  }
  const count = Math.ceil(datagram.length / PART_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const part = datagram.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
    const piece = new Uint8Array(PIECE_HEAD_BYTES + part.length);
    piece.set([PIECE, (id >> 8) & 0xff, id & 0xff, index, count]);
    piece.set(part, PIECE_HEAD_BYTES);
    return piece;
  });
}

export const PIECE_FAULTS = [
  /** Nothing in it, or a kind that is not known. */
  'piece-unknown',
  /** Longer or shorter than a piece at its place is, or of more than there can be. */
  'piece-malformed',
  /** It says something else of its datagram than those before it. */
  'piece-contradicts',
  /** Another datagram needed its room, or it took too long. */
  'piece-given-up',
] as const;
export type PieceFault = (typeof PIECE_FAULTS)[number];

interface Partial {
  readonly parts: (Uint8Array | undefined)[];
  readonly sinceMs: number;
  missing: number;
}

/** Puts the datagrams of one session together again. Bounded: a few at a time, and none for long. */
export class PieceReader {
  readonly #partials = new Map<number, Partial>();
  /** Datagrams that were given up. */
  givenUp = 0;

  /** The datagram that this completes, `over`, nothing yet, or what is wrong. The packet is not kept but for its copy. */
  read(packet: Uint8Array, nowMs: number): Uint8Array | 'over' | undefined | PieceFault {
    const kind = packet[0];
    if (kind === OVER) return 'over';
    if (kind === WHOLE) return packet.subarray(1);
    if (kind !== PIECE) return 'piece-unknown';
    const [, high = 0, low = 0, index = 0, count = 0] = packet;
    const part = packet.subarray(PIECE_HEAD_BYTES);
    const isFit = count >= 2 && count <= MOST_PIECES && index < count;
    const isLong = index < count - 1 ? part.length === PART_BYTES : part.length > 0 && part.length <= PART_BYTES;
    if (!isFit || !isLong) return 'piece-malformed';
    return this.#take((high << 8) | low, index, count, part.slice(), nowMs);
  }

  #take(
    id: number,
    index: number,
    count: number,
    part: Uint8Array,
    nowMs: number,
  ): Uint8Array | undefined | PieceFault {
    const partial = this.#partials.get(id) ?? this.#begin(id, count, nowMs);
    if (partial.parts.length !== count) return 'piece-contradicts';
    if (partial.parts[index] !== undefined) return undefined;
    partial.parts[index] = part;
    partial.missing--;
    if (partial.missing > 0) return undefined;
    this.#partials.delete(id);
    const length = partial.parts.reduce((sum, each) => sum + (each?.length ?? 0), 0);
    if (length > DATAGRAM_MAX_BYTES) return 'piece-malformed';
    const datagram = new Uint8Array(length);
    let at = 0;
    for (const each of partial.parts) {
      if (!each) return 'piece-malformed';
      datagram.set(each, at);
      at += each.length;
    }
    return datagram;
  }

  #begin(id: number, count: number, nowMs: number): Partial {
    for (const [other, { sinceMs }] of this.#partials) {
      if (this.#partials.size < PARTIAL_DATAGRAMS && nowMs - sinceMs <= PARTIAL_MAX_AGE_MS) break;
      this.#partials.delete(other);
      this.givenUp++;
    }
    const partial: Partial = { parts: new Array<undefined>(count).fill(undefined), sinceMs: nowMs, missing: count };
    this.#partials.set(id, partial);
    return partial;
  }
}
