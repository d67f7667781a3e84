import type { Endpoint } from './address.ts';

/**
 * Datagrams on their way out, side by side in one slab, so that an adapter can hand a run of them to the kernel in
 * one call (UDP segmentation offload) and so that a packet is written, sealed and sent in the same bytes.
 *
 *     slab   | datagram 0 | datagram 1 | ... | free                                   |
 *              offset(0)    offset(1)          tail
 *
 * Write at `tail`, then `append(length, to)`. Ask `hasRoomFor` first; a full batch is sent and cleared.
 */
export class DatagramBatch {
  readonly slab: Uint8Array<ArrayBuffer>;
  /** Number of datagrams. */
  count = 0;
  /** Where the next datagram is written. */
  tail = 0;
  readonly #capacity: number;
  readonly #offsets: Int32Array;
  readonly #lengths: Int32Array;
  readonly #endpoints: Endpoint[] = [];

  /** `slabBytes` of room for at most `capacity` datagrams. */
  constructor(slabBytes: number, capacity: number) {
    this.slab = new Uint8Array(slabBytes);
    this.#capacity = capacity;
    this.#offsets = new Int32Array(capacity);
    this.#lengths = new Int32Array(capacity);
  }

  hasRoomFor(sizeBytes: number): boolean {
    return this.count < this.#capacity && this.tail + sizeBytes <= this.slab.length;
  }

  /** Takes the `sizeBytes` written at `tail` as one datagram. */
  append(sizeBytes: number, to: Endpoint): void {
    if (!this.hasRoomFor(sizeBytes)) throw new RangeError('the batch is full');
    this.#offsets[this.count] = this.tail;
    this.#lengths[this.count] = sizeBytes;
    this.#endpoints[this.count] = to;
    this.count++;
    this.tail += sizeBytes;
  }

  /** Copies a datagram that was made elsewhere. */
  appendCopy(bytes: Uint8Array, to: Endpoint): void {
    if (!this.hasRoomFor(bytes.length)) throw new RangeError('the batch is full');
    this.slab.set(bytes, this.tail);
    this.append(bytes.length, to);
  }

  offsetOf(index: number): number {
    return this.#offsets[index] as number;
  }

  lengthOf(index: number): number {
    return this.#lengths[index] as number;
  }

  endpointOf(index: number): Endpoint {
    return this.#endpoints[index] as Endpoint;
  }

  /** The bytes of one datagram, valid until `clear`. */
  bytesOf(index: number): Uint8Array<ArrayBuffer> {
    const offset = this.offsetOf(index);
    return this.slab.subarray(offset, offset + this.lengthOf(index));
  }

  /** Takes back every datagram from the one of this index on. */
  truncate(index: number): void {
    if (index >= this.count) return;
    this.tail = this.offsetOf(index);
    this.count = index;
    this.#endpoints.length = index;
  }

  clear(): void {
    this.count = 0;
    this.tail = 0;
    this.#endpoints.length = 0;
  }
}
