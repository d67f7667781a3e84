import type { Kysely } from 'kysely';

/** What resources do with HTTP beyond passing it on, and the pages that an organisation shows in place of Manis's own. */
export async function addHttpSettings(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('resources').addColumn('http_settings', 'text').execute();
  await database.schema.alterTable('organisations').addColumn('error_pages', 'text').execute();
}
