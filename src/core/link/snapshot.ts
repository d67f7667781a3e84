/**
 * The state that a snapshot describes, and the only ways to change it. Applying gives a new state and leaves the old
 * one as it was, so a delta that turns out wrong harms nothing.
 *
 * Order of checks: signature up to the root key, header shape, PoP, expiry, version, records, state hash.
 */
import { toBase64Url } from '../../base/index.ts';
import { decodeSnapshotHeader } from './codec.ts';
import type { ControlToPop, SnapshotHeader } from './messages.ts';
import { type RecordReference, RecordTable, recordKey, type TableEntry } from './record-table.ts';
import type { LinkRecord, RecordKind, SnapshotVersion } from './records.ts';
import { type SignedRefusal, type SigningPort, verifyDocument } from './signed.ts';
import { digestText, recordDigest, StateHash } from './state-hash.ts';
import { compareVersions, sameVersion } from './version.ts';

export type SnapshotMessage = Extract<ControlToPop, { type: 'snapshot' }>;
export type DeltaMessage = Extract<ControlToPop, { type: 'delta' }>;

export type SnapshotRefusal =
  | SignedRefusal
  | 'header-malformed'
  | 'other-pop'
  | 'expired'
  | 'not-a-whole'
  | 'not-a-delta'
  | 'version-older'
  | 'version-not-newer'
  | 'from-another-version'
  | 'record-twice'
  | 'remove-of-unknown'
  | 'state-hash-differs';

export type ApplyResult =
  | { readonly ok: true; readonly state: SnapshotState }
  | { readonly ok: false; readonly reason: SnapshotRefusal };

/** What the one who applies knows: the root key it pinned, who it is, and the time. */
export interface ApplyContext {
  readonly rootKey: Uint8Array;
  readonly popId: string;
  readonly unixMs: number;
  readonly port: SigningPort;
}

/** Records at one version. Immutable for its users. */
export class SnapshotState {
  readonly version: SnapshotVersion;
  /** Until when it may be served, by control's word; a delta renews it. */
  readonly expiresUnixMs: number;
  readonly records: RecordTable;
  readonly #hash: StateHash;

  private constructor(header: { to: SnapshotVersion; expiresUnixMs: number }, records: RecordTable, hash: StateHash) {
    this.version = header.to;
    this.expiresUnixMs = header.expiresUnixMs;
    this.records = records;
    this.#hash = hash;
  }

  /** The state hash as headers carry it. */
  hash(): string {
    return toBase64Url(this.#hash.root());
  }

  /** The records of a kind. */
  *ofKind<Kind extends RecordKind>(kind: Kind): Generator<Extract<LinkRecord, { kind: Kind }>> {
    yield* this.records.ofKind(kind);
  }

  /** A whole state from records with distinct keys, or undefined where a key comes twice. */
  static whole(
    header: { to: SnapshotVersion; expiresUnixMs: number },
    records: readonly LinkRecord[],
    sha256: SigningPort['sha256'],
  ): SnapshotState | undefined {
    const hash = new StateHash(sha256);
    const entries: TableEntry[] = [];
    for (const record of records) {
      const digest = digestText(recordDigest(record, sha256));
      entries.push({ record, digest });
      hash.add(digest);
    }
    const table = RecordTable.EMPTY.changed(entries, []);
    return table.size === records.length ? new SnapshotState(header, table, hash) : undefined;
  }

  /** The state after a change, or why there is none. */
  changed(
    header: { to: SnapshotVersion; expiresUnixMs: number },
    put: readonly LinkRecord[],
    remove: readonly RecordReference[],
    sha256: SigningPort['sha256'],
  ): SnapshotState | 'record-twice' | 'remove-of-unknown' {
    const hash = new StateHash(sha256, this.#hash);
    const touched = new Set<string>();
    for (const item of [...remove, ...put]) {
      const key = recordKey(item);
      if (touched.has(key)) return 'record-twice';
      touched.add(key);
      const old = this.records.entry(item);
      if (old) hash.remove(old.digest);
    }
    if (remove.some((reference) => !this.records.entry(reference))) return 'remove-of-unknown';
    const entries = put.map((record): TableEntry => ({ record, digest: digestText(recordDigest(record, sha256)) }));
    for (const { digest } of entries) hash.add(digest);
    return new SnapshotState(header, this.records.changed(entries, remove), hash);
  }

  /** What turns `older` into this state. */
  changesSince(older: SnapshotState): { put: LinkRecord[]; remove: RecordReference[] } {
    return this.records.changesSince(older.records);
  }
}

/**
 * Takes a whole snapshot. `current` is the state that the PoP holds: an older version is refused, the same version is
 * taken again (it repairs a state that went wrong), a newer epoch always counts as newer.
 */
export function applySnapshot(
  current: SnapshotState | null,
  message: SnapshotMessage,
  context: ApplyContext,
): ApplyResult {
  const header = verifiedHeader(message.header, context);
  if (typeof header === 'string') return { ok: false, reason: header };
  if (header.from !== null) return { ok: false, reason: 'not-a-whole' };
  if (current && compareVersions(header.to, current.version) < 0) return { ok: false, reason: 'version-older' };
  const state = SnapshotState.whole(header, message.records, context.port.sha256);
  if (!state) return { ok: false, reason: 'record-twice' };
  return state.hash() === header.stateHash ? { ok: true, state } : { ok: false, reason: 'state-hash-differs' };
}

/** Takes a delta on top of the state it was made from. One with no changes renews the expiry. */
export function applyDelta(current: SnapshotState, message: DeltaMessage, context: ApplyContext): ApplyResult {
  const header = verifiedHeader(message.header, context);
  if (typeof header === 'string') return { ok: false, reason: header };
  if (header.from === null) return { ok: false, reason: 'not-a-delta' };
  if (!sameVersion(header.from, current.version)) return { ok: false, reason: 'from-another-version' };
  const empty = message.put.length === 0 && message.remove.length === 0;
  const order = compareVersions(header.to, header.from);
  if (order < 0 || (order === 0 && !empty)) return { ok: false, reason: 'version-not-newer' };
  if (order === 0 && header.expiresUnixMs < current.expiresUnixMs) return { ok: false, reason: 'version-not-newer' };
  const state = current.changed(header, message.put, message.remove, context.port.sha256);
  if (typeof state === 'string') return { ok: false, reason: state };
  return state.hash() === header.stateHash ? { ok: true, state } : { ok: false, reason: 'state-hash-differs' };
}

function verifiedHeader(document: SnapshotMessage['header'], context: ApplyContext): SnapshotHeader | SnapshotRefusal {
  const signer = verifyDocument('manis snapshot v1', document, context.rootKey, context.unixMs, context.port);
  if (!signer.ok) return signer.reason;
  const decoded = decodeSnapshotHeader(document.payload);
  if (!decoded.ok) return 'header-malformed';
  if (decoded.value.popId !== context.popId) return 'other-pop';
  if (context.unixMs >= decoded.value.expiresUnixMs) return 'expired';
  return decoded.value;
}
