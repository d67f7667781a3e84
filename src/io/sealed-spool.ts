/**
 * An append-only queue on this node's disk, in segments that are sealed (see `sealing.ts`), read from the oldest and
 * removed whole. A crash may tear the last record of a segment: it was not promised yet, and is left out. A process
 * never appends to segments of another before it.
 *
 *     audit-users-0000000007.spool:
 *     0           4                            4+n
 *     | length n  | sealed entries, a line each| ...
 *
 * A record is bound to its segment and its place, so records cannot be moved about.
 */
import { type FileHandle, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fromUtf8, utf8 } from '../base/index.ts';
import { ensureFolder, FileFailure, OWNER_ONLY, syncFolder } from './files.ts';
import { seal, sealingKey, unseal } from './sealing.ts';

/** Bytes after which a segment is full; a few hundred audit events. */
const SPOOL_SEGMENT_BYTES = 256 * 1024;
const LENGTH_BYTES = 4;

export interface SpoolSegment {
  readonly number: number;
  bytes: number;
  entries: number;
}

export class SealedSpool {
  /** Segments whose end could not be read, at the start: what a crash tore, or damage. */
  torn = 0;
  readonly #folder: string;
  readonly #name: string;
  readonly #key: Uint8Array;
  readonly #segments: SpoolSegment[] = [];
  #next = 1;
  #active: { readonly segment: SpoolSegment; readonly file: FileHandle; records: number } | undefined;

  /** Takes up what is there. Rejects with FileFailure where the folder cannot be used. */
  static async open(folder: string, name: string, secret: Uint8Array): Promise<SealedSpool> {
    await ensureFolder(folder, 0o700);
    const spool = new SealedSpool(folder, name, sealingKey(secret, `spool ${name}`));
    const pattern = new RegExp(`^${name}-(\\d{10})\\.spool$`);
    const numbers = (await readdir(folder)).flatMap((file) => Number(pattern.exec(file)?.[1] ?? Number.NaN) || []);
    for (const number of numbers.sort((a, b) => a - b)) await spool.#takeUp(number);
    return spool;
  }

  private constructor(folder: string, name: string, key: Uint8Array) {
    this.#folder = folder;
    this.#name = name;
    this.#key = key;
  }

  /** The oldest first. */
  get segments(): readonly SpoolSegment[] {
    return this.#segments;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get entries(): number {
    return this.#segments.reduce((sum, { entries }) => sum + entries, 0);
  }

  /** Adds entries, none with a line break; resolved when they are on the disk. One call at a time. */
  async append(entries: readonly string[]): Promise<void> {
    try {
      this.#active ??= await this.#begin();
      const { segment, file, records } = this.#active;
      const sealed = seal(this.#key, this.#place(segment.number, records), utf8(entries.join('\n')));
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(sealed.length);
      await file.write(Buffer.concat([length, sealed]), 0, LENGTH_BYTES + sealed.length, segment.bytes);
      await file.datasync();
      this.#active.records++;
      segment.bytes += LENGTH_BYTES + sealed.length;
      segment.entries += entries.length;
      if (segment.bytes >= SPOOL_SEGMENT_BYTES) await this.#end();
    } catch (error) {
      // What was half written is torn; a new segment begins behind it.
      await this.#end().catch(() => undefined);
      throw new FileFailure('file-unwritable', `${this.#folder} takes no more: ${(error as Error).message}`, error);
    }
  }

  /** The entries of the oldest segment. Appending goes on in another. */
  async readOldest(): Promise<readonly string[]> {
    const [oldest] = this.#segments;
    if (!oldest) return [];
    if (oldest === this.#active?.segment) await this.#end();
    return (await this.#read(oldest.number)).entries;
  }

  async remove(segment: SpoolSegment): Promise<void> {
    if (segment === this.#active?.segment) await this.#end();
    const index = this.#segments.indexOf(segment);
    if (index >= 0) this.#segments.splice(index, 1);
    await rm(this.#path(segment.number), { force: true });
  }

  close(): Promise<void> {
    return this.#end();
  }

  async #begin() {
    const segment: SpoolSegment = { number: this.#next++, bytes: 0, entries: 0 };
    const file = await open(this.#path(segment.number), 'wx', OWNER_ONLY);
    await syncFolder(this.#folder);
    this.#segments.push(segment);
    return { segment, file, records: 0 };
  }

  async #end(): Promise<void> {
    const active = this.#active;
    this.#active = undefined;
    await active?.file.close();
    if (active?.segment.entries === 0) await this.remove(active.segment);
  }

  async #takeUp(number: number): Promise<void> {
    this.#next = number + 1;
    const { entries, bytes, end } = await this.#read(number);
    if (end !== 'whole') this.torn++;
    if (entries.length > 0) this.#segments.push({ number, bytes, entries: entries.length });
    // What another key sealed is left for whoever has the key.
    else if (end !== 'sealed') await rm(this.#path(number), { force: true });
  }

  /** `torn`: the last record is not all there; `sealed`: it is, and does not open. */
  async #read(number: number): Promise<{ entries: string[]; bytes: number; end: 'whole' | 'torn' | 'sealed' }> {
    const file = await readFile(this.#path(number));
    const entries: string[] = [];
    let at = 0;
    for (let record = 0; at < file.length; record++) {
      const start = at + LENGTH_BYTES;
      const end = start <= file.length ? start + file.readUInt32BE(at) : Number.POSITIVE_INFINITY;
      if (end > file.length) return { entries, bytes: at, end: 'torn' };
      const opened = unseal(this.#key, this.#place(number, record), file.subarray(start, end));
      const text = opened && fromUtf8(opened);
      if (text === undefined) return { entries, bytes: at, end: 'sealed' };
      entries.push(...text.split('\n'));
      at = end;
    }
    return { entries, bytes: at, end: 'whole' };
  }

  #place(segment: number, record: number): Uint8Array {
    return utf8(`${this.#name} ${segment} ${record}`);
  }

  #path(number: number): string {
    return join(this.#folder, `${this.#name}-${String(number).padStart(10, '0')}.spool`);
  }
}
