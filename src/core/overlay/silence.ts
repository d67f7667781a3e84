const NEVER = Number.POSITIVE_INFINITY;

/** Packets of the tunnel's users that went out while none came in: a sign that nobody hears them. */
export class Silence {
  /** When the first packet since the last one received was sent; NEVER where the silence was asked about. */
  #sinceMs = NEVER;
  #isSilent = false;
  #isFound = false;

  /** A packet went out. Whether it is the first since one came in. */
  sent(nowMs: number): boolean {
    if (this.#isSilent) return false;
    this.#isSilent = true;
    this.#sinceMs = nowMs;
    return true;
  }

  /** Something came in. */
  end(): void {
    this.#isSilent = false;
    this.#sinceMs = NEVER;
  }

  /** When to ask about it, where an answer is late after so long; NEVER where there is nothing to ask. */
  dueMs(lateAfterMs: number): number {
    return this.#sinceMs === NEVER ? NEVER : this.#sinceMs + lateAfterMs;
  }

  /** It is asked about now. */
  ask(): void {
    this.#sinceMs = NEVER;
    this.#isFound = true;
  }

  /** Whether it was asked about since this was called last. */
  takeFound(): boolean {
    const isFound = this.#isFound;
    this.#isFound = false;
    return isFound;
  }
}
