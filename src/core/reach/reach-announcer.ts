import { ATTACHED_BATCH_ENTRIES, RTT_NEWS_MS, RTT_NEWS_SHARE } from './constants.ts';
import type { ReachableEntry, ReachChange } from './reachability-table.ts';

/**
 * What is said over one stream of the nodes that we reach: the whole first, then what changed. Remembers what it said, so
 * whoever uses it hands it the present and sends what comes back.
 */
export class ReachAnnouncer {
  readonly #said = new Map<string, ReachableEntry>();
  #sequence = 0;

  /** The messages that bring the other end up to date; none where it is. */
  update(present: readonly ReachableEntry[]): ReachChange[] {
    const isFirst = this.#sequence === 0;
    const put = present.filter((entry) => isFirst || isNews(this.#said.get(entry.id), entry));
    const ids = new Set(present.map(({ id }) => id));
    const remove = [...this.#said.keys()].filter((id) => !ids.has(id));
    for (const id of remove) this.#said.delete(id);
    for (const entry of put) this.#said.set(entry.id, entry);
    return this.#batches(put, remove, isFirst);
  }

  #batches(put: readonly ReachableEntry[], remove: readonly string[], isFirst: boolean): ReachChange[] {
    const changes: ReachChange[] = [];
    const longest = Math.max(put.length, remove.length, isFirst ? 1 : 0);
    for (let at = 0; at < longest; at += ATTACHED_BATCH_ENTRIES) {
      changes.push({
        sequence: ++this.#sequence,
        whole: isFirst && at === 0,
        put: put.slice(at, at + ATTACHED_BATCH_ENTRIES),
        remove: remove.slice(at, at + ATTACHED_BATCH_ENTRIES),
      });
    }
    return changes;
  }
}

/** `before` is undefined where the node is new. */
function isNews(before: ReachableEntry | undefined, now: ReachableEntry): boolean {
  return before === undefined || before.draining !== now.draining || isRttNews(before.rttMs, now.rttMs);
}

/** Whether a round trip changed by so much that it is told again. */
export function isRttNews(beforeMs: number | null, nowMs: number | null): boolean {
  if (beforeMs === null || nowMs === null) return beforeMs !== nowMs;
  const difference = Math.abs(nowMs - beforeMs);
  return difference >= RTT_NEWS_MS && difference >= beforeMs * RTT_NEWS_SHARE;
}
