import { type SelectQueryBuilder, sql } from 'kysely';
import { STORE_PAGE_ROWS_DEFAULT, STORE_PAGE_ROWS_MAX, STORE_SEARCH_WORDS_MAX } from '../constants.ts';
import type { Tables } from '../schema.ts';

/** Which rows of a list: `limit` of them after the one with id `after`. Ids grow with time. */
export interface PageRequest {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  /** Only rows in which each of these words occurs somewhere, whatever its case. */
  readonly q?: string | undefined;
  /** Only these. */
  readonly ids?: readonly string[] | undefined;
  /** Whether to count as well what all pages hold together. */
  readonly count?: boolean | undefined;
}

/** Rows, and where the next page starts; null at the end. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
  /** Rows of all pages together, where it was asked for. */
  readonly count?: number;
}

interface Listing {
  /** Newest or oldest first. */
  readonly order?: 'asc' | 'desc';
  /** Columns in which words are looked for. */
  readonly searched?: readonly string[];
}

// Every table that is listed has the column `id`; Kysely cannot see that through the type parameter.
type Listed<Row> = SelectQueryBuilder<Tables, 'sites', Row>;

/** Reads a page of a query whose rows have an `id`. */
export async function readPage<Name extends keyof Tables, Row extends { id: string }>(
  query: SelectQueryBuilder<Tables, Name, Row>,
  request: PageRequest,
  { order = 'asc', searched = [] }: Listing = {},
): Promise<Page<Row>> {
  const limit = Math.min(request.limit ?? STORE_PAGE_ROWS_DEFAULT, STORE_PAGE_ROWS_MAX);
  const { after, ids } = request;
  let all = query as unknown as Listed<Row>;
  if (ids !== undefined) all = all.where('id', 'in', [...ids]);
  if (request.q !== undefined) all = withWords(all, searched, request.q);
  const rows = after === undefined ? all : all.where('id', order === 'asc' ? '>' : '<', after);
  const found = await rows
    .orderBy('id', order)
    .limit(limit + 1)
    .execute();
  const page = found.slice(0, limit);
  const next = found.length > limit ? (page.at(-1)?.id ?? null) : null;
  return { rows: page, next, ...(request.count && { count: await countOf(all) }) };
}

function withWords<Row>(query: Listed<Row>, columns: readonly string[], q: string): Listed<Row> {
  const words = q.split(/\s+/).filter((word) => word !== '');
  return words
    .slice(0, STORE_SEARCH_WORDS_MAX)
    .reduce((narrowed, word) => narrowed.where(({ or }) => or(columns.map((column) => holds(column, word)))), query);
}

/** SQLite knows the small letters of ASCII alone: a word with others is looked for as it was typed, too. */
function holds(column: string, word: string) {
  const small = sql<boolean>`lower(${sql.ref(column)}) like ${likeOf(word.toLowerCase())} escape '\\'`;
  const isAscii = /^[\x20-\x7e]*$/.test(word);
  return isAscii ? small : sql<boolean>`(${small} or ${sql.ref(column)} like ${likeOf(word)} escape '\\')`;
}

function likeOf(word: string): string {
  return `%${word.replace(/[\\%_]/g, '\\$&')}%`;
}

async function countOf<Row>(query: Listed<Row>): Promise<number> {
  const counted = query.clearSelect().select(({ fn }) => fn.countAll().as('count'));
  const { count } = (await counted.executeTakeFirstOrThrow()) as { readonly count: number | bigint | string };
  return Number(count);
}
