import type { Kysely } from 'kysely';

/** What each control node was started with, so that they can agree. */
export async function addSettingsOfNodes(database: Kysely<unknown>): Promise<void> {
  const changed = () => database.schema.alterTable('control_nodes');
  await changed()
    .addColumn('portal_host', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  await changed()
    .addColumn('public_port', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
