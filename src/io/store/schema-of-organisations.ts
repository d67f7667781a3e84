/** Organisations, who belongs to them, and what they may do there. */

export interface UsersTable {
  id: string;
  /** Lower case. */
  email: string;
  name: string;
  password_hash: string | null;
  disabled: 0 | 1;
  /** Grows when everything that the user is signed in to shall end. */
  session_epoch: number;
  created_unix_ms: number;
  /** May look after PoPs, control nodes, certificates and organisations. */
  installation_admin: 0 | 1;
  /** Whether what the account is proved with was set by whoever reads the mails of its address. Left out: 0. */
  address_proved?: 0 | 1 | undefined;
}

export interface OrganisationsTable {
  id: string;
  name: string;
  session_idle_ms: number;
  session_absolute_ms: number;
  staleness_ms: number;
  dns_zone: string | null;
  /** JSON list of domain names. */
  certificate_issuers: string;
  created_unix_ms: number;
  /** JSON list of domain names below which nobody else has hosts. */
  domains: string;
  /** JSON list of pages in place of Manis's own; null: none. */
  error_pages?: string | null | undefined;
  /** JSON: of what it may have more, or less, than others. Left out: of nothing. */
  quotas?: string | undefined;
  source?: string | null | undefined;
}

/** A role that is there from the start, whose permissions are said by the program. */
export type BuiltInRole = 'owner' | 'admin' | 'member';

export interface RolesTable {
  id: string;
  organisation_id: string;
  name: string;
  created_unix_ms: number;
  built_in: BuiltInRole | null;
  /** JSON list of permissions; of a built-in role it is empty. */
  permissions: string;
  source?: string | null | undefined;
}

export interface MembershipsTable {
  organisation_id: string;
  user_id: string;
  created_unix_ms: number;
}

export interface UserRolesTable {
  user_id: string;
  role_id: string;
}

export interface GroupsTable {
  id: string;
  organisation_id: string;
  name: string;
  created_unix_ms: number;
  source?: string | null | undefined;
}

export interface GroupMembersTable {
  group_id: string;
  user_id: string;
}

/** Whoever is in the group has the role. */
export interface GroupRolesTable {
  group_id: string;
  role_id: string;
}

export interface InvitationsTable {
  id: string;
  organisation_id: string;
  /** SHA-256 of the secret, hex. */
  token_hash: string;
  /** Lower case. */
  email: string;
  /** JSON lists of ids. */
  role_ids: string;
  group_ids: string;
  invited_by: string | null;
  created_unix_ms: number;
  expires_unix_ms: number;
  accepted_unix_ms: number | null;
  accepted_by: string | null;
  /** Whether the mailbox of the address alone was told the link. Left out: 0. */
  mailed?: 0 | 1 | undefined;
}

/** A key with scopes. Without a user it is the organisation's, and stays when people leave. */
export interface ApiKeysTable {
  id: string;
  organisation_id: string;
  user_id: string | null;
  name: string;
  /** SHA-256 of the secret, hex. */
  key_hash: string;
  /** The beginning of the secret, by which people know it again. */
  start: string;
  /** JSON list of permissions. */
  scopes: string;
  /** JSON list of the resources that it is for; null: all. */
  resource_ids: string | null;
  created_by: string | null;
  created_unix_ms: number;
  expires_unix_ms: number | null;
  last_used_unix_ms: number | null;
}
