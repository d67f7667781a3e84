import type { HeardPop } from '../link/index.ts';
import { HEARD_POPS_INTERVAL_MS } from './constants.ts';

/**
 * What a PoP tells its connectors of the PoPs it hears. A PoP that comes, goes or drains is news at once; round trips
 * and load change all the time and are told when they have, once in a while.
 */
export class HeardPops {
  #said: readonly HeardPop[] = [];
  #saidAtMs = Number.NEGATIVE_INFINITY;

  /** The last that was said, for a connector that comes now. */
  get said(): readonly HeardPop[] {
    return this.#said;
  }

  /** What to say now; undefined where it is not worth a message. */
  update(present: readonly HeardPop[], nowMs: number): readonly HeardPop[] | undefined {
    const isDue = nowMs - this.#saidAtMs >= HEARD_POPS_INTERVAL_MS && !sameText(present, this.#said);
    if (!isDue && sameMembers(present, this.#said)) return undefined;
    this.#said = present;
    this.#saidAtMs = nowMs;
    return present;
  }
}

function sameMembers(a: readonly HeardPop[], b: readonly HeardPop[]): boolean {
  if (a.length !== b.length) return false;
  const draining = new Map(b.map((pop) => [pop.popId, pop.draining]));
  return a.every((pop) => draining.get(pop.popId) === pop.draining);
}

function sameText(a: readonly HeardPop[], b: readonly HeardPop[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
