import type { Kysely } from 'kysely';
import { table } from './table.ts';

/** Requests that named themselves, and what came of them. */
export async function addIdempotencyKeys(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'idempotency_keys',
    {
      ...{ principal: 'text', key: 'text', fingerprint: 'text', state: 'text', status: 'int', answer: 'text' },
      created_unix_ms: 'big',
    },
    { primaryKey: ['principal', 'key'], index: ['created_unix_ms'] },
  );
}
