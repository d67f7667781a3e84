import type { Kysely } from 'kysely';

/** How a target is spoken to, where that is more than a scheme. */
export async function addBackends(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('targets').addColumn('backend', 'text').execute();
}
