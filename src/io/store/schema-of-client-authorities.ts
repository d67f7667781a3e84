/** Who vouches for the certificates of clients: a certificate of an authority, or the certificates themselves. */
export interface ClientAuthoritiesTable {
  id: string;
  organisation_id: string;
  name: string;
  certificate_pem: string | null;
  /** JSON list of SHA-256 of certificates that are taken as they are. */
  fingerprints: string;
  /** The list of what the authority revoked, as it was given. */
  crl_pem: string | null;
  /** JSON list of the serial numbers in it, hexadecimal. */
  revoked_serials: string;
  /** Until when the list counts; after that nothing of the authority's does. */
  crl_until_unix_ms: number | null;
  created_unix_ms: number;
  source?: string | null | undefined;
}

export interface ClientAuthorityResourcesTable {
  authority_id: string;
  resource_id: string;
}

export interface ClientAuthorityTables {
  client_authorities: ClientAuthoritiesTable;
  client_authority_resources: ClientAuthorityResourcesTable;
}
