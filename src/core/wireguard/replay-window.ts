/**
 * Which counters were seen (RFC 6479): a ring of bit words. A new counter clears the words it skips, so nothing is ever
 * shifted; one word is always partly used, which is why the window is a word smaller than the ring.
 */
import { REPLAY_WINDOW_BITS } from './constants.ts';

const WORD_BITS = 32;
const WORDS = REPLAY_WINDOW_BITS / WORD_BITS;
/** Counters this far behind the newest are still told apart. */
export const WINDOW_COUNTERS = REPLAY_WINDOW_BITS - WORD_BITS;

export class ReplayWindow {
  readonly #words = new Int32Array(WORDS);
  #newest = -1;

  /** Whether a counter is neither seen nor too old. Asked before a message is opened, which costs more. */
  isFresh(counter: number): boolean {
    if (counter > this.#newest) return true;
    if (this.#newest - counter > WINDOW_COUNTERS) return false;
    return ((this.#words[slotOf(counter)] as number) & (1 << (counter & 31))) === 0;
  }

  /** Remembers a fresh counter, once its message proved true. */
  mark(counter: number): void {
    if (counter > this.#newest) {
      const word = wordOf(counter);
      const first = this.#newest < 0 ? word - WORDS : wordOf(this.#newest);
      for (let skipped = Math.max(first + 1, word - WORDS + 1); skipped <= word; skipped++)
        this.#words[skipped & (WORDS - 1)] = 0;
      this.#newest = counter;
    }
    const slot = slotOf(counter);
    this.#words[slot] = (this.#words[slot] as number) | (1 << (counter & 31));
  }
}

function wordOf(counter: number): number {
  return counter < 2 ** 31 ? counter >>> 5 : Math.floor(counter / WORD_BITS);
}

function slotOf(counter: number): number {
  return wordOf(counter) & (WORDS - 1);
}
