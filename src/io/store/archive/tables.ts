/** What a backup holds, in an order in which rows come after those they refer to. */
export interface ArchivedTable {
  readonly name: string;
  /** Columns by which its rows are ordered and found, no two rows alike. */
  readonly key: readonly string[];
}

const table = (name: string, ...key: readonly string[]): ArchivedTable => ({
  name,
  key: key.length > 0 ? key : ['id'],
});

/** A table that a later version adds is named here or among those that are left out: the suite of the store insists. */
export const ARCHIVED_TABLES: readonly ArchivedTable[] = [
  table('counters'),
  // Of stores from before there were several.
  table('organisation'),
  table('organisations'),
  table('users'),
  table('roles'),
  table('user_roles', 'user_id', 'role_id'),
  table('memberships', 'organisation_id', 'user_id'),
  table('user_groups'),
  table('group_members', 'group_id', 'user_id'),
  table('group_roles', 'group_id', 'role_id'),
  table('invitations'),
  table('api_keys'),
  table('api_tokens'),
  table('identity_providers'),
  table('identities', 'provider_id', 'subject'),
  table('portal_sessions'),
  table('revocations', 'sequence'),
  // Of stores from before there were several control nodes.
  table('setup', 'user_id'),
  table('setup_links', 'token_hash'),
  table('audit_events'),
  table('audit_settings', 'organisation_id', 'resource_id'),
  table('request_log_settings', 'organisation_id', 'resource_id'),
  table('sites'),
  table('connectors'),
  table('devices'),
  table('resources'),
  table('targets'),
  table('credentials'),
  table('credential_resources', 'credential_id', 'resource_id'),
  table('credential_uses', 'credential_id'),
  table('target_health_changes'),
  table('pops'),
  table('enrolment_tokens'),
  table('keys'),
  table('certificates'),
  table('certificate_orders'),
  table('acme_challenges'),
  table('acme_accounts'),
  table('acme_settings'),
  table('authorities'),
  table('control_nodes'),
  table('sign_in_tries'),
  table('mail_settings', 'organisation_id'),
  table('mails'),
  table('email_codes'),
  table('password_resets', 'token_hash'),
  table('totp_keys'),
  table('recovery_codes', 'code_hash'),
  table('passkeys'),
  table('remembered_browsers'),
  table('known_devices'),
  table('mfa_settings', 'organisation_id'),
  table('spent_proofs'),
  table('organisation_policies', 'organisation_id'),
  table('named_lists', 'organisation_id', 'name'),
  table('client_authorities'),
  table('client_authority_resources', 'authority_id', 'resource_id'),
  table('dns_providers'),
  table('domains'),
  table('own_certificates'),
  table('connector_blueprints', 'connector_id', 'kind'),
  table('quick_tunnels'),
  table('webhooks'),
  table('webhook_deliveries'),
  table('alert_rules'),
];

/**
 * What is true of a moment alone, or is made anew: links of PoPs, leases, how targets are just now, what connectors found out about
 * their networks, signed grants. And the
 * log of requests, which would be most of every backup; what has to last is in the audit.
 */
export const LEFT_OUT_TABLES: readonly string[] = [
  'migrations',
  'pop_status',
  'leases',
  'target_health',
  'site_grants',
  'domain_checks',
  'ticket_secrets',
  'request_log',
  'request_log_days',
  'request_captures',
  'program_sign_ins',
  'live_watches',
  'live_news',
  'raised_alerts',
  'bad_conditions',
  'idempotency_keys',
  'connector_diagnoses',
  'touches',
];
