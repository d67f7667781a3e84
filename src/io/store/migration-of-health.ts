import type { Kysely } from 'kysely';
import { table } from './table.ts';

/** How requests are spread, how targets are checked, and what became of that. */
export async function addHealth(database: Kysely<unknown>): Promise<void> {
  const resources = [
    ['balancing', 'text', 'least-latency'],
    ['sticky', 'text', 'none'],
    ['panic_threshold', 'double precision', 0.5],
  ] as const;
  for (const [name, type, value] of resources) {
    const changed = database.schema.alterTable('resources');
    await changed.addColumn(name, type, (column) => column.notNull().defaultTo(value)).execute();
  }
  await database.schema.alterTable('targets').addColumn('check_settings', 'text').execute();
  const known = { state: 'text', reason: 'text' } as const;
  await table(
    database,
    'target_health',
    { target_id: 'text', pop_id: 'text', connector_id: 'text', ...known, since_unix_ms: 'big' },
    {
      primaryKey: ['target_id', 'pop_id', 'connector_id'],
      references: { target_id: 'targets', pop_id: 'pops', connector_id: 'connectors' },
      index: ['pop_id', 'connector_id'],
    },
  );
  await table(
    database,
    'target_health_changes',
    { id: 'id', target_id: 'text', pop_id: 'text', connector_id: 'text', ...known, unix_ms: 'big' },
    { references: { target_id: 'targets' }, index: ['target_id'] },
  );
}

/** WireGuard devices are ways to targets as well. What is known of targets now PoPs tell again when they link. */
export async function addHealthOfDevices(database: Kysely<unknown>): Promise<void> {
  await database.schema.dropTable('target_health').execute();
  await table(
    database,
    'target_health',
    { target_id: 'text', pop_id: 'text', connector_id: 'text', state: 'text', reason: 'text', since_unix_ms: 'big' },
    {
      primaryKey: ['target_id', 'pop_id', 'connector_id'],
      references: { target_id: 'targets', pop_id: 'pops' },
      index: ['pop_id', 'connector_id'],
    },
  );
}
