import type { Kysely } from 'kysely';
import { table } from './table.ts';

/** What resources ask to be captured, and what was. */
export async function addCaptures(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('resources').addColumn('capture', 'text').execute();
  await table(
    database,
    'request_captures',
    {
      ...{ id: 'id', organisation_id: 'text', resource_id: 'text', pop_id: 'text', unix_ms: 'big' },
      ...{ expires_unix_ms: 'big', size_bytes: 'int', sealed: 'text' },
    },
    { references: { resource_id: 'resources' }, index: ['expires_unix_ms', 'organisation_id', 'resource_id'] },
  );
}
