import { concat, utf8 } from '../../base/index.ts';
import { canonicalJson } from './canonical-json.ts';
import { STATE_HASH_BUCKETS } from './constants.ts';
import type { LinkRecord } from './records.ts';

type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** SHA-256 over `manis record v1 \0 canonical JSON`. Kind and id are in the record, so they are covered. */
export function recordDigest(record: LinkRecord, sha256: Sha256): Uint8Array {
  return sha256(utf8(`manis record v1\0${canonicalJson(record)}`));
}

/** A digest as text, a UTF-16 unit for two bytes: compact, and in the order of its bytes. */
export function digestText(digest: Uint8Array): string {
  const units: number[] = [];
  for (let i = 0; i < digest.length; i += 2) units.push(((digest[i] as number) << 8) | (digest[i + 1] as number));
  return String.fromCharCode(...units);
}

/**
 * The hash of a set of records, cheap to keep while few of them change: a two-level hash tree over their digests.
 *
 *     digest d of each record -> bucket d[0]
 *     bucket = SHA-256('manis bucket v1' 0x00 || its digests, sorted)      (256 of them; empty: 32 zero bytes)
 *     root   = SHA-256('manis state v1' 0x00 || bucket 0 || ... || bucket 255)
 *
 * Collision resistance is that of SHA-256, which a sum or exclusive-or of digests would not give (generalised birthday
 * attack, Wagner 2002). A change re-hashes one bucket and the 8 KiB of the root.
 */
export class StateHash {
  readonly #sha256: Sha256;
  /** Texts of digests. Shared with the hash that this one came from until a bucket changes. */
  readonly #buckets: ReadonlySet<string>[];
  readonly #own = new Map<number, Set<string>>();
  readonly #hashes: (Uint8Array | undefined)[];

  /** The hash of nothing, or one that starts where `from` is; `from` stays as it is. */
  constructor(sha256: Sha256, from?: StateHash) {
    this.#sha256 = sha256;
    // What is shared from here on belongs to neither.
    from?.disown();
    this.#buckets = from ? from.#buckets.slice() : Array.from({ length: STATE_HASH_BUCKETS }, () => new Set());
    this.#hashes = from ? from.#hashes.slice() : new Array<undefined>(STATE_HASH_BUCKETS).fill(undefined);
  }

  /** Takes a digest as `digestText` writes it. */
  add(digest: string): void {
    this.#ownBucket(digest.charCodeAt(0) >> 8).add(digest);
  }

  remove(digest: string): void {
    this.#ownBucket(digest.charCodeAt(0) >> 8).delete(digest);
  }

  root(): Uint8Array {
    const parts = this.#buckets.map((bucket, index) => {
      this.#hashes[index] ??= this.#hashBucket(bucket);
      return this.#hashes[index];
    });
    return this.#sha256(concat(utf8('manis state v1\0'), ...parts));
  }

  /** Every bucket is copied before it changes again. */
  disown(): void {
    this.#own.clear();
  }

  #ownBucket(index: number): Set<string> {
    this.#hashes[index] = undefined;
    let own = this.#own.get(index);
    if (!own) {
      own = new Set(this.#buckets[index]);
      this.#own.set(index, own);
      this.#buckets[index] = own;
    }
    return own;
  }

  #hashBucket(bucket: ReadonlySet<string>): Uint8Array {
    if (bucket.size === 0) return new Uint8Array(DIGEST_BYTES);
    const start = utf8('manis bucket v1\0');
    const bytes = new Uint8Array(start.length + bucket.size * DIGEST_BYTES);
    bytes.set(start);
    let at = start.length;
    // Units of two bytes sort as the bytes do.
    for (const digest of [...bucket].sort())
      for (let i = 0; i < digest.length; i++) {
        const unit = digest.charCodeAt(i);
        bytes[at++] = unit >> 8;
        bytes[at++] = unit & 0xff;
      }
    return this.#sha256(bytes);
  }
}

const DIGEST_BYTES = 32;
