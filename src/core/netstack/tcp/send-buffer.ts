/**
 * Bytes written by the program and not yet acknowledged, as references to its chunks. Positions count payload bytes
 * from the first byte ever written; a cursor remembers where the last copy ended, so sending in order never searches.
 */
export class SendBuffer {
  #chunks: Uint8Array[] = [];
  /** Index of the first live chunk; the dead ones before it are cut off now and then. */
  #first = 0;
  /** Position of the first byte of the first live chunk. */
  #firstStart = 0;
  #cursor = 0;
  #cursorStart = 0;
  /** Position of the oldest unacknowledged byte. */
  start = 0;
  /** Position after the last byte written. */
  end = 0;

  get sizeBytes(): number {
    return this.end - this.start;
  }

  append(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.end += chunk.length;
  }

  /** Forgets bytes before `position`. */
  releaseUntil(position: number): void {
    this.start = position;
    while (this.#first < this.#chunks.length) {
      const length = (this.#chunks[this.#first] as Uint8Array).length;
      if (this.#firstStart + length > position) break;
      this.#firstStart += length;
      this.#first++;
    }
    if (this.#cursor < this.#first) {
      this.#cursor = this.#first;
      this.#cursorStart = this.#firstStart;
    }
    if (this.#first === this.#chunks.length) this.#compact();
    else if (this.#first >= 64 && this.#first * 2 >= this.#chunks.length) this.#compact();
  }

  /** Copies `length` bytes from `position` to `out[at ..]`. The range must be inside `start .. end`. */
  copyTo(out: Uint8Array, at: number, position: number, length: number): void {
    this.#seek(position);
    let left = length;
    let to = at;
    let from = position - this.#cursorStart;
    while (left > 0) {
      const chunk = this.#chunks[this.#cursor] as Uint8Array;
      const part = Math.min(left, chunk.length - from);
      out.set(part === chunk.length ? chunk : chunk.subarray(from, from + part), to);
      left -= part;
      to += part;
      from += part;
      if (from === chunk.length && this.#cursor + 1 < this.#chunks.length) {
        this.#cursorStart += chunk.length;
        this.#cursor++;
        from = 0;
      }
    }
  }

  clear(): void {
    this.#chunks = [];
    this.#first = 0;
    this.#cursor = 0;
    this.start = this.end;
    this.#firstStart = this.end;
    this.#cursorStart = this.end;
  }

  #seek(position: number): void {
    while (position < this.#cursorStart) {
      this.#cursor--;
      this.#cursorStart -= (this.#chunks[this.#cursor] as Uint8Array).length;
    }
    let length = (this.#chunks[this.#cursor] as Uint8Array).length;
    while (position >= this.#cursorStart + length && this.#cursor + 1 < this.#chunks.length) {
      this.#cursorStart += length;
      this.#cursor++;
      length = (this.#chunks[this.#cursor] as Uint8Array).length;
    }
  }

  #compact(): void {
    this.#chunks = this.#first === this.#chunks.length ? [] : this.#chunks.slice(this.#first);
    this.#cursor -= this.#first;
    this.#first = 0;
  }
}
