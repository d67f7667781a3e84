/** What became of what connectors handed in, for people. */
import { connectorBlueprints, type Queries } from '../../io/store/index.ts';
import type { ConnectorBlueprintState } from './from-connector.ts';

export interface ConnectorNews extends Omit<ConnectorBlueprintState, 'goneSince'> {
  readonly connectorId: string;
  readonly connectorName: string;
  readonly siteId: string;
  readonly siteName: string;
  readonly kind: 'docker' | 'file';
  readonly updatedUnixMs: number;
}

export async function connectorNews(queries: Queries, organisationId: string): Promise<ConnectorNews[]> {
  const rows = await connectorBlueprints(queries, organisationId);
  if (rows.length === 0) return [];
  const names = async (table: 'connectors' | 'sites') => {
    const all = queries.selectFrom(table).select(['id', 'name']).where('organisation_id', '=', organisationId);
    return new Map((await all.execute()).map(({ id, name }) => [id, name]));
  };
  const [connectors, sites] = [await names('connectors'), await names('sites')];
  return rows.map((row) => {
    const { outcome, text, problems } = JSON.parse(row.state) as ConnectorBlueprintState;
    return {
      ...{ connectorId: row.connector_id, connectorName: connectors.get(row.connector_id) ?? row.connector_id },
      ...{ siteId: row.site_id, siteName: sites.get(row.site_id) ?? row.site_id, kind: row.kind },
      ...{ outcome, text, problems, updatedUnixMs: row.updated_unix_ms },
    };
  });
}

/** In a line each, for the network's status. */
export async function connectorWarnings(queries: Queries, organisationId: string): Promise<string[]> {
  const news = await connectorNews(queries, organisationId);
  return news.flatMap(({ connectorName, siteName, kind, outcome, text, problems }) => {
    const from = `${kind === 'docker' ? 'labels' : 'blueprint'} of connector ${connectorName} at ${siteName}`;
    const lines = problems.map((one) => `${from}: ${one.place}: ${one.text} (${one.reason})`);
    return outcome === 'refused' ? [`${from}: ${text}`, ...lines] : lines;
  });
}
