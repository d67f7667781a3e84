import type { Kysely } from 'kysely';
import { table } from './table.ts';

/** Programs that are signed in by a code, and tokens that go on by being used. */
export async function addProgramSignIns(database: Kysely<unknown>): Promise<void> {
  for (const column of ['idle_ms', 'session_epoch'])
    await database.schema.alterTable('api_tokens').addColumn(column, 'bigint').execute();
  await table(
    database,
    'program_sign_ins',
    {
      ...{
        id: 'id',
        secret_hash: 'text',
        code_hash: 'text',
        program: 'text',
        computer: 'text',
        client_address: 'text',
      },
      ...{ user_id: 'text?', state: 'text', created_unix_ms: 'big', expires_unix_ms: 'big', asked_unix_ms: 'big' },
    },
    { unique: [['secret_hash'], ['code_hash']], references: { user_id: 'users' }, index: ['expires_unix_ms'] },
  );
}
