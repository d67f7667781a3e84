import type { Kysely } from 'kysely';
import { table } from './table.ts';

/** What control nodes tell one another for those who look. */
export async function addLive(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'live_watches',
    { control_id: 'text', organisation_id: 'text', until_unix_ms: 'big' },
    { primaryKey: ['control_id', 'organisation_id'] },
  );
  await table(
    database,
    'live_news',
    { id: 'id', control_id: 'text', organisation_id: 'text', unix_ms: 'big', payload: 'text' },
    { index: ['unix_ms'] },
  );
}
