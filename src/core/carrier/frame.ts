/**
 * A frame of a carrier: WireGuard messages one behind the other, each with its length before it. One frame is one
 * binary WebSocket message.
 *
 *     at 0        length     2 bytes    of the datagram, big endian, never 0
 *     at 2        datagram   length     as it would travel in UDP
 *     at 2+length            the next, until the frame ends
 */
import { MAXIMUM_FRAME_BYTES } from './constants.ts';

/** Before each datagram. */
export const LENGTH_BYTES = 2;

export const FRAME_FAULTS = [
  /** Nothing in it. */
  'frame-empty',
  /** More than MAXIMUM_FRAME_BYTES. */
  'frame-too-long',
  /** A datagram of no bytes. */
  'frame-datagram-empty',
  /** It ends within a length or a datagram. */
  'frame-cut-short',
] as const;
export type FrameFault = (typeof FRAME_FAULTS)[number];

/** Writes a datagram at `at`; gives where the next one goes. There must be room for LENGTH_BYTES more than it has. */
export function writeDatagram(frame: Uint8Array, at: number, datagram: Uint8Array): number {
  frame[at] = datagram.length >> 8;
  frame[at + 1] = datagram.length & 0xff;
  frame.set(datagram, at + LENGTH_BYTES);
  return at + LENGTH_BYTES + datagram.length;
}

/**
 * Goes through the datagrams of a frame without copying: `begin`, then `next` until it says false. A frame with a fault
 * has no datagrams at all.
 */
export class FrameReader {
  /** Where the datagram begins in the frame, and its length; set by `next`. */
  offset = 0;
  length = 0;
  #frame: Uint8Array = new Uint8Array();
  #at = 0;

  /** Takes up a frame; gives what is wrong with it, if anything is. */
  begin(frame: Uint8Array): FrameFault | undefined {
    const fault = faultIn(frame);
    this.#frame = fault ? new Uint8Array() : frame;
    this.#at = 0;
    return fault;
  }

  next(): boolean {
    if (this.#at >= this.#frame.length) return false;
    this.length = lengthAt(this.#frame, this.#at);
    this.offset = this.#at + LENGTH_BYTES;
    this.#at = this.offset + this.length;
    return true;
  }
}

function faultIn(frame: Uint8Array): FrameFault | undefined {
  if (frame.length === 0) return 'frame-empty';
  if (frame.length > MAXIMUM_FRAME_BYTES) return 'frame-too-long';
  let at = 0;
  while (at + LENGTH_BYTES <= frame.length) {
    const length = lengthAt(frame, at);
    if (length === 0) return 'frame-datagram-empty';
    at += LENGTH_BYTES + length;
  }
  return at === frame.length ? undefined : 'frame-cut-short';
}

function lengthAt(frame: Uint8Array, at: number): number {
  return ((frame[at] as number) << 8) | (frame[at + 1] as number);
}
