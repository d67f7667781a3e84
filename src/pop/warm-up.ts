import { WARM_UP_LOOK_MS, WARM_UP_MS } from './constants.ts';

interface Waiting {
  readonly isReady: () => boolean;
  readonly begin: (hasWaited: boolean) => void;
}

/**
 * A PoP that was started again takes requests before its connectors have noticed, which dial it and not the other way
 * round. For a short while a request that no connector can be reached for waits instead of failing.
 */
export class WarmUp {
  #isOver = true;
  #waiting: Waiting[] = [];
  #looking: NodeJS.Timeout | undefined;

  /** It was started again: from now on for a while. */
  start(): void {
    this.#isOver = false;
    setTimeout(() => {
      this.#isOver = true;
    }, WARM_UP_MS).unref();
  }

  /** Begins now where it is ready, or where the while is over; else as soon as either is so. Much may have changed by then. */
  run(isReady: () => boolean, begin: (hasWaited: boolean) => void): void {
    if (this.#isOver || isReady()) return void begin(false);
    this.#waiting.push({ isReady, begin });
    this.#looking ??= setInterval(() => this.#look(), WARM_UP_LOOK_MS);
  }

  #look(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) {
      if (this.#isOver || one.isReady()) one.begin(true);
      else this.#waiting.push(one);
    }
    if (this.#waiting.length > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}
