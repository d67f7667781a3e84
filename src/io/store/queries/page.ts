import type { SelectQueryBuilder } from 'kysely';
import { STORE_PAGE_ROWS_DEFAULT, STORE_PAGE_ROWS_MAX } from '../constants.ts';
import type { Tables } from '../schema.ts';

/** Which rows of a list: `limit` of them after the one with id `after`. Ids grow with time. */
export interface PageRequest {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** Rows, and where the next page starts; null at the end. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/** Reads a page of a query whose rows have an `id`. */
export async function readPage<Name extends keyof Tables, Row extends { id: string }>(
  query: SelectQueryBuilder<Tables, Name, Row>,
  request: PageRequest,
  order: 'asc' | 'desc' = 'asc',
): Promise<Page<Row>> {
  const limit = Math.min(request.limit ?? STORE_PAGE_ROWS_DEFAULT, STORE_PAGE_ROWS_MAX);
  const after = request.after;
  // Every table that is listed has the column `id`; Kysely cannot see that through the type parameter.
  let rows = query as unknown as SelectQueryBuilder<Tables, 'sites', Row>;
  if (after !== undefined) rows = rows.where('id', order === 'asc' ? '>' : '<', after);
  const found = await rows
    .orderBy('id', order)
    .limit(limit + 1)
    .execute();
  const page = found.slice(0, limit);
  return { rows: page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null };
}
