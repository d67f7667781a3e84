/** What a connector found out about its network. */
export interface ConnectorDiagnosesTable {
  connector_id: string;
  organisation_id: string;
  /** The newest wish that it looks; each is greater than the one before. 0: none. */
  asked: number;
  /** JSON of `Diagnosis`, the last; null: none came yet. */
  diagnosis: string | null;
  /** When that came, by control's clock. */
  taken_unix_ms: number | null;
}

export interface DiagnosisTables {
  connector_diagnoses: ConnectorDiagnosesTable;
}
