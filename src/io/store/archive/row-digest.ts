import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../core/link/index.ts';
import type { RowPage } from './read-rows.ts';

/** Counts rows and hashes them, so that two stores can be told to hold the same, whatever their dialects. */
export class RowDigest {
  readonly #hash = createHash('sha256');
  readonly #counts = new Map<string, number>();

  add({ table, rows }: RowPage): void {
    this.#counts.set(table, (this.#counts.get(table) ?? 0) + rows.length);
    for (const row of rows) this.#hash.update(`${table} ${canonicalJson(row)}\n`);
  }

  get rows(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** Call once, at the end. */
  sha256(): string {
    return this.#hash.digest('hex');
  }
}
