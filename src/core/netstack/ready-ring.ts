import { SEND_QUANTUM_SEGMENTS } from './constants.ts';

export interface ReadyEntry<T> {
  isReady: boolean;
  readyNext: T | undefined;
}

/** Connections that may have something to send, in turn: each sends a quantum, then goes to the end. */
export class ReadyRing<T extends ReadyEntry<T>> {
  #first: T | undefined = undefined;
  #last: T | undefined = undefined;
  #left = SEND_QUANTUM_SEGMENTS;

  /** Whose turn it is. */
  get current(): T | undefined {
    return this.#first;
  }

  add(entry: T): void {
    if (entry.isReady) return;
    entry.isReady = true;
    entry.readyNext = undefined;
    if (this.#last) this.#last.readyNext = entry;
    else this.#first = entry;
    this.#last = entry;
  }

  /** The current one sent a packet. */
  spent(): void {
    this.#left--;
    const entry = this.#first;
    if (this.#left > 0 || !entry) return;
    this.dropCurrent();
    this.add(entry);
  }

  /** The current one has nothing (more) to send. */
  dropCurrent(): void {
    const entry = this.#first;
    this.#left = SEND_QUANTUM_SEGMENTS;
    if (!entry) return;
    this.#first = entry.readyNext;
    if (!this.#first) this.#last = undefined;
    entry.isReady = false;
    entry.readyNext = undefined;
  }
}
