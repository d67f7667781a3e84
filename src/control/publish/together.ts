import { setTimeout as sleep } from 'node:timers/promises';
import { PUBLISH_TOGETHER_MAX_MS } from '../constants.ts';

/** Work whose commits are to be published together with what was committed before: certificates of new hosts. */
export class Together {
  readonly #awaited = new Set<Promise<void>>();

  async during<Value>(work: () => Promise<Value>): Promise<Value> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaited.add(promise);
    try {
      return await work();
    } finally {
      this.#awaited.delete(promise);
      resolve();
    }
  }

  /** Resolved when all of it is over, or after a while: what is there already is wanted, too. */
  async over(): Promise<void> {
    if (this.#awaited.size === 0) return;
    const enough = new AbortController();
    const late = sleep(PUBLISH_TOGETHER_MAX_MS, undefined, { signal: enough.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.#awaited), late]);
    enough.abort();
  }
}
