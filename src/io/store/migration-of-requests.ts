import type { Kysely } from 'kysely';
import { table } from './table.ts';

export async function addRequestLog(database: Kysely<unknown>): Promise<void> {
  await table(database, 'request_log', {
    ...{ id: 'id', organisation_id: 'text', resource_id: 'text', pop_id: 'text', request_id: 'text', unix_ms: 'big' },
    ...{ method: 'text', host: 'text', path: 'text', status: 'int', outcome: 'text', reason: 'text' },
    ...{ subject_id: 'text?', subject_name: 'text?', client_address: 'text', address_key: 'text?', country: 'text?' },
    ...{ total_ms: 'real', detail: 'text', size_bytes: 'int' },
  });
  // Others are looked for among the newest: each index costs every request that is written.
  for (const columns of [
    ['organisation_id', 'id'],
    ['organisation_id', 'resource_id', 'id'],
  ])
    await database.schema
      .createIndex(`request_log_by_${columns.slice(0, -1).join('_')}`)
      .on('request_log')
      .columns(columns)
      .execute();
  await table(
    database,
    'request_log_days',
    { organisation_id: 'text', day: 'int', size_bytes: 'big', entries: 'big' },
    { primaryKey: ['organisation_id', 'day'] },
  );
  await table(
    database,
    'request_log_settings',
    { organisation_id: 'text', resource_id: 'text', level: 'text', kept_days: 'big?', kept_bytes: 'big?' },
    { primaryKey: ['organisation_id', 'resource_id'], references: { organisation_id: 'organisations' } },
  );
}
