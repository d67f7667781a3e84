import { setImmediate } from 'node:timers/promises';
import { type Clock, fromUtf8, utf8 } from '../base/index.ts';
import type { LinkRecord, SnapshotState, SnapshotVersion } from '../core/link/index.ts';
import type { RevocationState } from '../core/session/index.ts';
import type { SealedFile } from '../io/sealed-file.ts';
import type { SealedPieces } from '../io/sealed-pieces.ts';
import { KEPT_RECORDS_A_PIECE, SNAPSHOT_SAVE_REST } from './constants.ts';

/** What changes often beside the records, and is small. */
export interface Standing {
  readonly revocations: RevocationState;
  readonly heardUnixMs: number;
}

/** What was on disk. */
export interface Kept {
  readonly version: SnapshotVersion;
  readonly expiresUnixMs: number;
  readonly records: readonly LinkRecord[];
}

export interface SnapshotFiles {
  readonly records: SealedPieces;
  readonly standing: SealedFile;
}

/**
 * Keeps a snapshot on disk while it is served: records a piece at a time, with turns for requests in between, and no
 * more often than leaves most of the time to them; revocations at once, in a file of their own.
 */
export class SnapshotKeeper {
  readonly #files: SnapshotFiles;
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  #state: SnapshotState | undefined;
  #standing: Standing | undefined;
  #savingState: Promise<void> | undefined;
  #savingStanding: Promise<void> | undefined;
  #endRest: (() => void) | undefined;
  #hurries = false;

  constructor(files: SnapshotFiles, clock: Clock, failed: (error: unknown) => void) {
    this.#clock = clock;
    this.#files = files;
    this.#failed = failed;
  }

  /** Each part undefined where there is none. Rejects where a file is damaged. */
  async load(): Promise<{ readonly kept: Kept | undefined; readonly standing: Standing | undefined }> {
    const bytes = await this.#files.standing.read();
    const standing = bytes && (JSON.parse(fromUtf8(bytes) ?? '') as Standing);
    const [head, ...pieces] = (await this.#files.records.read()) ?? [];
    if (!head) return { kept: undefined, standing };
    const records = pieces.flatMap((piece) => JSON.parse(fromUtf8(piece) ?? '') as LinkRecord[]);
    return { kept: { ...(JSON.parse(fromUtf8(head) ?? '') as Omit<Kept, 'records'>), records }, standing };
  }

  keepState(state: SnapshotState): void {
    this.#state = state;
    this.#savingState ??= this.#saveStates().finally(() => {
      this.#savingState = undefined;
    });
  }

  keepStanding(standing: Standing): void {
    this.#standing = standing;
    this.#savingStanding ??= this.#saveStandings().finally(() => {
      this.#savingStanding = undefined;
    });
  }

  /** Resolved when everything given so far is on disk. */
  async saved(): Promise<void> {
    this.#hurries = true;
    this.#endRest?.();
    while (this.#savingState || this.#savingStanding) await Promise.all([this.#savingState, this.#savingStanding]);
    this.#hurries = false;
  }

  async #saveStates(): Promise<void> {
    while (this.#state) {
      const state = this.#state;
      this.#state = undefined;
      const startedMs = this.#clock.nowMs();
      await this.#files.records.write(piecesOf(state)).catch(this.#failed);
      await this.#rest((this.#clock.nowMs() - startedMs) * SNAPSHOT_SAVE_REST);
    }
  }

  async #saveStandings(): Promise<void> {
    while (this.#standing) {
      const standing = this.#standing;
      this.#standing = undefined;
      await this.#files.standing.write(utf8(JSON.stringify(standing))).catch(this.#failed);
    }
  }

  async #rest(ms: number): Promise<void> {
    if (this.#hurries) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      this.#endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#endRest = undefined;
  }
}

async function* piecesOf({ version, expiresUnixMs, records }: SnapshotState): AsyncGenerator<Uint8Array> {
  yield utf8(JSON.stringify({ version, expiresUnixMs }));
  let piece: LinkRecord[] = [];
  for (const record of records.values()) {
    piece.push(record);
    if (piece.length < KEPT_RECORDS_A_PIECE) continue;
    yield utf8(JSON.stringify(piece));
    piece = [];
    await setImmediate();
  }
  yield utf8(JSON.stringify(piece));
}
