/**
 * Follows an event stream (HTML Living Standard section 9.2.6) by its line ends: an empty line ends an event. A stream
 * that stops there loses no event: browsers throw an event away that is not complete, and connect again by themselves.
 */
export class EventStream {
  /** Whether the last line was ended, and how: a line feed after a carriage return belongs to it. */
  #last: 'text' | 'cr' | 'lf' = 'lf';
  #lineIsEmpty = true;
  #atBoundary = true;

  /** Whether what was taken ends with an empty line, or is nothing. */
  get atBoundary(): boolean {
    return this.#atBoundary;
  }

  /** Looks at the end of the bytes alone, so it costs nothing on a busy stream. */
  take(bytes: Uint8Array): void {
    if (bytes.length > 4) {
      this.#last = 'text';
      this.#lineIsEmpty = false;
    }
    for (let at = Math.max(0, bytes.length - 4); at < bytes.length; at++) this.#takeByte(bytes[at] as number);
  }

  /** How many bytes are left of the present event; `bytes.length` where it does not end in them. Takes those. */
  takeToBoundary(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && !this.#atBoundary) this.#takeByte(bytes[at++] as number);
    return at;
  }

  #takeByte(byte: number): void {
    if (byte === 0x0a && this.#last === 'cr') this.#last = 'lf';
    else if (byte === 0x0a || byte === 0x0d) {
      this.#atBoundary = this.#lineIsEmpty;
      this.#lineIsEmpty = true;
      this.#last = byte === 0x0d ? 'cr' : 'lf';
    } else {
      this.#atBoundary = false;
      this.#lineIsEmpty = false;
      this.#last = 'text';
    }
  }
}
