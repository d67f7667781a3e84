import type { Kysely } from 'kysely';
import { table } from './table.ts';

/** Sites and resources that end by themselves, and what ends them together. */
export async function addQuickTunnels(database: Kysely<unknown>): Promise<void> {
  for (const nouns of ['sites', 'resources'])
    await database.schema.alterTable(nouns).addColumn('expires_unix_ms', 'bigint').execute();
  await table(
    database,
    'quick_tunnels',
    {
      ...{ id: 'id', organisation_id: 'text', name: 'text', site_id: 'text', resource_ids: 'text' },
      ...{ credential_id: 'text?', kept_urls: 'text', created_by: 'text', created_unix_ms: 'big' },
      ...{ expires_unix_ms: 'big', lease_unix_ms: 'big' },
    },
    { references: { site_id: 'sites', organisation_id: 'organisations' }, index: ['organisation_id'] },
  );
}
