import type { Kysely } from 'kysely';
import { table } from './table.ts';

/** Identity providers, who came through them, and which sessions did. */
export async function addIdentities(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'identity_providers',
    {
      id: 'id',
      organisation_id: 'text',
      name: 'text',
      enabled: 'int',
      client_id: 'text',
      client_secret: 'text?',
      settings: 'text',
      created_unix_ms: 'big',
    },
    { unique: [['name']], references: { organisation_id: 'organisations' }, index: ['organisation_id'] },
  );
  await table(
    database,
    'identities',
    {
      provider_id: 'text',
      subject: 'text',
      user_id: 'text',
      email: 'text?',
      provided: 'text',
      created_unix_ms: 'big',
      seen_unix_ms: 'big',
    },
    {
      primaryKey: ['provider_id', 'subject'],
      references: { provider_id: 'identity_providers', user_id: 'users' },
      index: ['user_id'],
    },
  );
  for (const column of ['provider_id', 'provider_sid'])
    await database.schema.alterTable('portal_sessions').addColumn(column, 'text').execute();
  await database.schema
    .createIndex('portal_sessions_by_provider')
    .on('portal_sessions')
    .columns(['provider_id', 'provider_sid'])
    .execute();
  await database.schema.alterTable('resources').addColumn('provider_id', 'text').execute();
}
