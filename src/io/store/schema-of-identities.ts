/** Identity providers, and who came through them. */
export interface IdentityProvidersTable {
  id: string;
  organisation_id: string;
  /** In addresses: `google`. */
  name: string;
  enabled: 0 | 1;
  client_id: string;
  /** Sealed; null for a public client. */
  client_secret: string | null;
  /** JSON of `ProviderSettings`. */
  settings: string;
  created_unix_ms: number;
  source?: string | null | undefined;
}

/** What a provider calls a user. */
export interface IdentitiesTable {
  provider_id: string;
  subject: string;
  user_id: string;
  /** What the provider said last, whatever it is worth; for administrators. */
  email: string | null;
  /** JSON list of `Provided`: what the mapping gave, and nobody else had given before. It goes when the mapping gives it no more. */
  provided: string;
  created_unix_ms: number;
  seen_unix_ms: number;
}
