import type { HeardPop, HeardPopsNews } from '../link/index.ts';
import { EMPTIER_TUNNELS, HEARD_POPS_INTERVAL_MS, TUNNELS_NEWS_SHARE, UTILISATION_NEWS } from './constants.ts';
import { isRttNews } from './reach-announcer.ts';

/**
 * What a PoP tells its connectors of the PoPs it hears. A PoP that comes, goes or drains is news at once; round trips,
 * load and numbers of tunnels change all the time and are told when they have, once in a while. Only what is new is said.
 */
export class HeardPops {
  #said = new Map<string, HeardPop>();
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  /** Everything that was said, for a connector that comes now. */
  get said(): HeardPopsNews {
    return { whole: true, pops: [...this.#said.values()], gone: [] };
  }

  /** What to say to everybody now, the whole where nothing was said before; undefined where it is not worth a message. */
  update(present: readonly HeardPop[], nowMs: number): HeardPopsNews | undefined {
    const isFirst = this.#said.size === 0;
    const isTime = nowMs - this.#lookedAtMs >= HEARD_POPS_INTERVAL_MS;
    if (isTime) this.#lookedAtMs = nowMs;
    const pops = present.filter((pop) => isNews(this.#said.get(pop.popId), pop, isTime));
    const ids = new Set(present.map(({ popId }) => popId));
    const gone = [...this.#said.keys()].filter((id) => !ids.has(id));
    for (const id of gone) this.#said.delete(id);
    for (const pop of pops) this.#said.set(pop.popId, pop);
    return pops.length > 0 || gone.length > 0 ? { whole: isFirst, pops, gone } : undefined;
  }
}

/** `before` is undefined where the PoP was not heard. */
function isNews(before: HeardPop | undefined, now: HeardPop, isTime: boolean): boolean {
  if (!before || before.draining !== now.draining) return true;
  if (!isTime) return false;
  const [was, is] = [before.utilisation, now.utilisation];
  const hasLoadNews = was === null || is === null ? was !== is : Math.abs(is - was) >= UTILISATION_NEWS;
  return hasLoadNews || isTunnelsNews(before.tunnels, now.tunnels) || isRttNews(before.rttMs, now.rttMs);
}

function isTunnelsNews(before: number, now: number): boolean {
  return Math.abs(now - before) >= Math.max(EMPTIER_TUNNELS, TUNNELS_NEWS_SHARE * before);
}
