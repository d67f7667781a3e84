import { sql } from 'kysely';
import type { IdempotencyKeysTable } from '../schema-of-idempotency.ts';
import type { Queries } from '../store.ts';

type Named = Pick<IdempotencyKeysTable, 'principal' | 'key'>;

/** Undefined where the request is the first of its name; else what is known of the first one. */
export async function beginIdempotent(
  queries: Queries,
  row: IdempotencyKeysTable,
): Promise<IdempotencyKeysTable | undefined> {
  const inserted = await queries
    .insertInto('idempotency_keys')
    .values(row)
    .onConflict((conflict) => conflict.columns(['principal', 'key']).doNothing())
    .executeTakeFirst();
  if ((inserted.numInsertedOrUpdatedRows ?? 0n) > 0n) return undefined;
  const known = queries.selectFrom('idempotency_keys').selectAll().where('principal', '=', row.principal);
  return known.where('key', '=', row.key).executeTakeFirst();
}

export async function finishIdempotent(
  queries: Queries,
  { principal, key }: Named,
  done: Pick<IdempotencyKeysTable, 'status' | 'answer'>,
): Promise<void> {
  await queries
    .updateTable('idempotency_keys')
    .set({ ...done, state: 'done' })
    .where('principal', '=', principal)
    .where('key', '=', key)
    .execute();
}

export async function forgetIdempotent(queries: Queries, { principal, key }: Named): Promise<void> {
  await queries.deleteFrom('idempotency_keys').where('principal', '=', principal).where('key', '=', key).execute();
}

export async function deleteOldIdempotencyKeys(queries: Queries, beforeUnixMs: number): Promise<void> {
  await queries.deleteFrom('idempotency_keys').where('created_unix_ms', '<', beforeUnixMs).execute();
}

export async function countIdempotencyKeys(queries: Queries, principal: string): Promise<number> {
  const counted = queries
    .selectFrom('idempotency_keys')
    .select((select) => select.fn.countAll<number | string>().as('count'))
    .where('principal', '=', principal);
  return Number((await counted.executeTakeFirst())?.count ?? 0);
}

/** What the answers that are kept for one caller take. */
export async function keptAnswerChars(queries: Queries, principal: string): Promise<number> {
  const summed = queries
    .selectFrom('idempotency_keys')
    .select(sql<number | string | null>`sum(length(answer))`.as('chars'))
    .where('principal', '=', principal);
  return Number((await summed.executeTakeFirst())?.chars ?? 0);
}
