/** A token bucket: `perSecond` events on average, as many at once. */
export class RateLimit {
  readonly #perSecond: number;
  #tokens: number;
  #updatedMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#updatedMs = nowMs;
  }

  /** Whether one more event may happen now; it is counted if so. */
  take(nowMs: number): boolean {
    const earned = (Math.max(0, nowMs - this.#updatedMs) * this.#perSecond) / 1000;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + earned);
    this.#updatedMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
