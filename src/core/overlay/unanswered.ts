import { REMEMBERED_HEARTBEATS } from './constants.ts';

interface Ask {
  readonly sequence: number;
  readonly atMs: number;
}

/** Heartbeats of one path that ask and are unanswered. */
export class Unanswered {
  /** Oldest first. */
  readonly #asks: Ask[] = [];

  get count(): number {
    return this.#asks.length;
  }

  /** When the oldest was sent; undefined where none is unanswered. */
  get oldestMs(): number | undefined {
    return this.#asks[0]?.atMs;
  }

  get secondMs(): number | undefined {
    return this.#asks[1]?.atMs;
  }

  add(sequence: number, atMs: number): void {
    // The oldest says how long the silence is.
    if (this.#asks.length === REMEMBERED_HEARTBEATS) this.#asks.splice(1, 1);
    this.#asks.push({ sequence, atMs });
  }

  /** The heartbeat `echo` was answered: whatever asked before it was not, and never will be. */
  answered(echo: number): void {
    for (let ask = this.#asks[0]; ask && ask.sequence <= echo; ask = this.#asks[0]) this.#asks.shift();
  }
}
