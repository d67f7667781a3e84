/** What connectors publish by themselves. */
export interface ConnectorBlueprintsTable {
  connector_id: string;
  /** From which of its places it comes. */
  kind: 'docker' | 'file';
  organisation_id: string;
  site_id: string;
  /** Grows with each that is sent, so that none is played twice. */
  sequence: number;
  /** JSON of `ConnectorBlueprintState` of control: what became of it. */
  state: string;
  updated_unix_ms: number;
}

export interface SourceTables {
  connector_blueprints: ConnectorBlueprintsTable;
}
