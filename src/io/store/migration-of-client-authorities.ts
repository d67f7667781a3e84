import type { Kysely } from 'kysely';
import { table } from './table.ts';

export async function addClientAuthorities(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'client_authorities',
    {
      id: 'id',
      organisation_id: 'text',
      name: 'text',
      certificate_pem: 'text?',
      fingerprints: 'text',
      crl_pem: 'text?',
      revoked_serials: 'text',
      crl_until_unix_ms: 'big?',
      created_unix_ms: 'big',
    },
    { unique: [['organisation_id', 'name']] },
  );
  await table(
    database,
    'client_authority_resources',
    { authority_id: 'text', resource_id: 'text' },
    {
      primaryKey: ['authority_id', 'resource_id'],
      references: { authority_id: 'client_authorities', resource_id: 'resources' },
      index: ['resource_id'],
    },
  );
}
