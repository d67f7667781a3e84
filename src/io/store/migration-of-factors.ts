import type { Kysely } from 'kysely';
import { table } from './table.ts';

/** Second factors, remembered browsers, known devices, and what organisations ask for. */
export async function addFactors(database: Kysely<unknown>): Promise<void> {
  const ofUser = { references: { user_id: 'users' }, index: ['user_id'] } as const;
  await table(
    database,
    'totp_keys',
    {
      id: 'id',
      user_id: 'text',
      name: 'text',
      secret: 'text',
      last_step: 'big',
      confirmed_unix_ms: 'big?',
      created_unix_ms: 'big',
      last_used_unix_ms: 'big?',
    },
    ofUser,
  );
  await table(
    database,
    'recovery_codes',
    { code_hash: 'text', user_id: 'text', created_unix_ms: 'big', used_unix_ms: 'big?' },
    { ...ofUser, primaryKey: ['code_hash'] },
  );
  await table(
    database,
    'passkeys',
    {
      id: 'id',
      user_id: 'text',
      name: 'text',
      credential_id: 'text',
      public_key: 'text',
      counter: 'big',
      transports: 'text',
      backed_up: 'int',
      created_unix_ms: 'big',
      last_used_unix_ms: 'big?',
    },
    { ...ofUser, unique: [['credential_id']] },
  );
  await addBrowsers(database);
  await table(
    database,
    'mfa_settings',
    {
      organisation_id: 'text',
      required: 'int',
      required_roles: 'text',
      since_unix_ms: 'big',
      grace_ms: 'big',
      remember_ms: 'big',
      remembered_counts: 'int',
    },
    { primaryKey: ['organisation_id'], references: { organisation_id: 'organisation' } },
  );
  await table(database, 'spent_proofs', { id: 'id', until_unix_ms: 'big' });
}

async function addBrowsers(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'remembered_browsers',
    {
      id: 'id',
      user_id: 'text',
      secret_hash: 'text',
      client_address: 'text',
      user_agent: 'text',
      created_unix_ms: 'big',
      expires_unix_ms: 'big',
      last_used_unix_ms: 'big',
    },
    { references: { user_id: 'users' }, unique: [['secret_hash']], index: ['user_id'] },
  );
  await table(
    database,
    'known_devices',
    {
      id: 'id',
      user_id: 'text',
      name: 'text',
      public_key: 'text',
      user_agent: 'text',
      created_unix_ms: 'big',
      last_used_unix_ms: 'big?',
      approved_unix_ms: 'big?',
      approved_by: 'text?',
    },
    { references: { user_id: 'users' }, index: ['user_id'] },
  );
}

/** Codes by mail as a second factor, where an organisation says so. */
export async function addMailedFactor(database: Kysely<unknown>): Promise<void> {
  const changed = database.schema.alterTable('mfa_settings');
  await changed.addColumn('email_codes', 'integer', (column) => column.notNull().defaultTo(0)).execute();
}
