import { KEEP_WITHOUT_COPY_BYTES, SMALL_PAYLOAD_BLOCK_BYTES } from '../constants.ts';

/**
 * In-order bytes that wait for the program. Large pieces are kept as views of the packets they came in; small ones are
 * copied, and copied together when several wait, so that a peer sending single bytes cannot pin a packet buffer or an
 * object for each.
 */
export class ReceiveQueue {
  #chunks: Uint8Array[] = [];
  #first = 0;
  /** The block that small pieces are gathered in; `#blockStart .. #blockEnd` is the last, still growing chunk. */
  #block: Uint8Array | undefined;
  #blockStart = 0;
  #blockEnd = 0;
  sizeBytes = 0;

  /** Takes `length` bytes at `bytes[offset ..]`. `owned` bytes belong to the stack already and are never copied. */
  append(bytes: Uint8Array, offset: number, length: number, owned: boolean): void {
    this.sizeBytes += length;
    if (owned || length >= KEEP_WITHOUT_COPY_BYTES) this.#pushChunk(bytes.subarray(offset, offset + length));
    else if (this.sizeBytes === length) this.#pushChunk(bytes.slice(offset, offset + length));
    else this.#gather(bytes, offset, length);
  }

  /** The next chunk, or undefined. */
  take(): Uint8Array | undefined {
    if (this.#first < this.#chunks.length) {
      const chunk = this.#chunks[this.#first] as Uint8Array;
      this.#first++;
      if (this.#first === this.#chunks.length) {
        this.#chunks = [];
        this.#first = 0;
      }
      this.sizeBytes -= chunk.length;
      return chunk;
    }
    const block = this.#block;
    if (!block) return undefined;
    this.#block = undefined;
    const chunk = block.subarray(this.#blockStart, this.#blockEnd);
    this.sizeBytes -= chunk.length;
    return chunk;
  }

  clear(): void {
    this.#chunks = [];
    this.#first = 0;
    this.#block = undefined;
    this.sizeBytes = 0;
  }

  #pushChunk(chunk: Uint8Array): void {
    this.#closeBlock();
    this.#chunks.push(chunk);
  }

  #gather(bytes: Uint8Array, offset: number, length: number): void {
    if (!this.#block || this.#blockEnd + length > this.#block.length) {
      this.#closeBlock();
      this.#block = new Uint8Array(SMALL_PAYLOAD_BLOCK_BYTES);
      this.#blockStart = 0;
      this.#blockEnd = 0;
    }
    this.#block.set(bytes.subarray(offset, offset + length), this.#blockEnd);
    this.#blockEnd += length;
  }

  #closeBlock(): void {
    if (!this.#block) return;
    this.#chunks.push(this.#block.subarray(this.#blockStart, this.#blockEnd));
    this.#block = undefined;
  }
}
