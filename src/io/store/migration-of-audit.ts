import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.ts';
import { table } from './table.ts';

/** What is audited whole, and events by the request that people ask about, by who and by what. */
export async function addAudit(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'audit_settings',
    { organisation_id: 'text', resource_id: 'text', mode: 'text' },
    { primaryKey: ['organisation_id', 'resource_id'], references: { organisation_id: 'organisations' } },
  );
  const text = isPostgres(database) ? sql`text collate "C"` : 'text';
  await database.schema.alterTable('audit_events').addColumn('request_id', text).execute();
  for (const column of ['request_id', 'actor', 'subject'])
    await database.schema
      .createIndex(`audit_events_by_${column}`)
      .on('audit_events')
      .columns(['organisation_id', column, 'id'])
      .execute();
}
