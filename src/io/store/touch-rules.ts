/** What a change of a row makes PoPs have to learn: a line for each table that snapshots are made of. */

/** What is read anew. Some stand for several others: whoever has a role, say. */
export type TouchNoun =
  | 'everything'
  | 'organisation'
  | 'control'
  | 'site'
  | 'connector'
  | 'diagnosis'
  | 'device'
  | 'resource'
  | 'resourcesOf'
  | 'user'
  | 'membersOf'
  | 'role'
  | 'group'
  | 'knownDevice'
  | 'identityProvider'
  | 'certificate'
  | 'acmeChallenge'
  | 'clientAuthority'
  | 'credential'
  | 'domain'
  | 'ticketSecret'
  | 'mail'
  | 'organisationPolicy';

export interface TouchRule {
  /** Columns of which alone a change counts; left out: any. For tables whose other columns change all the time. */
  readonly columns?: readonly string[];
  /** Noun and id, in SQL, of the row that is called so in a trigger. */
  readonly touches: (row: string) => readonly (readonly [noun: TouchNoun, id: string])[];
}

/** One that is named by a column. */
const one =
  (noun: TouchNoun, column = 'id'): TouchRule['touches'] =>
  (row) => [[noun, `${row}.${column}`]];

/** Settings of a resource, or, where it is empty, of all resources of the organisation. */
const settings: TouchRule['touches'] = (row) => [
  ['resource', `${row}.resource_id`],
  ['resourcesOf', `case when ${row}.resource_id = '' then ${row}.organisation_id else '' end`],
];

/** One that belongs to a site, whose grant or devices it is part of. */
const atSite =
  (noun: TouchNoun, column = 'id'): TouchRule['touches'] =>
  (row) => [
    [noun, `${row}.${column}`],
    ['site', `${row}.site_id`],
  ];

export const TOUCH_RULES = {
  organisations: { touches: one('organisation') },
  // Others say that the node lives.
  control_nodes: { columns: ['signing_key', 'url'], touches: one('control') },
  // Every grant names them all.
  pops: { touches: () => [['everything', "'all'"]] },
  sites: { touches: one('site') },
  site_grants: { touches: one('site', 'site_id') },
  connectors: { touches: atSite('connector') },
  connector_diagnoses: { columns: ['asked'], touches: one('diagnosis', 'connector_id') },
  devices: { touches: atSite('device') },
  resources: { touches: one('resource') },
  targets: { touches: atSite('resource', 'resource_id') },
  audit_settings: { touches: settings },
  request_log_settings: { touches: settings },
  users: { columns: ['email', 'name', 'disabled'], touches: one('user') },
  memberships: { touches: one('user', 'user_id') },
  user_roles: { touches: one('user', 'user_id') },
  roles: { touches: one('role') },
  user_groups: { touches: one('group') },
  group_members: { touches: one('user', 'user_id') },
  group_roles: { touches: one('group', 'group_id') },
  passkeys: { columns: ['user_id', 'credential_id', 'public_key'], touches: one('user', 'user_id') },
  totp_keys: { columns: ['user_id', 'confirmed_unix_ms'], touches: one('user', 'user_id') },
  known_devices: { columns: ['user_id', 'public_key', 'approved_unix_ms'], touches: one('knownDevice') },
  mfa_settings: { touches: one('membersOf', 'organisation_id') },
  identity_providers: { touches: one('identityProvider') },
  identities: { columns: ['user_id', 'provider_id', 'subject'], touches: one('user', 'user_id') },
  certificates: { touches: one('certificate') },
  acme_challenges: { touches: one('acmeChallenge') },
  client_authorities: { touches: one('clientAuthority') },
  client_authority_resources: { touches: one('clientAuthority', 'authority_id') },
  credentials: { touches: one('credential') },
  credential_resources: { touches: one('credential', 'credential_id') },
  domains: { touches: one('domain') },
  ticket_secrets: { touches: one('ticketSecret') },
  mail_settings: { touches: one('mail', 'organisation_id') },
  organisation_policies: { touches: one('organisationPolicy', 'organisation_id') },
  named_lists: { touches: one('organisationPolicy', 'organisation_id') },
} as const satisfies Record<string, TouchRule>;

export type TouchedTable = keyof typeof TOUCH_RULES;

/** For a trigger: ` of a, b`. */
export function columnsThatCount(table: TouchedTable, event: 'insert' | 'update' | 'delete'): string {
  const { columns }: TouchRule = TOUCH_RULES[table];
  return event === 'update' && columns ? ` of ${columns.join(', ')}` : '';
}
