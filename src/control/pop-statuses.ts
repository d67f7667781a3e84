/** Which PoPs are linked with which control node, so that each node can tell of all of them. */
import type { Clock } from '../base/index.ts';
import type { AttachedConnector, SnapshotVersion, StreamPortStatus } from '../core/link/index.ts';
import type { StreamPosition } from '../core/session/index.ts';
import type { Log } from '../io/log.ts';
import {
  deletePopStatus,
  livePopStatuses,
  type PopStatusTable,
  type Store,
  takePopStatus,
  updatePopStatus,
} from '../io/store/index.ts';
import { NODE_SILENT_MS, POP_STATUS_DELAY_MS } from './constants.ts';

/** What is known of a PoP whose link lives. */
export interface PopStatus {
  readonly popId: string;
  /** The control node that holds the link. */
  readonly controlId: string;
  readonly software: string;
  readonly connectedSinceUnixMs: number;
  readonly applied: SnapshotVersion | null;
  readonly revocationsApplied: StreamPosition;
  readonly connectors: readonly AttachedConnector[];
  /** Ports of resources that are no HTTP. */
  readonly streams: readonly StreamPortStatus[];
  /** In its own words: it takes no new work. */
  readonly draining: boolean;
}

type News = { readonly kind: 'opened' | 'changed'; readonly status: PopStatus } | { readonly kind: 'closed' };

export interface PopStatusesOptions {
  readonly store: Store;
  readonly controlId: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Writes news of this node's PoPs to the store, the latest of each, and reads those of the others. */
export class PopStatuses {
  readonly #options: PopStatusesOptions;
  readonly #news = new Map<string, News>();
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: PopStatusesOptions) {
    this.#options = options;
  }

  /** Hears that there are news of this node's PoPs. */
  listen(listener: () => void): void {
    this.#listeners.add(listener);
  }

  opened(status: PopStatus): void {
    this.#note(status.popId, { kind: 'opened', status });
  }

  changed(status: PopStatus): void {
    // A link that was opened a moment ago is still to be taken over from the node that held it.
    const kind = this.#news.get(status.popId)?.kind === 'opened' ? 'opened' : 'changed';
    this.#note(status.popId, { kind, status });
  }

  closed(popId: string): void {
    this.#note(popId, { kind: 'closed' });
  }

  /** PoPs linked with other nodes that live. */
  async ofOthers(): Promise<PopStatus[]> {
    const { store, controlId, clock } = this.#options;
    const rows = await livePopStatuses(store.database, clock.unixMs() - NODE_SILENT_MS);
    return rows.filter((row) => row.control_id !== controlId).map(statusOf);
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#write();
    await this.#writing;
  }

  #note(popId: string, news: News): void {
    this.#news.set(popId, news);
    for (const listener of this.#listeners) listener();
    this.#timer ??= setTimeout(() => this.#write(), POP_STATUS_DELAY_MS);
  }

  #write(): void {
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    for (const [popId, news] of [...this.#news]) {
      this.#news.delete(popId);
      try {
        await this.#writeOne(popId, news);
      } catch (error) {
        this.#options.log.debug('the status of a PoP was not stored', { popId, error });
        // It is told again, unless there is something newer by now or the PoP is not enrolled any more.
        const isGone = (error as { code?: unknown }).code === 'store-reference';
        if (!isGone && !this.#news.has(popId)) this.#note(popId, news);
        if (!isGone) return;
      }
    }
  }

  #writeOne(popId: string, news: News): Promise<void> {
    const { store, controlId } = this.#options;
    if (news.kind === 'closed') return deletePopStatus(store.database, popId, controlId);
    const row = rowOf(news.status);
    return news.kind === 'opened' ? takePopStatus(store.database, row) : updatePopStatus(store.database, row);
  }
}

function rowOf(status: PopStatus): PopStatusTable {
  return {
    pop_id: status.popId,
    control_id: status.controlId,
    software: status.software,
    connected_since_unix_ms: status.connectedSinceUnixMs,
    applied_epoch: status.applied?.epoch ?? null,
    applied_revision: status.applied?.revision ?? null,
    revoked_epoch: status.revocationsApplied.epoch,
    revoked_sequence: status.revocationsApplied.sequence,
    connectors: JSON.stringify(status.connectors),
    streams: JSON.stringify(status.streams),
    draining: status.draining ? 1 : 0,
  };
}

function statusOf(row: PopStatusTable): PopStatus {
  const { applied_epoch: epoch, applied_revision: revision } = row;
  return {
    popId: row.pop_id,
    controlId: row.control_id,
    software: row.software,
    connectedSinceUnixMs: row.connected_since_unix_ms,
    applied: epoch === null || revision === null ? null : { epoch, revision },
    revocationsApplied: { epoch: row.revoked_epoch, sequence: row.revoked_sequence },
    connectors: JSON.parse(row.connectors) as AttachedConnector[],
    streams: JSON.parse(row.streams) as StreamPortStatus[],
    draining: row.draining === 1,
  };
}
