/** Who did what, when, from where, and what came of it. */
export interface AuditEventsTable {
  id: string;
  unix_ms: number;
  /** `control`, or the id of the PoP that sent it. */
  source: string;
  actor: string | null;
  action: string;
  subject: string | null;
  outcome: string;
  client_address: string;
  /** JSON; never a secret. */
  detail: string;
  /** Null: it is about the installation, or an account. */
  organisation_id: string | null;
  /** Of a decision of a PoP: the request, as people see it on a page. */
  request_id?: string | null | undefined;
  /** The address as 32 hexadecimal digits, in the order of addresses; the store fills it in. */
  address_key?: string | null | undefined;
}

/** Of decisions at a resource: the first of a kind in a while, or every one. */
export type AuditMode = 'sampled' | 'all';

export interface AuditSettingsTable {
  organisation_id: string;
  /** Empty: all resources of the organisation that say nothing themselves. */
  resource_id: string;
  mode: AuditMode;
}

export interface AuditTables {
  audit_events: AuditEventsTable;
  audit_settings: AuditSettingsTable;
}
