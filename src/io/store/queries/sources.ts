import type { ConnectorBlueprintsTable } from '../schema-of-sources.ts';
import type { Queries, StoreTransaction } from '../store.ts';

/** The tables whose rows have an owner. */
export const OWNED_TABLES = {
  lists: 'named_lists',
  roles: 'roles',
  organisation: 'organisations',
  groups: 'user_groups',
  providers: 'identity_providers',
  dnsProviders: 'dns_providers',
  domains: 'domains',
  sites: 'sites',
  devices: 'devices',
  resources: 'resources',
  clientAuthorities: 'client_authorities',
  credentials: 'credentials',
} as const;

export type OwnedNoun = keyof typeof OWNED_TABLES;

export interface OwnedRow {
  readonly noun: OwnedNoun;
  readonly id: string;
  readonly name: string;
  readonly source: string | null;
}

/** Of a named list the id is its name. */
function keyColumn(noun: OwnedNoun): 'id' | 'name' {
  return noun === 'lists' ? 'name' : 'id';
}

/** Who owns something of an organisation; undefined: there is no such thing. */
export async function sourceOf(
  queries: Queries,
  organisationId: string,
  noun: OwnedNoun,
  id: string,
): Promise<{ readonly name: string; readonly source: string | null } | undefined> {
  // One query for every table: Kysely cannot see that all of them have these columns.
  const rows = queries.selectFrom(OWNED_TABLES[noun] as 'sites').select(['name', 'source']);
  const own = noun === 'organisation' ? rows : rows.where('organisation_id', '=', organisationId);
  const row = await own.where(keyColumn(noun) as 'id', '=', id).executeTakeFirst();
  return row && { name: row.name, source: row.source ?? null };
}

export async function setSource(
  transaction: StoreTransaction,
  organisationId: string,
  noun: OwnedNoun,
  id: string,
  source: string | null,
): Promise<void> {
  const rows = transaction.updateTable(OWNED_TABLES[noun] as 'sites').set({ source });
  const own = noun === 'organisation' ? rows : rows.where('organisation_id', '=', organisationId);
  await own.where(keyColumn(noun) as 'id', '=', id).execute();
}

/** Everything that another source than the dashboard owns. */
export async function ownedRows(queries: Queries, organisationId: string): Promise<OwnedRow[]> {
  const found: OwnedRow[] = [];
  for (const noun of Object.keys(OWNED_TABLES) as OwnedNoun[]) {
    const key = noun === 'organisation' ? 'id' : 'organisation_id';
    const rows = await queries
      .selectFrom(OWNED_TABLES[noun] as 'sites')
      .select([`${keyColumn(noun) as 'id'} as id`, 'name', 'source'])
      .where(key, '=', organisationId)
      .where('source', 'is not', null)
      .orderBy('name')
      .execute();
    found.push(...rows.map((row) => ({ noun, id: row.id, name: row.name, source: row.source ?? null })));
  }
  return found;
}

export function connectorBlueprints(queries: Queries, organisationId: string): Promise<ConnectorBlueprintsTable[]> {
  return queries
    .selectFrom('connector_blueprints')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('connector_id')
    .orderBy('kind')
    .execute();
}

export function findConnectorBlueprint(
  queries: Queries,
  connectorId: string,
  kind: ConnectorBlueprintsTable['kind'],
): Promise<ConnectorBlueprintsTable | undefined> {
  return queries
    .selectFrom('connector_blueprints')
    .selectAll()
    .where('connector_id', '=', connectorId)
    .where('kind', '=', kind)
    .executeTakeFirst();
}

export async function putConnectorBlueprint(
  transaction: StoreTransaction,
  row: ConnectorBlueprintsTable,
): Promise<void> {
  const { connector_id, kind, ...rest } = row;
  await transaction
    .insertInto('connector_blueprints')
    .values({ connector_id, kind, ...rest })
    .onConflict((conflict) => conflict.columns(['connector_id', 'kind']).doUpdateSet(rest))
    .execute();
}
