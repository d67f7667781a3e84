import type { Kysely } from 'kysely';

/** Resources that are no HTTP, how many ports their targets have, and how PoPs get on with listening for them. */
export async function addStreams(database: Kysely<unknown>): Promise<void> {
  const resources = () => database.schema.alterTable('resources');
  await resources()
    .addColumn('kind', 'text', (column) => column.notNull().defaultTo('http'))
    .execute();
  await resources().addColumn('listen', 'text').execute();
  await resources().addColumn('proxy_protocol', 'text').execute();
  await database.schema
    .alterTable('targets')
    .addColumn('port_count', 'integer', (column) => column.notNull().defaultTo(1))
    .execute();
  await database.schema
    .alterTable('pop_status')
    .addColumn('streams', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute();
  // Who signed in lately is asked for each second where policies ask for it.
  for (const column of ['created_unix_ms', 'revoked_unix_ms'])
    await database.schema.createIndex(`portal_sessions_${column}`).on('portal_sessions').column(column).execute();
}
