/** What opens resources to whoever knows its secret. */
export interface CredentialsTable {
  id: string;
  organisation_id: string;
  name: string;
  method: 'pin' | 'resource-password' | 'share-link' | 'service-token' | 'header';
  username: string | null;
  /** argon2id where people choose the secret, SHA-256 of 256 random bits. */
  secret_hash: string;
  /** Grows when the secret changes. */
  version: number;
  expires_unix_ms: number | null;
  maximum_uses: number | null;
  path_prefix: string | null;
  created_unix_ms: number;
  /** When its secret was made. */
  rotated_unix_ms: number;
  source?: string | null | undefined;
}

export interface CredentialResourcesTable {
  credential_id: string;
  resource_id: string;
}

/** What PoPs have told of a credential, and what they were granted. */
export interface CredentialUsesTable {
  credential_id: string;
  /** Of which version; counts of older ones are gone. */
  version: number;
  /** Sign-ins and, of tokens, times that a PoP found it used. */
  uses: number;
  last_used_unix_ms: number | null;
  /** When wrong secrets were last so many that nobody was asked for it any more. */
  attacked_unix_ms: number | null;
  /** Uses of a limited share link that were given to PoPs. */
  granted_uses: number;
  /** JSON list of `[unixMs, tries]`: what was given to PoPs of late for judging secrets. */
  granted_tries: string;
}
