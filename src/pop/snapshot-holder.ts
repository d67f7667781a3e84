import type { Clock } from '../base/index.ts';
import {
  type ApplyResult,
  applyDelta,
  applySnapshot,
  type PopToControl,
  type SigningPort,
  SnapshotState,
  type SnapshotVersion,
} from '../core/link/index.ts';
import { type Revocation, RevocationTable, type SessionCrypto, type StreamPosition } from '../core/session/index.ts';
import type { LinkMessage } from '../io/link-attempt.ts';
import { HEARD_SAVE_INTERVAL_MS } from './constants.ts';
import type { Counters } from './counters.ts';
import { type SnapshotFiles, SnapshotKeeper } from './snapshot-keeper.ts';
import { SnapshotView } from './snapshot-view.ts';

export interface SnapshotHolderOptions {
  readonly popId: string;
  /** Pinned at enrolment. */
  readonly rootKey: Uint8Array;
  readonly port: SigningPort;
  readonly crypto: SessionCrypto;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly files: SnapshotFiles;
  /** A file that could not be read or written; serving goes on. */
  readonly fileFailed: (error: unknown) => void;
  /** What control sent does not hold: forged, older, expired by this machine's clock, or not in one piece. */
  readonly refused: (reason: string) => void;
  /** A new view is in force. */
  readonly changed: (view: SnapshotView) => void;
  /** Sessions may have been revoked. */
  readonly revoked: (revocations: readonly Revocation[]) => void;
}

/** The messages that change what is held. */
export type SnapshotChange = Extract<LinkMessage, { type: 'snapshot' | 'delta' | 'revocations' }>;

/** Why nothing may be served, where that is so. */
export type Unservable = 'snapshot-missing' | 'snapshot-stale';

/**
 * Holds what control said last: verifies it, keeps it sealed on disk, serves it as a `SnapshotView` that is swapped
 * whole, and knows when it is too old to be trusted.
 */
export class SnapshotHolder {
  readonly revocations = new RevocationTable();
  readonly #options: SnapshotHolderOptions;
  #view: SnapshotView | undefined;
  #heardUnixMs = Number.NEGATIVE_INFINITY;
  #savedHeardUnixMs = Number.NEGATIVE_INFINITY;
  readonly #keeper: SnapshotKeeper;

  constructor(options: SnapshotHolderOptions) {
    this.#options = options;
    this.#keeper = new SnapshotKeeper(options.files, options.clock, options.fileFailed);
  }

  get view(): SnapshotView | undefined {
    return this.#view;
  }

  /** What the PoP tells control it has. */
  have(): { version: SnapshotVersion | null; revocations: StreamPosition } {
    return { version: this.#view?.state.version ?? null, revocations: this.revocations.position };
  }

  /** Takes up what is on disk. A damaged file counts as none: control sends the whole again. */
  async load(): Promise<void> {
    try {
      const { kept, standing } = await this.#keeper.load();
      if (standing) {
        this.revocations.merge(standing.revocations);
        this.#heardUnixMs = standing.heardUnixMs;
      }
      if (!kept) return;
      const header = { to: kept.version, expiresUnixMs: kept.expiresUnixMs };
      const state = SnapshotState.whole(header, kept.records, this.#options.port.sha256);
      if (state) this.#adopt(state);
    } catch (error) {
      this.#options.fileFailed(error);
    }
  }

  /** Takes a message of control and gives the answer to it. */
  receive(message: SnapshotChange): Exclude<PopToControl, { type: 'prove' | 'pong' }> {
    this.heard();
    if (message.type === 'revocations') {
      this.revocations.merge({ position: message.position, revocations: message.entries, folded: [] });
      this.revocations.purge(this.#options.clock.unixMs());
      this.#options.revoked(message.entries);
      this.#save();
      return { type: 'revocationsApplied', position: this.revocations.position };
    }
    const result = this.#apply(message);
    if (!result.ok) {
      this.#options.counters.add('snapshots', result.reason);
      this.#options.refused(result.reason);
      return { type: 'resync', reason: result.reason };
    }
    this.#options.counters.add('snapshots', 'applied');
    this.#adopt(result.state);
    this.#keeper.keepState(result.state);
    this.#save();
    return { type: 'applied', version: result.state.version };
  }

  /** Takes a revocation that was made here; control gives it its place in the stream later. */
  revoke(revocation: Revocation): void {
    this.revocations.revoke(revocation);
    this.#options.revoked([revocation]);
    this.#save();
  }

  /** Control was heard; call while the link lives. */
  heard(): void {
    this.#heardUnixMs = this.#options.clock.unixMs();
    if (this.#heardUnixMs - this.#savedHeardUnixMs >= HEARD_SAVE_INTERVAL_MS) this.#save();
  }

  /** When control was heard last; minus infinity where that never was. */
  get heardUnixMs(): number {
    return this.#heardUnixMs;
  }

  /** Undefined while the view may be served. */
  unservable(unixMs: number): Unservable | undefined {
    if (!this.#view) return 'snapshot-missing';
    const { state, installation } = this.#view;
    const isStale = unixMs >= state.expiresUnixMs || unixMs - this.#heardUnixMs > installation.stalenessMs;
    return isStale ? 'snapshot-stale' : undefined;
  }

  /** Resolved when everything taken so far is on disk. */
  saved(): Promise<void> {
    return this.#keeper.saved();
  }

  #apply(message: Exclude<SnapshotChange, { type: 'revocations' }>): ApplyResult {
    const { rootKey, popId, port, clock } = this.#options;
    const context = { rootKey, popId, port, unixMs: clock.unixMs() };
    const current = this.#view?.state ?? null;
    if (message.type === 'snapshot') return applySnapshot(current, message, context);
    return current ? applyDelta(current, message, context) : { ok: false, reason: 'from-another-version' };
  }

  #adopt(state: SnapshotState): void {
    const view = SnapshotView.of(state, this.#options.crypto, this.#view);
    if (!view) {
      this.#options.counters.add('snapshots', 'installation-missing');
      return;
    }
    this.#view = view;
    this.#options.changed(view);
  }

  #save(): void {
    this.#savedHeardUnixMs = this.#heardUnixMs;
    this.#keeper.keepStanding({ revocations: this.revocations.state(), heardUnixMs: this.#heardUnixMs });
  }
}
