import type { Kysely } from 'kysely';
import { table } from './table.ts';

/** Certificates from ACME directories. Those of before are not sealed, so they are issued anew at the next start. */
export async function addAcme(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .alterTable('certificates')
    .addColumn('not_before_unix_ms', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await database.schema
    .alterTable('certificates')
    .addColumn('source', 'text', (column) => column.notNull().defaultTo('local'))
    .execute();
  await addOrders(database);
  await table(database, 'acme_accounts', { id: 'id', key_pem: 'text', url: 'text?', created_unix_ms: 'big' });
  await table(database, 'acme_settings', {
    id: 'id',
    directory_url: 'text',
    contacts: 'text',
    terms_agreed: 'int',
    eab_key_id: 'text?',
    eab_key: 'text?',
    ca_pem: 'text?',
    profile: 'text?',
    is_default: 'int',
    updated_unix_ms: 'big',
  });
}

async function addOrders(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'certificate_orders',
    {
      id: 'id',
      wish: 'text',
      phase: 'text',
      directory_url: 'text',
      order_url: 'text?',
      key_pem: 'text?',
      published_epoch: 'big?',
      published_revision: 'big?',
      started_unix_ms: 'big?',
      next_unix_ms: 'big',
      renew_unix_ms: 'big',
      renewal: 'text?',
      failures: 'int',
      error_code: 'text?',
      error_text: 'text?',
      error_unix_ms: 'big?',
    },
    { index: ['next_unix_ms'] },
  );
  await table(
    database,
    'acme_challenges',
    {
      id: 'id',
      certificate_id: 'text',
      kind: 'text',
      name: 'text',
      token: 'text',
      proof: 'text',
      certificate: 'text?',
      record_name: 'text?',
      dns_provider_id: 'text?',
      url: 'text',
    },
    { references: { certificate_id: 'certificate_orders' }, index: ['certificate_id'] },
  );
}

/** What has worked is tried first the next time. */
export async function addProvedBy(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('certificate_orders').addColumn('proved_by', 'text').execute();
}
