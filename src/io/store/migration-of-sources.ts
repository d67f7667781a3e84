import type { Kysely } from 'kysely';
import { table } from './table.ts';

const OWNED = [
  'organisations',
  'named_lists',
  'roles',
  'user_groups',
  'identity_providers',
  'dns_providers',
  'domains',
  'sites',
  'devices',
  'resources',
  'client_authorities',
  'credentials',
];

/** Who owns each thing, what a site's connectors may publish, and what became of what they sent. */
export async function addSources(database: Kysely<unknown>): Promise<void> {
  for (const name of OWNED) await database.schema.alterTable(name).addColumn('source', 'text').execute();
  await database.schema.alterTable('sites').addColumn('publishing', 'text').execute();
  await table(
    database,
    'connector_blueprints',
    {
      ...{ connector_id: 'text', kind: 'text', organisation_id: 'text', site_id: 'text' },
      ...{ sequence: 'big', state: 'text', updated_unix_ms: 'big' },
    },
    { primaryKey: ['connector_id', 'kind'], references: { connector_id: 'connectors' } },
  );
}

/** What connectors found out about their networks, the last of each, and who was asked to look again. */
export async function addDiagnoses(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'connector_diagnoses',
    {
      ...{ connector_id: 'id', organisation_id: 'text', asked: 'big' },
      ...{ diagnosis: 'text?', taken_unix_ms: 'big?' },
    },
    { references: { connector_id: 'connectors' } },
  );
}
