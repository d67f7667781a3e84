import type { Log } from '../../io/log.ts';
import { STRANGERS_NEWS_MS } from './constants.ts';

/** Tells the log of handshakes by keys that nobody has (revoked, never enrolled), now and then while they come. */
export class KeyNews {
  readonly #log: Log;
  #seen = 0;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param strangers how many such handshakes there were so far. */
  look(strangers: number, nowMs: number): void {
    if (strangers === this.#seen || nowMs - this.#toldMs < STRANGERS_NEWS_MS) return;
    this.#log.warn('handshakes refused: by keys that the snapshot does not name, revoked or never enrolled', {
      count: strangers - this.#seen,
    });
    this.#seen = strangers;
    this.#toldMs = nowMs;
  }
}
