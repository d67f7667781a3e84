import { RECEIVE_BLOCK_MAX_BYTES, RECEIVE_BLOCK_MIN_BYTES } from '../constants.ts';

/**
 * In-order bytes that wait for the program. Payload is copied: its packet lies in a buffer that is used again. Copies
 * are gathered in blocks that double while the program is behind, so a bulk stream is read in large pieces and a
 * connection that carries little holds little.
 */
export class ReceiveQueue {
  #chunks: Uint8Array[] = [];
  #first = 0;
  /** The block being filled; `#blockStart .. #blockEnd` of it is not in `#chunks` yet. */
  #block: Uint8Array | undefined;
  #blockStart = 0;
  #blockEnd = 0;
  sizeBytes = 0;

  /** Takes `length` bytes at `bytes[offset ..]`. `owned` bytes belong to the stack already and are not copied. */
  append(bytes: Uint8Array, offset: number, length: number, owned: boolean): void {
    const isFirst = this.sizeBytes === 0;
    this.sizeBytes += length;
    if (owned) this.#pushChunk(bytes.subarray(offset, offset + length));
    else if (isFirst && length < RECEIVE_BLOCK_MIN_BYTES / 4) this.#pushChunk(bytes.slice(offset, offset + length));
    else this.#gather(bytes, offset, length);
  }

  /** The next chunk, or undefined. */
  take(): Uint8Array | undefined {
    if (this.#first === this.#chunks.length) this.#closeChunk();
    if (this.#first === this.#chunks.length) return undefined;
    const chunk = this.#chunks[this.#first] as Uint8Array;
    this.#first++;
    if (this.#first === this.#chunks.length) {
      this.#chunks = [];
      this.#first = 0;
    }
    this.sizeBytes -= chunk.length;
    // A reader that keeps up leaves nothing behind; the rest of the block would only be held.
    if (this.sizeBytes === 0) this.#block = undefined;
    return chunk;
  }

  clear(): void {
    this.#chunks = [];
    this.#first = 0;
    this.#block = undefined;
    this.sizeBytes = 0;
  }

  #pushChunk(chunk: Uint8Array): void {
    this.#closeChunk();
    this.#chunks.push(chunk);
  }

  #gather(bytes: Uint8Array, offset: number, length: number): void {
    if (!this.#block || this.#blockEnd + length > this.#block.length) {
      const twice = 2 * (this.#block?.length ?? 0);
      this.#closeChunk();
      const size = Math.min(RECEIVE_BLOCK_MAX_BYTES, Math.max(RECEIVE_BLOCK_MIN_BYTES, twice));
      this.#block = new Uint8Array(Math.max(size, length));
      this.#blockStart = 0;
      this.#blockEnd = 0;
    }
    this.#block.set(bytes.subarray(offset, offset + length), this.#blockEnd);
    this.#blockEnd += length;
  }

  /** Makes what the block holds a chunk; the block's rest goes on being filled. */
  #closeChunk(): void {
    if (!this.#block || this.#blockEnd === this.#blockStart) return;
    this.#chunks.push(this.#block.subarray(this.#blockStart, this.#blockEnd));
    this.#blockStart = this.#blockEnd;
  }
}
