import { type SelectQueryBuilder, sql } from 'kysely';
import { STORE_PAGE_ROWS_DEFAULT, STORE_PAGE_ROWS_MAX, STORE_SEARCH_WORDS_MAX } from '../constants.ts';
import type { Tables } from '../schema.ts';
import { cursorOf, readCursor } from './cursor.ts';
import type { SortedBy } from './sorted.ts';

/** Which rows of a list: `limit` of them after those before `after`. Ids grow with time. */
export interface PageRequest {
  /** `next` of the page before: an id, or, in a list that is sorted by something else, a cursor. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  /** Only rows in which each of these words occurs somewhere, whatever its case. */
  readonly q?: string | undefined;
  /** Only these. */
  readonly ids?: readonly string[] | undefined;
  /** Whether to count as well what all pages hold together. */
  readonly count?: boolean | undefined;
  /** A field of `sorted`, or `created`; with `-` before it the other way round. Left out: as the list is. */
  readonly sort?: string | undefined;
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
  readonly sorted?: SortedBy;
}

// Every table that is listed has the column `id`; Kysely cannot see that through the type parameter.
type Listed<Row> = SelectQueryBuilder<Tables, 'sites', Row>;

/** Reads a page of a query whose rows have an `id`. Failure `store-cursor-invalid` where `after` is of no such list. */
export async function readPage<Name extends keyof Tables, Row extends { id: string }>(
  query: SelectQueryBuilder<Tables, Name, Row>,
  request: PageRequest,
  { order: usual = 'asc', searched = [], sorted = {} }: Listing = {},
): Promise<Page<Row>> {
  const limit = Math.min(request.limit ?? STORE_PAGE_ROWS_DEFAULT, STORE_PAGE_ROWS_MAX);
  const { after, ids, sort } = request;
  let all = query as unknown as Listed<Row>;
  if (ids !== undefined) all = all.where('id', 'in', [...ids]);
  if (request.q !== undefined) all = withWords(all, searched, request.q);
  const order = sort === undefined ? usual : sort.startsWith('-') ? 'desc' : 'asc';
  const key = keyOf(sorted[sort?.replace(/^-/, '') ?? '']);
  const rows = after === undefined ? all : key ? afterKey(all, key, order, after) : afterId(all, order, after);
  const found = await (key ? rows.orderBy(key.expression, order) : rows)
    .orderBy('id', order)
    .limit(limit + 1)
    .execute();
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const next = last === undefined ? null : key ? cursorOf(key.columns, last) : last.id;
  return { rows: page, next, ...(request.count && { count: await countOf(all) }) };
}

interface Key {
  readonly columns: readonly string[];
  readonly expression: ReturnType<typeof sql<string>>;
}

/** As indexes have it (migration-of-sorting.ts), letter for letter: else they are of no use. */
function keyOf(columns: readonly string[] | undefined): Key | undefined {
  if (columns === undefined) return undefined;
  const [first = '', otherwise] = columns;
  const value =
    otherwise === undefined ? sql.ref(first) : sql`coalesce(nullif(${sql.ref(first)}, ''), ${sql.ref(otherwise)})`;
  return { columns, expression: sql<string>`lower(${value})` };
}

function afterId<Row>(query: Listed<Row>, order: 'asc' | 'desc', after: string): Listed<Row> {
  return query.where('id', order === 'asc' ? '>' : '<', after);
}

/** By the value that the cursor carries: a row that was renamed or removed since moves nothing. */
function afterKey<Row>(query: Listed<Row>, { expression }: Key, order: 'asc' | 'desc', after: string): Listed<Row> {
  const { key, id } = readCursor(after);
  const beyond = sql.raw(order === 'asc' ? '>' : '<');
  // The first half is what an index is searched by; both dialects see that, and neither sees it in a comparison of pairs.
  return query
    .where(sql<boolean>`${expression} ${beyond}= ${key}`)
    .where(sql<boolean>`(${expression} ${beyond} ${key} or ${sql.ref('id')} ${beyond} ${id})`);
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
