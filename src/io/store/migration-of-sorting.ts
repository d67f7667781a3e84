import { type Kysely, sql } from 'kysely';

/** The keys that readPage() sorts by, for lists of ten thousand rows. */
const KEYS = {
  resources_by_name: 'resources (organisation_id, lower(name), id)',
  resources_by_host: 'resources (organisation_id, lower(host), id)',
  targets_by_host: 'targets (organisation_id, lower(host), id)',
  sites_by_name: 'sites (organisation_id, lower(name), id)',
  connectors_by_name: 'connectors (organisation_id, lower(name), id)',
  credentials_by_name: 'credentials (organisation_id, lower(name), id)',
  users_by_name: "users (lower(coalesce(nullif(name, ''), email)), id)",
  users_by_email: 'users (lower(email), id)',
} as const;

export async function addSorting(database: Kysely<unknown>): Promise<void> {
  for (const [name, key] of Object.entries(KEYS))
    await sql`create index ${sql.ref(name)} on ${sql.raw(key)}`.execute(database);
}
