/** What PoPs say of targets, on its way to the store: the latest of each way, and the history of changes. */
import type { Clock, Random } from '../base/index.ts';
import { type PopToControl, recordKey, type SnapshotState, type WayStatus } from '../core/link/index.ts';
import type { Log } from '../io/log.ts';
import {
  pruneTargetHealthChanges,
  putTargetHealth,
  removeTargetHealth,
  type Store,
  type StoreTransaction,
  type TargetHealthTable,
  targetHealthByPop,
} from '../io/store/index.ts';
import { HEALTH_CHANGES_AT_ONCE, HEALTH_WRITE_DELAY_MS } from './constants.ts';
import { newId } from './ids.ts';

type TargetsMessage = Extract<PopToControl, { type: 'targets' }>;

export interface TargetHealthOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** What is published: of other targets and connectors nothing is stored. */
  readonly state: () => SnapshotState | undefined;
}

/** News of one PoP that is not in the store yet. */
interface News {
  readonly ways: Map<string, WayStatus>;
  /** Whatever the store has beside it is gone. */
  whole: boolean;
}

/**
 * Writes what changed, and nothing else: a PoP that tells everything anew after a restart of control changes nothing. News
 * is gathered for a while, the latest of each way counts, and a PoP gets only so many changes written at once, so
 * however quickly it contradicts itself, the store is left in peace.
 */
export class TargetHealth {
  readonly #options: TargetHealthOptions;
  readonly #news = new Map<string, News>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: TargetHealthOptions) {
    this.#options = options;
  }

  received(popId: string, { whole, status }: TargetsMessage): void {
    const state = this.#options.state();
    let news = this.#news.get(popId);
    if (!news || whole) {
      news = { ways: new Map(), whole: whole || (news?.whole ?? false) };
      this.#news.set(popId, news);
    }
    for (const way of status) if (state && isPublished(state, way)) news.ways.set(keyOf(way), way);
    this.#writeSoon();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#write();
    await this.#writing;
  }

  #writeSoon(): void {
    if (!this.#isStopped) this.#timer ??= setTimeout(() => this.#write(), HEALTH_WRITE_DELAY_MS);
  }

  #write(): void {
    this.#timer = undefined;
    this.#writing = this.#writing.then(async () => {
      for (const [popId, news] of [...this.#news]) await this.#writeNews(popId, news);
      if (this.#news.size > 0) this.#writeSoon();
    });
  }

  async #writeNews(popId: string, news: News): Promise<void> {
    const { store, log, state } = this.#options;
    this.#news.delete(popId);
    try {
      const stored = new Map(
        (await targetHealthByPop(store.database, popId)).map((row) => [
          keyOf({ connectorId: row.connector_id, targetId: row.target_id }),
          row,
        ]),
      );
      const changed = [...news.ways].filter(([key, way]) => differs(stored.get(key), way));
      const gone = news.whole ? [...stored].flatMap(([key, row]) => (news.ways.has(key) ? [] : row)) : [];
      const now = changed.slice(0, HEALTH_CHANGES_AT_ONCE);
      if (now.length + gone.length > 0)
        await store.transaction((transaction) =>
          this.#store(
            transaction,
            popId,
            now.map(([, way]) => way),
            gone,
          ),
        );
      this.#keepForLater(popId, new Map(changed.slice(HEALTH_CHANGES_AT_ONCE)), false);
    } catch (error) {
      log.debug('the health of targets was not stored', { popId, error });
      // A target or node that is gone by now takes its news along, as soon as this node has heard of it.
      const published = state();
      const known = [...news.ways].filter(([, way]) => published && isPublished(published, way));
      this.#keepForLater(popId, new Map(known), news.whole);
    }
  }

  async #store(
    transaction: StoreTransaction,
    popId: string,
    changed: readonly WayStatus[],
    gone: readonly TargetHealthTable[],
  ): Promise<void> {
    const { clock, random } = this.#options;
    for (const row of gone) await removeTargetHealth(transaction, row);
    for (const { targetId, connectorId, state, reason, sinceUnixMs } of changed) {
      const way = { target_id: targetId, pop_id: popId, connector_id: connectorId, state, reason };
      const change = { ...way, id: newId('thc', clock, random), unix_ms: Math.round(clock.unixMs()) };
      await putTargetHealth(transaction, { ...way, since_unix_ms: sinceUnixMs }, change);
    }
    for (const targetId of new Set(changed.map((way) => way.targetId)))
      await pruneTargetHealthChanges(transaction, targetId);
  }

  /** What came meanwhile is newer. */
  #keepForLater(popId: string, ways: ReadonlyMap<string, WayStatus>, whole: boolean): void {
    const newer = this.#news.get(popId);
    if (newer?.whole || (ways.size === 0 && !whole)) return;
    this.#news.set(popId, { ways: new Map([...ways, ...(newer?.ways ?? [])]), whole });
  }
}

function keyOf({ connectorId, targetId }: Pick<WayStatus, 'connectorId' | 'targetId'>): string {
  return `${connectorId} ${targetId}`;
}

function differs(row: TargetHealthTable | undefined, { state, reason }: WayStatus): boolean {
  return row?.state !== state || row.reason !== reason;
}

/** A PoP may lie: there is such a target, and a connector or device of its site. */
function isPublished(state: SnapshotState, { connectorId: id, targetId }: WayStatus): boolean {
  const node =
    state.records.get(recordKey({ kind: 'connector', id })) ?? state.records.get(recordKey({ kind: 'device', id }));
  const isNode = node?.kind === 'connector' || node?.kind === 'device';
  return isNode && siteOf(state, targetId) === node.siteId;
}

const sites = new WeakMap<SnapshotState, ReadonlyMap<string, string>>();

function siteOf(state: SnapshotState, targetId: string): string | undefined {
  let byTarget = sites.get(state);
  if (!byTarget) {
    const pairs = [...state.ofKind('resource')].flatMap(({ targets }) =>
      targets.map(({ id, siteId }) => [id, siteId] as const),
    );
    byTarget = new Map(pairs);
    sites.set(state, byTarget);
  }
  return byTarget.get(targetId);
}
