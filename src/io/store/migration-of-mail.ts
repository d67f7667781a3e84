import type { Kysely } from 'kysely';
import { table } from './table.ts';

export async function addMail(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'mail_settings',
    {
      organisation_id: 'text',
      host: 'text',
      port: 'int',
      security: 'text',
      user_name: 'text?',
      password: 'text?',
      from_address: 'text',
      from_name: 'text',
      ca_pem: 'text?',
      code_sign_in: 'int',
      device_notices: 'int',
      updated_unix_ms: 'big',
    },
    { primaryKey: ['organisation_id'] },
  );
  await table(
    database,
    'mails',
    {
      id: 'id',
      organisation_id: 'text',
      purpose: 'text',
      recipient: 'text',
      contents: 'text',
      created_unix_ms: 'big',
      next_unix_ms: 'big',
      expires_unix_ms: 'big',
      tries: 'int',
    },
    { index: ['next_unix_ms'] },
  );
  await addMailed(database);
}

/** What was mailed to be typed or followed. */
async function addMailed(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'email_codes',
    {
      id: 'id',
      organisation_id: 'text',
      purpose: 'text',
      email: 'text',
      user_id: 'text?',
      resource_id: 'text?',
      browser_hash: 'text',
      code_mac: 'text',
      expires_unix_ms: 'big',
    },
    {
      unique: [['organisation_id', 'purpose', 'email']],
      references: { user_id: 'users', resource_id: 'resources' },
      index: ['expires_unix_ms'],
    },
  );
  await table(
    database,
    'password_resets',
    { token_hash: 'text', user_id: 'text', expires_unix_ms: 'big' },
    { primaryKey: ['token_hash'], unique: [['user_id']], references: { user_id: 'users' } },
  );
}
