import type { AnswerWatcher } from '../serving.ts';
import { MAXIMUM_COLLECTED_BYTES } from './constants.ts';

/** Collects one answer, as long as it is short enough and all that are collected are few. */
export class AnswerCollector implements AnswerWatcher {
  readonly #all: { bytes: number };
  readonly #most: number;
  readonly #keep: (body: Buffer) => void;
  #parts: Buffer[] | undefined = [];
  #length = 0;

  constructor(all: { bytes: number }, most: number, keep: (body: Buffer) => void) {
    this.#all = all;
    this.#most = most;
    this.#keep = keep;
  }

  take(chunk: Buffer): void {
    if (!this.#parts) return;
    if (this.#length + chunk.length > this.#most || this.#all.bytes + chunk.length > MAXIMUM_COLLECTED_BYTES)
      return void this.#drop();
    this.#length += chunk.length;
    this.#all.bytes += chunk.length;
    this.#parts.push(chunk);
  }

  ended(isWhole: boolean): void {
    const body = isWhole && this.#parts ? Buffer.concat(this.#parts, this.#length) : undefined;
    this.#drop();
    if (body) this.#keep(body);
  }

  #drop(): void {
    this.#all.bytes -= this.#length;
    this.#length = 0;
    this.#parts = undefined;
  }
}
