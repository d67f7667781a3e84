import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.ts';

/** Whether somebody proved to have an address, how much an organisation may have, and addresses that can be searched by block. */
export async function addTenancyBounds(database: Kysely<unknown>): Promise<void> {
  const flag = (name: string) => (table: string) =>
    database.schema
      .alterTable(table)
      .addColumn(name, 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
  await flag('address_proved')('users');
  await flag('mailed')('invitations');
  await database.schema
    .alterTable('organisations')
    .addColumn('quotas', 'text', (column) => column.notNull().defaultTo('{}'))
    .execute();
  const text = isPostgres(database) ? sql`text collate "C"` : 'text';
  await database.schema.alterTable('audit_events').addColumn('address_key', text).execute();
  await database.schema
    .createIndex('audit_events_by_address')
    .on('audit_events')
    .columns(['organisation_id', 'address_key', 'id'])
    .execute();
}
