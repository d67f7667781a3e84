import { inParts } from '../../../base/index.ts';
import { STORE_ROWS_AT_ONCE } from '../constants.ts';
import type { RequestCapturesTable } from '../schema-of-requests.ts';
import type { Queries, StoreTransaction } from '../store.ts';

/** Whose captured requests. */
export type CapturesOf = { readonly resourceId: string } | { readonly organisationId: string };

/** Adds captured requests; one that is there already is left as it is. Few at a time: each is large. */
export async function insertCaptures(queries: Queries, rows: readonly RequestCapturesTable[]): Promise<void> {
  for (const row of rows)
    await queries
      .insertInto('request_captures')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
}

/** One that has not ended. */
export function findCapture(
  queries: Queries,
  organisationId: string,
  id: string,
  nowUnixMs: number,
): Promise<RequestCapturesTable | undefined> {
  const captures = queries.selectFrom('request_captures').selectAll().where('organisation_id', '=', organisationId);
  return captures.where('id', '=', id).where('expires_unix_ms', '>', nowUnixMs).executeTakeFirst();
}

/** How many are kept of a resource, and how much that is. */
export function captureSizes(queries: Queries, resourceId: string, nowUnixMs: number): Promise<CaptureSizes> {
  return sizesOf(capturesOf(queries, { resourceId }).where('expires_unix_ms', '>', nowUnixMs));
}

/** The same of all resources of an organisation. */
export function captureSizesOf(queries: Queries, organisationId: string): Promise<CaptureSizes> {
  return sizesOf(capturesOf(queries, { organisationId }));
}

/** Deletes all but the newest, so many and so much of them. */
export async function trimCaptures(
  queries: Queries,
  of: CapturesOf,
  { entries = Number.POSITIVE_INFINITY, bytes }: { readonly entries?: number; readonly bytes: number },
): Promise<void> {
  const captures = capturesOf(queries, of);
  const kept = await sizesOf(captures);
  if (kept.entries <= entries && kept.bytes <= bytes) return;
  let sum = 0;
  const over = (await captures.select(['id', 'size_bytes']).orderBy('id', 'desc').execute()).filter((row, i) => {
    sum += Number(row.size_bytes);
    return i >= entries || sum > bytes;
  });
  const ids = over.map(({ id }) => id);
  for (const part of inParts(ids, STORE_ROWS_AT_ONCE))
    await queries.deleteFrom('request_captures').where('id', 'in', part).execute();
}

interface CaptureSizes {
  readonly entries: number;
  readonly bytes: number;
}

function capturesOf(queries: Queries, of: CapturesOf) {
  const captures = queries.selectFrom('request_captures');
  return 'resourceId' in of
    ? captures.where('resource_id', '=', of.resourceId)
    : captures.where('organisation_id', '=', of.organisationId);
}

async function sizesOf(captures: ReturnType<typeof capturesOf>): Promise<CaptureSizes> {
  const sums = captures.select(({ fn }) => [fn.countAll().as('entries'), fn.sum('size_bytes').as('bytes')]);
  const found = await sums.executeTakeFirst();
  return { entries: Number(found?.entries ?? 0), bytes: Number(found?.bytes ?? 0) };
}

/** Deletes what has ended. */
export async function deleteEndedCaptures(queries: Queries, nowUnixMs: number): Promise<void> {
  await queries.deleteFrom('request_captures').where('expires_unix_ms', '<=', nowUnixMs).execute();
}

/** Deletes all of a resource; gives how many those were. */
export async function deleteCaptures(
  transaction: StoreTransaction,
  organisationId: string,
  resourceId: string,
): Promise<number> {
  const deleted = transaction.deleteFrom('request_captures').where('organisation_id', '=', organisationId);
  return Number((await deleted.where('resource_id', '=', resourceId).executeTakeFirst()).numDeletedRows);
}
