export type DomainMode = 'zone' | 'cname' | 'wildcard-cname';
export type CertificateSource = 'local' | 'acme' | 'own';
export type DomainState = 'waiting' | 'verified' | 'failing';

/** A name of an organisation's, with everything below it, once the organisation has proved that it is. */
export interface DomainsTable {
  id: string;
  organisation_id: string;
  /** In its normal form: `example.com`. */
  name: string;
  mode: DomainMode;
  /** Where certificates of its hosts come from. */
  certificate: CertificateSource;
  /** How an authority is convinced; null: whatever fits. */
  challenge: 'http-01' | 'tls-alpn-01' | 'dns-01' | null;
  dns_provider_id: string | null;
  own_certificate_id: string | null;
  /** What the organisation puts into DNS as a proof; of this domain of this organisation alone. */
  proof_token: string;
  state: DomainState;
  state_since_unix_ms: number;
  /** Why it is in that state, for people. */
  reason: string;
  /** When it was proved first; null: never. */
  verified_unix_ms: number | null;
  checked_unix_ms: number | null;
  /** JSON of what the API calls `hsts`; null: as the installation has it. */
  hsts: string | null;
  created_unix_ms: number;
  source?: string | null | undefined;
}

/** What one place has found in DNS of a domain, last time it looked. */
export interface DomainChecksTable {
  domain_id: string;
  /** `control`, or the id of a PoP. */
  observer: string;
  checked_unix_ms: number;
  /** JSON of answers by question. */
  answers: string;
}

/** An account at whoever serves a zone, for proofs to authorities. */
export interface DnsProvidersTable {
  id: string;
  organisation_id: string;
  name: string;
  kind: string;
  /** JSON of what is no secret. */
  settings: string;
  /** Sealed. */
  secret: string;
  created_unix_ms: number;
  source?: string | null | undefined;
}

/** What session tickets of one span of time are made with. It goes when the span is over: what it protected stays closed. */
export interface TicketSecretsTable {
  /** The number of the span. */
  id: string;
  /** Sealed. */
  secret: string;
}

/** A certificate that an organisation gave. */
export interface OwnCertificatesTable {
  id: string;
  organisation_id: string;
  name: string;
  /** JSON list of names. */
  hosts: string;
  chain_pem: string;
  /** Sealed as keys of certificates are. */
  key_pem: string;
  not_before_unix_ms: number;
  not_after_unix_ms: number;
  /** JSON list of sentences. */
  warnings: string;
  /** Files that it is read from, of the control node `node_id`; null: it was sent. */
  chain_path: string | null;
  key_path: string | null;
  node_id: string | null;
  /** What is wrong with what the files hold now. */
  fault: string | null;
  created_unix_ms: number;
}

export interface DomainTables {
  own_certificates: OwnCertificatesTable;
  ticket_secrets: TicketSecretsTable;
  domains: DomainsTable;
  domain_checks: DomainChecksTable;
  dns_providers: DnsProvidersTable;
}
