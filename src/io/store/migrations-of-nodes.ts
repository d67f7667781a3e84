import { type Kysely, sql } from 'kysely';
import { table } from './table.ts';

/** Nodes that are to be emptied. */
export async function addDraining(database: Kysely<unknown>): Promise<void> {
  for (const nodes of ['pops', 'connectors']) {
    const changed = database.schema.alterTable(nodes);
    await changed.addColumn('draining', 'integer', (column) => column.notNull().defaultTo(0)).execute();
  }
}

/** What several control nodes share: who they are, what they signed, which PoPs are linked with which. */
export async function addSeveralControlNodes(database: Kysely<unknown>): Promise<void> {
  await table(database, 'control_nodes', {
    id: 'id',
    signing_key: 'text',
    url: 'text',
    software: 'text',
    started_unix_ms: 'big',
    seen_unix_ms: 'big',
  });
  await sql`insert into control_nodes (id, signing_key, url, software, started_unix_ms, seen_unix_ms)
    select id, public_key, '', '', created_unix_ms, 0 from keys where purpose = 'control'`.execute(database);
  await table(database, 'authorities', { id: 'id', certificate_pem: 'text', key_pem: 'text', created_unix_ms: 'big' });
  // The listener's certificate is its node's own; it stays with the node.
  await sql`delete from certificates where id = 'control-listener'`.execute(database);
  await table(
    database,
    'site_grants',
    { site_id: 'text', digest: 'text', document: 'text', epoch: 'big', revision: 'big' },
    { primaryKey: ['site_id'], references: { site_id: 'sites' } },
  );
  await table(
    database,
    'pop_status',
    {
      pop_id: 'text',
      control_id: 'text',
      software: 'text',
      connected_since_unix_ms: 'big',
      applied_epoch: 'big?',
      applied_revision: 'big?',
      revoked_epoch: 'big',
      revoked_sequence: 'big',
      connectors: 'text',
      draining: 'int',
    },
    { primaryKey: ['pop_id'], references: { pop_id: 'pops' } },
  );
  await table(database, 'sign_in_tries', { id: 'id', tries: 'int', until_unix_ms: 'big' });
  await table(database, 'leases', { id: 'id', holder: 'text', until_unix_ms: 'big' });
  await table(
    database,
    'setup_links',
    { token_hash: 'text', user_id: 'text', control_id: 'text', created_unix_ms: 'big' },
    { primaryKey: ['token_hash'], references: { user_id: 'users' } },
  );
  await sql`insert into setup_links (token_hash, user_id, control_id, created_unix_ms)
    select token_hash, user_id, '', created_unix_ms from setup`.execute(database);
  await database.schema.dropTable('setup').execute();
  await database.schema.alterTable('counters').addColumn('lineage', 'text').execute();
}
