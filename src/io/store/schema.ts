/**
 * The tables, in types that SQLite and PostgreSQL have in common: text (ids, JSON, keys), bigint (times in Unix
 * milliseconds, versions), integer (0 and 1 for booleans, ports) and double precision (coordinates).
 */
import type { AuditTables } from './schema-of-audit.ts';
import type { CertificateTables } from './schema-of-certificates.ts';
import type { ClientAuthorityTables } from './schema-of-client-authorities.ts';
import type { CredentialResourcesTable, CredentialsTable, CredentialUsesTable } from './schema-of-credentials.ts';
import type { DevicesTable } from './schema-of-devices.ts';
import type { DiagnosisTables } from './schema-of-diagnoses.ts';
import type { DomainTables } from './schema-of-domains.ts';
import type { FactorTables } from './schema-of-factors.ts';
import type { TargetHealthChangesTable, TargetHealthTable } from './schema-of-health.ts';
import type { IdempotencyTables } from './schema-of-idempotency.ts';
import type { IdentitiesTable, IdentityProvidersTable } from './schema-of-identities.ts';
import type { LiveTables } from './schema-of-live.ts';
import type { MailTables } from './schema-of-mail.ts';
import type { NodeTables } from './schema-of-nodes.ts';
import type { NoticeTables } from './schema-of-notices.ts';
import type {
  ApiKeysTable,
  GroupMembersTable,
  GroupRolesTable,
  GroupsTable,
  InvitationsTable,
  MembershipsTable,
  OrganisationsTable,
  RolesTable,
  UserRolesTable,
  UsersTable,
} from './schema-of-organisations.ts';
import type { PolicyTables } from './schema-of-policies.ts';
import type { ProgramSignInTables } from './schema-of-program-sign-ins.ts';
import type { QuickTunnelTables } from './schema-of-quick-tunnels.ts';
import type { RequestTables } from './schema-of-requests.ts';
import type { SourceTables } from './schema-of-sources.ts';

type Flag = 0 | 1;

export interface CountersTable {
  /** Always `snapshot`: one row, locked by whoever publishes a change (network.md, point 8). */
  id: string;
  epoch: number;
  revision: number;
  revocation_sequence: number;
  /** Which history of PostgreSQL the epoch belongs to; null in an embedded store. */
  lineage: string | null;
}

export interface SitesTable {
  id: string;
  organisation_id: string;
  name: string;
  created_unix_ms: number;
  /** Who owns it by `core/blueprint`; null: the dashboard. */
  source?: string | null | undefined;
  /** JSON of `SitePublishing` of control: what its connectors may publish by themselves; null: nothing. */
  publishing?: string | null | undefined;
  /** When it ends by itself; null or left out: never. */
  expires_unix_ms?: number | null | undefined;
}

export interface ConnectorsTable {
  id: string;
  organisation_id: string;
  site_id: string;
  name: string;
  wireguard_key: string;
  overlay_address: string;
  created_unix_ms: number;
  draining: Flag;
}

export interface ResourcesTable {
  id: string;
  organisation_id: string;
  name: string;
  host: string;
  enabled: Flag;
  /** JSON of a policy. */
  policy: string;
  balancing: 'round-robin' | 'least-latency';
  sticky: 'none' | 'cookie' | 'client-address';
  panic_threshold: number;
  /** The identity provider that people are led to at once. */
  provider_id: string | null;
  /** JSON of `HttpSettings`; null: nothing differs from the default. */
  http_settings: string | null;
  /** What it carries; `tls` is passed through by the name that clients ask for. */
  kind: 'http' | 'tcp' | 'udp' | 'tls' | 'access';
  /** JSON of `StreamListen`; null for `http`. */
  listen: string | null;
  /** JSON of `ProxyProtocolSettings`; null: none. */
  proxy_protocol: string | null;
  created_unix_ms: number;
  source?: string | null | undefined;
  /** JSON of `CaptureSettings`; null or left out: nothing is captured. */
  capture?: string | null | undefined;
  /** When it ends by itself; null or left out: never. */
  expires_unix_ms?: number | null | undefined;
}

export interface TargetsTable {
  id: string;
  organisation_id: string;
  resource_id: string;
  site_id: string;
  overlay_port: number;
  /** Ports in a row from there on, and from `port` on. */
  port_count: number;
  scheme: 'http' | 'https' | 'tcp' | 'udp';
  host: string;
  port: number;
  host_header: string | null;
  tls_server_name: string | null;
  tls_verify: Flag;
  priority: number;
  weight: number;
  /** JSON of what the API calls `check`; null: it is not checked. */
  check_settings: string | null;
  /** JSON of `StoredBackend` of control; null: HTTP/1.1 over TCP, and nothing of its own for TLS. */
  backend: string | null;
  created_unix_ms: number;
}

export interface PopsTable {
  id: string;
  name: string;
  location_name: string;
  latitude: number;
  longitude: number;
  wireguard_key: string;
  overlay_address: string;
  signing_key: string;
  /** JSON lists of text. */
  udp_endpoints: string;
  https_endpoints: string;
  created_unix_ms: number;
  /** An administrator wants it empty. */
  draining: Flag;
}

export interface EnrolmentTokensTable {
  id: string;
  /** SHA-256 of the secret, hex. */
  token_hash: string;
  kind: 'pop' | 'connector';
  site_id: string | null;
  name: string | null;
  location_name: string | null;
  latitude: number | null;
  longitude: number | null;
  created_unix_ms: number;
  expires_unix_ms: number;
  used_unix_ms: number | null;
  used_by: string | null;
}

export interface ApiTokensTable {
  id: string;
  token_hash: string;
  user_id: string;
  name: string;
  created_unix_ms: number;
  expires_unix_ms: number | null;
  last_used_unix_ms: number | null;
  /** Each use lets it live so long again; null or left out: it ends when it was said. */
  idle_ms?: number | null | undefined;
  /** Ended where all sessions of its user are; null or left out: it lives on. */
  session_epoch?: number | null | undefined;
}

export interface PortalSessionsTable {
  id: string;
  user_id: string;
  created_unix_ms: number;
  expires_unix_ms: number;
  client_address: string;
  user_agent: string;
  pop_id: string | null;
  revoked_unix_ms: number | null;
  /** The identity provider that it came through, and its id of the session there. */
  provider_id: string | null;
  provider_sid: string | null;
}

export interface RevocationsTable {
  /** Grows by one with each revocation. */
  sequence: number;
  /** JSON of a revocation entry. */
  entry: string;
  unix_ms: number;
  /** After this nothing that it revokes can live. */
  expires_unix_ms: number;
}

export interface KeysTable {
  id: string;
  purpose: 'root' | 'control';
  /** Base64url. */
  public_key: string;
  /** Base64url of the Ed25519 seed. */
  private_key: string;
  created_unix_ms: number;
}

/** A link with which somebody chooses a first password. Each control node hands out its own; the first that is used ends all. */
export interface SetupLinksTable {
  token_hash: string;
  user_id: string;
  control_id: string;
  created_unix_ms: number;
}

export interface SignInTriesTable {
  /** `account:` or `address:` and which. */
  id: string;
  tries: number;
  /** Then the count begins anew. */
  until_unix_ms: number;
}

export interface Tables
  extends NodeTables,
    MailTables,
    NoticeTables,
    FactorTables,
    PolicyTables,
    ClientAuthorityTables,
    AuditTables,
    RequestTables,
    LiveTables,
    DomainTables,
    CertificateTables,
    IdempotencyTables,
    ProgramSignInTables,
    QuickTunnelTables,
    SourceTables,
    DiagnosisTables {
  counters: CountersTable;
  organisations: OrganisationsTable;
  users: UsersTable;
  roles: RolesTable;
  user_roles: UserRolesTable;
  memberships: MembershipsTable;
  user_groups: GroupsTable;
  group_members: GroupMembersTable;
  group_roles: GroupRolesTable;
  invitations: InvitationsTable;
  api_keys: ApiKeysTable;
  sites: SitesTable;
  connectors: ConnectorsTable;
  devices: DevicesTable;
  resources: ResourcesTable;
  targets: TargetsTable;
  credentials: CredentialsTable;
  credential_resources: CredentialResourcesTable;
  credential_uses: CredentialUsesTable;
  target_health: TargetHealthTable;
  target_health_changes: TargetHealthChangesTable;
  pops: PopsTable;
  enrolment_tokens: EnrolmentTokensTable;
  api_tokens: ApiTokensTable;
  portal_sessions: PortalSessionsTable;
  revocations: RevocationsTable;
  keys: KeysTable;
  setup_links: SetupLinksTable;
  identity_providers: IdentityProvidersTable;
  identities: IdentitiesTable;
  sign_in_tries: SignInTriesTable;
}
