import type { Kysely } from 'kysely';
import { table } from './table.ts';

export async function addPolicies(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'organisation_policies',
    { organisation_id: 'text', policy: 'text' },
    { primaryKey: ['organisation_id'], references: { organisation_id: 'organisations' } },
  );
  await table(
    database,
    'named_lists',
    { organisation_id: 'text', name: 'text', list: 'text', updated_unix_ms: 'big' },
    { primaryKey: ['organisation_id', 'name'], references: { organisation_id: 'organisations' } },
  );
}
