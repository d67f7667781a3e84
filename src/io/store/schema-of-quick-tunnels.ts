/** What `manis try` published for a while: a site with its connector and resources, which end together. */
export interface QuickTunnelsTable {
  id: string;
  organisation_id: string;
  name: string;
  site_id: string;
  /** JSON list of the ids of its resources. */
  resource_ids: string;
  /** What lets people in; null: everybody may, or a policy says. */
  credential_id: string | null;
  /** JSON: by id of a target, its URL once it is kept. */
  kept_urls: string;
  /** `user:usr_...` */
  created_by: string;
  created_unix_ms: number;
  /** When it is over, whatever is said. */
  expires_unix_ms: number;
  /** When it is over unless its program says before that it lives. */
  lease_unix_ms: number;
}

export interface QuickTunnelTables {
  quick_tunnels: QuickTunnelsTable;
}
