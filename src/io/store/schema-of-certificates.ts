/** Certificates of hosts, and how they are come by. */
type Flag = 0 | 1;

export interface CertificatesTable {
  id: string;
  /** JSON list of names. */
  hosts: string;
  chain_pem: string;
  /** Sealed. */
  key_pem: string;
  not_after_unix_ms: number;
  /** 0 of certificates from before this was written down. */
  not_before_unix_ms: number;
  /** The local authority, an ACME directory, or uploaded. */
  source: 'local' | 'acme' | 'own';
}

/**
 * What becomes of one certificate that an ACME directory issues: when it is due, and the order under way. One control
 * node at a time works on a row, under the lease `certificate:` and its id.
 */
export interface CertificateOrdersTable {
  /** Of the certificate. */
  id: string;
  /** JSON of what is wanted: names, challenges, the provider of DNS. */
  wish: string;
  /** `waiting`: no order is under way. */
  phase: 'waiting' | 'ordered' | 'publishing' | 'proving' | 'finalising';
  /** Of the directory that the order is with, or that issued the certificate. */
  directory_url: string;
  order_url: string | null;
  /** Private key of the certificate to come, sealed. */
  key_pem: string | null;
  /** Version of the snapshot that holds the answers to the challenges. */
  published_epoch: number | null;
  published_revision: number | null;
  started_unix_ms: number | null;
  /** When it is looked at again. */
  next_unix_ms: number;
  /** When the certificate is to be renewed; 0 where there is none. */
  renew_unix_ms: number;
  /** JSON of the window that the directory suggests for that (RFC 9773); null: it suggests none. */
  renewal: string | null;
  /** Tries that failed since the last certificate. */
  failures: number;
  /** How its names were proved for the present certificate; null: there was none. */
  proved_by: 'http-01' | 'tls-alpn-01' | 'dns-01' | null;
  error_code: string | null;
  error_text: string | null;
  error_unix_ms: number | null;
}

/** An answer to a challenge, for PoPs or a provider of DNS to give while an order is under way. */
export interface AcmeChallengesTable {
  id: string;
  certificate_id: string;
  kind: 'http-01' | 'tls-alpn-01' | 'dns-01';
  /** What is proved, without `*.`. */
  name: string;
  token: string;
  /** The key authorisation; of `dns-01` what goes into the TXT record. */
  proof: string;
  /** JSON of certificate and key for `tls-alpn-01`. */
  certificate: string | null;
  /** Name of the TXT record for `dns-01`. */
  record_name: string | null;
  /** Who serves the TXT record; null: the PoPs. */
  dns_provider_id: string | null;
  /** Where the directory is told that the answer is there. */
  url: string;
}

/** The account with a directory, one for all control nodes. */
export interface AcmeAccountsTable {
  /** URL of the directory. */
  id: string;
  /** Sealed. */
  key_pem: string;
  /** Null until the directory has said so. */
  url: string | null;
  created_unix_ms: number;
}

/** Where certificates come from that are not local. */
export interface AcmeSettingsTable {
  /** Always `installation`. */
  id: string;
  directory_url: string;
  /** JSON list of addresses of mail. */
  contacts: string;
  terms_agreed: Flag;
  /** External account binding (RFC 8555 section 7.3.4); the key is sealed. */
  eab_key_id: string | null;
  eab_key: string | null;
  /** Authority to trust beside the system's when the directory is spoken with. */
  ca_pem: string | null;
  /** Kind of certificate to ask for, where the directory has several. */
  profile: string | null;
  /** Hosts that no domain covers get their certificates there, too. */
  is_default: Flag;
  updated_unix_ms: number;
}

export interface CertificateTables {
  certificates: CertificatesTable;
  certificate_orders: CertificateOrdersTable;
  acme_challenges: AcmeChallengesTable;
  acme_accounts: AcmeAccountsTable;
  acme_settings: AcmeSettingsTable;
}
