import type { SelectQueryBuilder } from 'kysely';
import type {
  ConnectorsTable,
  CountersTable,
  PopsTable,
  ResourcesTable,
  SitesTable,
  Tables,
  TargetsTable,
} from '../schema.ts';
import type { AuditSettingsTable } from '../schema-of-audit.ts';
import type { AcmeChallengesTable, CertificatesTable } from '../schema-of-certificates.ts';
import type { DevicesTable } from '../schema-of-devices.ts';
import type { DomainsTable, TicketSecretsTable } from '../schema-of-domains.ts';
import type { IdentityProvidersTable } from '../schema-of-identities.ts';
import type { MailSettingsTable } from '../schema-of-mail.ts';
import type { ControlNodesTable, SiteGrantsTable } from '../schema-of-nodes.ts';
import type { OrganisationsTable, RolesTable, UsersTable } from '../schema-of-organisations.ts';
import type { NamedListsTable, OrganisationPoliciesTable } from '../schema-of-policies.ts';
import type { RequestLogSettingsTable } from '../schema-of-requests.ts';
import type { Queries, Store } from '../store.ts';
import { allAuditSettings } from './audit-settings.ts';
import { allClientAuthorities, type ClientAuthority } from './client-authorities.ts';
import { allCredentials } from './credentials.ts';
import { askedDiagnoses } from './diagnoses.ts';
import { type PublishedFactors, publishedFactors } from './factors.ts';
import { allIdentities } from './identities.ts';
import { allNamedLists, allOrganisationPolicies } from './policies.ts';
import { type PublishedMembership, publishedMemberships } from './published-memberships.ts';
import { type PublishedNoun, type PublishedPart, rowsAmong, rowsAmongEither } from './published-part.ts';
import { allRequestLogSettings } from './request-log-settings.ts';

/** Everything that snapshots are made of, at one revision. */
export interface PublishedRows {
  readonly counters: CountersTable;
  /** The first is the installation's own. */
  readonly organisations: readonly OrganisationsTable[];
  readonly controlNodes: readonly ControlNodesTable[];
  readonly sites: readonly SitesTable[];
  readonly connectors: readonly ConnectorsTable[];
  readonly devices: readonly DevicesTable[];
  readonly pops: readonly PopsTable[];
  readonly resources: readonly ResourcesTable[];
  readonly targets: readonly TargetsTable[];
  readonly users: readonly Omit<UsersTable, 'password_hash'>[];
  readonly factors: PublishedFactors;
  readonly memberships: readonly PublishedMembership[];
  readonly roles: readonly Pick<RolesTable, 'organisation_id' | 'name' | 'built_in' | 'permissions'>[];
  readonly identityProviders: readonly IdentityProvidersTable[];
  readonly identities: Awaited<ReturnType<typeof allIdentities>>;
  readonly certificates: readonly CertificatesTable[];
  readonly acmeChallenges: readonly AcmeChallengesTable[];
  readonly credentials: Awaited<ReturnType<typeof allCredentials>>;
  readonly organisationPolicies: readonly OrganisationPoliciesTable[];
  readonly auditSettings: readonly AuditSettingsTable[];
  readonly requestLogSettings: readonly RequestLogSettingsTable[];
  readonly namedLists: readonly NamedListsTable[];
  readonly grants: readonly SiteGrantsTable[];
  readonly askedDiagnoses: Awaited<ReturnType<typeof askedDiagnoses>>;
  readonly clientAuthorities: readonly ClientAuthority[];
  readonly domains: readonly DomainsTable[];
  readonly ticketSecrets: readonly TicketSecretsTable[];
  readonly mailSettings: readonly Pick<MailSettingsTable, 'organisation_id' | 'code_sign_in'>[];
}

export function readPublishedRows(store: Store): Promise<PublishedRows> {
  return store.read(publishedRows);
}

/** The same within a transaction: everything, or what `part` names with all that its records are made of. */
export async function publishedRows(queries: Queries, part?: PublishedPart): Promise<PublishedRows> {
  const among = (...nouns: PublishedNoun[]): string[] | undefined => part?.ids(...nouns);
  const users = among('user');
  const memberships = await publishedMemberships(queries, users);
  const connectors = await rowsAmongEither(allOf(queries, 'connectors'), [
    ['id', among('connector')],
    ['site_id', among('site')],
  ]);
  const organisations = part && [...new Set(memberships.map((row) => row.organisationId))];
  return {
    ...(await rowsOfAccess(queries, part, organisations)),
    counters: await publishedCounters(queries),
    organisations: await publishedOrganisations(queries, among('organisation')),
    // There are few, and all grants depend on them.
    controlNodes: await allOf(queries, 'control_nodes').execute(),
    pops: part && part.ids('site').length === 0 ? [] : await allOf(queries, 'pops').execute(),
    sites: await rowsAmong(allOf(queries, 'sites'), 'id', among('site')),
    connectors,
    devices: await rowsAmongEither(allOf(queries, 'devices'), [
      ['id', among('device')],
      ['site_id', among('site')],
    ]),
    resources: await rowsAmong(allOf(queries, 'resources'), 'id', among('resource')),
    targets: await rowsAmongEither(allOf(queries, 'targets'), [
      ['resource_id', among('resource')],
      ['site_id', among('site')],
    ]),
    memberships,
    certificates: await rowsAmong(allOf(queries, 'certificates'), 'id', among('certificate')),
    acmeChallenges: await rowsAmong(allOf(queries, 'acme_challenges'), 'id', among('acmeChallenge')),
    domains: await rowsAmong(allOf(queries, 'domains'), 'id', among('domain')),
    ticketSecrets: await rowsAmong(allOf(queries, 'ticket_secrets'), 'id', among('ticketSecret')),
    askedDiagnoses: await askedDiagnoses(queries, part && connectors.map(({ id }) => id)),
    grants: await rowsAmong(queries.selectFrom('site_grants').selectAll().orderBy('site_id'), 'site_id', among('site')),
  };
}

/** What says who may do what. */
async function rowsOfAccess(
  queries: Queries,
  part: PublishedPart | undefined,
  organisations: readonly string[] | undefined,
) {
  const among = (...nouns: PublishedNoun[]): string[] | undefined => part?.ids(...nouns);
  const users = among('user');
  // An empty one is of all resources of an organisation.
  const settings = part && (part.ids('resource').length > 0 ? [...part.ids('resource'), ''] : []);
  const policies = among('organisationPolicy');
  return {
    users: await rowsAmong(
      queries
        .selectFrom('users')
        .select(['id', 'email', 'name', 'disabled', 'session_epoch', 'created_unix_ms', 'installation_admin'])
        .orderBy('id'),
      'id',
      users,
    ),
    factors: await publishedFactors(queries, users, among('knownDevice')),
    identityProviders: await rowsAmong(allOf(queries, 'identity_providers'), 'id', among('identityProvider')),
    identities: await allIdentities(queries, users),
    roles: await rowsAmong(
      queries.selectFrom('roles').select(['organisation_id', 'name', 'built_in', 'permissions']).orderBy('id'),
      'organisation_id',
      organisations,
    ),
    clientAuthorities: await allClientAuthorities(queries, among('clientAuthority')),
    mailSettings: await rowsAmong(
      queries.selectFrom('mail_settings').select(['organisation_id', 'code_sign_in']).orderBy('organisation_id'),
      'organisation_id',
      among('mail'),
    ),
    credentials: await allCredentials(queries, among('credential')),
    organisationPolicies: await allOrganisationPolicies(queries, policies),
    namedLists: await allNamedLists(queries, policies),
    auditSettings: await allAuditSettings(queries, settings),
    requestLogSettings: await allRequestLogSettings(queries, settings),
  };
}

type TableWithId =
  | 'control_nodes'
  | 'pops'
  | 'sites'
  | 'connectors'
  | 'devices'
  | 'resources'
  | 'targets'
  | 'certificates'
  | 'acme_challenges'
  | 'domains'
  | 'ticket_secrets'
  | 'identity_providers';

function allOf<Table extends TableWithId>(queries: Queries, table: Table) {
  const query = queries
    .selectFrom(table as 'sites')
    .selectAll()
    .orderBy('id');
  return query as unknown as SelectQueryBuilder<Tables, Table, Tables[Table]>;
}

/** The first, which says things of the installation, always. */
async function publishedOrganisations(
  queries: Queries,
  ids: readonly string[] | undefined,
): Promise<OrganisationsTable[]> {
  const all = queries.selectFrom('organisations').selectAll().orderBy('id');
  if (!ids) return all.execute();
  const first = await queries.selectFrom('organisations').select('id').orderBy('id').limit(1).execute();
  return rowsAmong(all, 'id', [...first.map(({ id }) => id), ...ids]);
}

/** Where the store is: what is committed up to there is what `publishedRows` gives. */
export function publishedCounters(queries: Queries): Promise<CountersTable> {
  return queries.selectFrom('counters').selectAll().executeTakeFirstOrThrow();
}
