import { RIVAL_REPLACEMENTS, RIVAL_WINDOW_MS } from './constants.ts';

interface Replacements {
  readonly sinceMs: number;
  count: number;
}

/** Tells a connector that restarts from two that share a key, which take the link from one another. */
export class RivalLinks {
  readonly #replacements = new Map<string, Replacements>();

  /** An open link was replaced by a newer one. True when it is time to say so: once in a window. */
  replaced(connectorId: string, nowMs: number): boolean {
    const known = this.#replacements.get(connectorId);
    if (!known || nowMs - known.sinceMs >= RIVAL_WINDOW_MS) {
      this.#forgetOld(nowMs);
      this.#replacements.set(connectorId, { sinceMs: nowMs, count: 1 });
      return false;
    }
    known.count++;
    return known.count === RIVAL_REPLACEMENTS;
  }

  #forgetOld(nowMs: number): void {
    for (const [id, { sinceMs }] of this.#replacements)
      if (nowMs - sinceMs >= RIVAL_WINDOW_MS) this.#replacements.delete(id);
  }
}
