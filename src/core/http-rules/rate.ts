import { MAXIMUM_RATE_KEYS } from './constants.ts';
import type { RateLimit } from './model.ts';

/**
 * How often each of many may come: the generic cell rate algorithm (ITU-T I.371), a token bucket of which one number is
 * kept, the time at which it would be full again. Of those who came longest ago nothing is remembered once there are too
 * many; they begin with a full bucket.
 */
export class RateTable {
  /** The one that came longest ago first. */
  readonly #fullAtMs = new Map<string, number>();
  readonly #capacity: number;

  constructor(capacity: number = MAXIMUM_RATE_KEYS) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#fullAtMs.size;
  }

  /** 0 where one more is taken, else the time until one would be; what is refused costs nothing. */
  take(key: string, { requests, perMs, burst = requests }: RateLimit, nowMs: number): number {
    const eachMs = perMs / requests;
    const fullAtMs = Math.max(this.#fullAtMs.get(key) ?? nowMs, nowMs);
    const waitMs = fullAtMs - nowMs - (burst - 1) * eachMs;
    if (waitMs > 0) return waitMs;
    this.#fullAtMs.delete(key);
    this.#fullAtMs.set(key, fullAtMs + eachMs);
    if (this.#fullAtMs.size > this.#capacity) {
      const [oldest] = this.#fullAtMs.keys();
      if (oldest !== undefined) this.#fullAtMs.delete(oldest);
    }
    return 0;
  }
}
