import { RECORD_BUCKETS, RECORDS_IN_ONE_BUCKET } from './constants.ts';
import type { LinkRecord, RecordKind } from './records.ts';

/** Names a record: ids are unique within a kind. */
export interface RecordReference {
  readonly kind: RecordKind;
  readonly id: string;
}

/** Kinds hold no `/`, so a key names one record. */
export function recordKey(record: RecordReference): string {
  return `${record.kind}/${record.id}`;
}

export interface TableEntry {
  readonly record: LinkRecord;
  /** SHA-256 of the record, a character for each byte. */
  readonly digest: string;
}

type Bucket = ReadonlyMap<string, TableEntry>;

/**
 * Records by kind and id, never changed: a change makes another table that shares all that it does not touch. So a
 * change costs what it changes, whatever the table holds, and two tables are compared where they differ alone. Few
 * records of a kind are in the order in which they came; many are in none.
 */
export class RecordTable {
  readonly #kinds: ReadonlyMap<RecordKind, KindTable>;

  private constructor(kinds: ReadonlyMap<RecordKind, KindTable>) {
    this.#kinds = kinds;
  }

  static readonly EMPTY = new RecordTable(new Map());

  get size(): number {
    let size = 0;
    for (const kind of this.#kinds.values()) size += kind.size;
    return size;
  }

  entry({ kind, id }: RecordReference): TableEntry | undefined {
    return this.#kinds.get(kind)?.get(id);
  }

  /** By `recordKey`. */
  get(key: string): LinkRecord | undefined {
    const slash = key.indexOf('/');
    return this.entry({ kind: key.slice(0, slash) as RecordKind, id: key.slice(slash + 1) })?.record;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  *values(): Generator<LinkRecord> {
    for (const kind of this.#kinds.values()) for (const { record } of kind.entries()) yield record;
  }

  *keys(): Generator<string> {
    for (const record of this.values()) yield recordKey(record);
  }

  *ofKind<Kind extends RecordKind>(kind: Kind): Generator<Extract<LinkRecord, { kind: Kind }>> {
    for (const { record } of this.#kinds.get(kind)?.entries() ?? [])
      yield record as Extract<LinkRecord, { kind: Kind }>;
  }

  sizeOf(kind: RecordKind): number {
    return this.#kinds.get(kind)?.size ?? 0;
  }

  /** Another table with these in place of what they name. */
  changed(put: readonly TableEntry[], remove: readonly RecordReference[]): RecordTable {
    const drafts = new Map<RecordKind, KindDraft>();
    const draftOf = (kind: RecordKind): KindDraft => {
      const draft = drafts.get(kind) ?? new KindDraft(this.#kinds.get(kind) ?? KindTable.EMPTY);
      drafts.set(kind, draft);
      return draft;
    };
    for (const { kind, id } of remove) draftOf(kind).delete(id);
    for (const entry of put) draftOf(entry.record.kind).set(entry.record.id, entry);
    const kinds = new Map(this.#kinds);
    for (const [kind, draft] of drafts) kinds.set(kind, draft.done());
    return new RecordTable(kinds);
  }

  /** What of a kind is here and was not in `older`, or was another. */
  *putSince<Kind extends RecordKind>(older: RecordTable, kind: Kind): Generator<Extract<LinkRecord, { kind: Kind }>> {
    for (const { record } of entriesNotIn(older.#kinds.get(kind), this.#kinds.get(kind)))
      yield record as Extract<LinkRecord, { kind: Kind }>;
  }

  /** Whether anything of a kind differs. */
  differsIn(older: RecordTable, kind: RecordKind): boolean {
    return this.#kinds.get(kind) !== older.#kinds.get(kind);
  }

  /** What turns `older` into this table. */
  changesSince(older: RecordTable): { put: LinkRecord[]; remove: RecordReference[] } {
    const put: LinkRecord[] = [];
    const remove: RecordReference[] = [];
    for (const [kind, own] of this.#kinds)
      for (const { record } of entriesNotIn(older.#kinds.get(kind), own)) put.push(record);
    for (const [kind, old] of older.#kinds)
      for (const { record } of entriesNotIn(this.#kinds.get(kind), old))
        if (!this.#kinds.get(kind)?.get(record.id)) remove.push({ kind, id: record.id });
    return { put, remove };
  }
}

/** Entries of `own` that `other` has not, or has with another digest. */
function* entriesNotIn(other: KindTable | undefined, own: KindTable | undefined): Generator<TableEntry> {
  if (!own || own === other) return;
  const isAlike = other?.buckets.length === own.buckets.length;
  for (let i = 0; i < own.buckets.length; i++) {
    const bucket = own.buckets[i] as Bucket;
    if (isAlike && bucket === other.buckets[i]) continue;
    for (const [id, entry] of bucket) if (other?.get(id)?.digest !== entry.digest) yield entry;
  }
}

/** The records of one kind, in one bucket or, where they are many, in hundreds. */
class KindTable {
  readonly buckets: readonly Bucket[];
  readonly size: number;

  constructor(buckets: readonly Bucket[], size: number) {
    this.buckets = buckets;
    this.size = size;
  }

  static readonly EMPTY = new KindTable([new Map()], 0);

  get(id: string): TableEntry | undefined {
    return (this.buckets[bucketOf(id, this.buckets.length)] as Bucket).get(id);
  }

  *entries(): Generator<TableEntry> {
    for (const bucket of this.buckets) yield* bucket.values();
  }
}

/** A table that is being made out of another: copies a bucket before the first change to it. */
class KindDraft {
  #buckets: Map<string, TableEntry>[];
  #owned: Set<number>;
  #size: number;

  constructor(from: KindTable) {
    this.#buckets = from.buckets.slice() as Map<string, TableEntry>[];
    this.#owned = new Set();
    this.#size = from.size;
  }

  set(id: string, entry: TableEntry): void {
    const bucket = this.#own(id);
    if (!bucket.has(id)) this.#size++;
    bucket.set(id, entry);
    if (this.#buckets.length === 1 && this.#size > RECORDS_IN_ONE_BUCKET) this.#spread();
  }

  delete(id: string): void {
    if (this.#own(id).delete(id)) this.#size--;
  }

  done(): KindTable {
    return new KindTable(this.#buckets, this.#size);
  }

  #own(id: string): Map<string, TableEntry> {
    const index = bucketOf(id, this.#buckets.length);
    if (!this.#owned.has(index)) {
      this.#owned.add(index);
      this.#buckets[index] = new Map(this.#buckets[index]);
    }
    return this.#buckets[index] as Map<string, TableEntry>;
  }

  #spread(): void {
    const all = this.#buckets[0] as Map<string, TableEntry>;
    this.#buckets = Array.from({ length: RECORD_BUCKETS }, () => new Map<string, TableEntry>());
    this.#owned = new Set(this.#buckets.keys());
    for (const [id, entry] of all) this.#own(id).set(id, entry);
  }
}

/** FNV-1a (32 bits). Ids are made by control, so nobody can fill one bucket on purpose. */
function bucketOf(id: string, buckets: number): number {
  if (buckets === 1) return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % buckets;
}
