import type { Kysely } from 'kysely';
import { table } from './table.ts';

/** Secrets that open resources without an account. */
export async function addCredentials(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'credentials',
    {
      id: 'id',
      organisation_id: 'text',
      name: 'text',
      method: 'text',
      username: 'text?',
      secret_hash: 'text',
      version: 'big',
      expires_unix_ms: 'big?',
      maximum_uses: 'big?',
      path_prefix: 'text?',
      created_unix_ms: 'big',
      rotated_unix_ms: 'big',
    },
    { index: ['organisation_id'] },
  );
  await table(
    database,
    'credential_resources',
    { credential_id: 'text', resource_id: 'text' },
    {
      primaryKey: ['credential_id', 'resource_id'],
      references: { credential_id: 'credentials', resource_id: 'resources' },
      index: ['resource_id'],
    },
  );
  await table(
    database,
    'credential_uses',
    {
      credential_id: 'text',
      version: 'big',
      uses: 'big',
      last_used_unix_ms: 'big?',
      attacked_unix_ms: 'big?',
      granted_uses: 'big',
      granted_tries: 'text',
    },
    { primaryKey: ['credential_id'], references: { credential_id: 'credentials' } },
  );
}
