import type { Duplex } from 'node:stream';

/**
 * Text lines over a stream, for the JSON messages inside a tunnel. A line longer than `maximumBytes` or an end in the
 * middle of one breaks the stream.
 */
export class LineChannel {
  readonly #stream: Duplex;
  readonly #maximumBytes: number;
  #parts: Buffer[] = [];
  #heldBytes = 0;

  constructor(stream: Duplex, maximumBytes: number, onLine: (line: string) => void) {
    this.#stream = stream;
    this.#maximumBytes = maximumBytes;
    stream.on('data', (chunk: Buffer) => this.#take(chunk, onLine));
    stream.on('end', () => {
      if (this.#heldBytes > 0) stream.destroy(new Error('the stream ended within a line'));
    });
  }

  /** Sends one line. False where the other end does not keep up: the caller drops the stream or waits for `drain`. */
  send(line: string): boolean {
    return this.#stream.write(`${line}\n`);
  }

  #take(chunk: Buffer, onLine: (line: string) => void): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      if (!this.#hold(chunk.subarray(from, end))) return;
      const line = Buffer.concat(this.#parts).toString('utf8');
      this.#parts = [];
      this.#heldBytes = 0;
      from = end + 1;
      onLine(line);
      if (this.#stream.destroyed) return;
    }
    if (from === chunk.length) return;
    this.#hold(chunk.subarray(from));
  }

  /** Adds to the line that is being read; false, and the stream is broken, where it gets too long. */
  #hold(part: Buffer): boolean {
    this.#parts.push(part);
    this.#heldBytes += part.length;
    if (this.#heldBytes <= this.#maximumBytes) return true;
    this.#stream.destroy(new Error('a line is too long'));
    return false;
  }
}
