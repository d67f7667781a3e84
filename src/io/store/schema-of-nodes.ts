/** What several control nodes share. */

type Flag = 0 | 1;

export interface ControlNodesTable {
  id: string;
  /** Ed25519, base64url. */
  signing_key: string;
  /** `https://host:port`, or empty where the node has not started since there are several. */
  url: string;
  software: string;
  started_unix_ms: number;
  /** When it was last alive; 0 once it has stopped in order. */
  seen_unix_ms: number;
  /** What it was started with; empty of nodes from before this was written down. */
  portal_host: string;
  /** 0 of such nodes. */
  public_port: number;
}

/** The local certificate authority, one for all control nodes. */
export interface AuthoritiesTable {
  /** Always `local`. */
  id: string;
  certificate_pem: string;
  /** Sealed; in clear where an older version wrote it. */
  key_pem: string;
  created_unix_ms: number;
}

/** What a site may do, signed once, so that every control node publishes the same bytes. */
export interface SiteGrantsTable {
  site_id: string;
  /** SHA-256 of what the grant says, without its version; base64url. */
  digest: string;
  /** JSON of a signed document. */
  document: string;
  /** Version that the document carries. */
  epoch: number;
  revision: number;
}

/** A PoP whose link lives, written by the control node that holds the link. */
export interface PopStatusTable {
  pop_id: string;
  control_id: string;
  software: string;
  connected_since_unix_ms: number;
  applied_epoch: number | null;
  applied_revision: number | null;
  revoked_epoch: number;
  revoked_sequence: number;
  /** JSON list of attached connectors. */
  connectors: string;
  /** JSON list of ports of resources that are no HTTP. */
  streams: string;
  /** In its own words. */
  draining: Flag;
}

/** Work that one control node does at a time. */
export interface LeasesTable {
  id: string;
  holder: string;
  until_unix_ms: number;
}

export interface NodeTables {
  control_nodes: ControlNodesTable;
  authorities: AuthoritiesTable;
  site_grants: SiteGrantsTable;
  pop_status: PopStatusTable;
  leases: LeasesTable;
}
