import type { ConnectorsTable, CountersTable, PopsTable, ResourcesTable, SitesTable, TargetsTable } from '../schema.ts';
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
import { allAcmeChallenges, listCertificates } from './certificates.ts';
import { allClientAuthorities, type ClientAuthority } from './client-authorities.ts';
import { allCredentials } from './credentials.ts';
import { allDevices } from './devices.ts';
import { askedDiagnoses } from './diagnoses.ts';
import { allDomains, allTicketSecrets } from './domains.ts';
import { type PublishedFactors, publishedFactors } from './factors.ts';
import { allIdentities, allIdentityProviders } from './identities.ts';
import { allOrganisations } from './organisations.ts';
import { allNamedLists, allOrganisationPolicies } from './policies.ts';
import { type PublishedMembership, publishedMemberships } from './published-memberships.ts';
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

/** The same within a transaction. */
export async function publishedRows(queries: Queries): Promise<PublishedRows> {
  return {
    counters: await publishedCounters(queries),
    organisations: await allOrganisations(queries),
    controlNodes: await queries.selectFrom('control_nodes').selectAll().orderBy('id').execute(),
    sites: await queries.selectFrom('sites').selectAll().orderBy('id').execute(),
    connectors: await queries.selectFrom('connectors').selectAll().orderBy('id').execute(),
    devices: await allDevices(queries),
    pops: await queries.selectFrom('pops').selectAll().orderBy('id').execute(),
    resources: await queries.selectFrom('resources').selectAll().orderBy('id').execute(),
    targets: await queries.selectFrom('targets').selectAll().orderBy('id').execute(),
    users: await queries
      .selectFrom('users')
      .select(['id', 'email', 'name', 'disabled', 'session_epoch', 'created_unix_ms', 'installation_admin'])
      .orderBy('id')
      .execute(),
    factors: await publishedFactors(queries),
    identityProviders: await allIdentityProviders(queries),
    identities: await allIdentities(queries),
    memberships: await publishedMemberships(queries),
    roles: await queries
      .selectFrom('roles')
      .select(['organisation_id', 'name', 'built_in', 'permissions'])
      .orderBy('id')
      .execute(),
    certificates: await listCertificates(queries),
    acmeChallenges: await allAcmeChallenges(queries),
    clientAuthorities: await allClientAuthorities(queries),
    domains: await allDomains(queries),
    ticketSecrets: await allTicketSecrets(queries),
    mailSettings: await queries
      .selectFrom('mail_settings')
      .select(['organisation_id', 'code_sign_in'])
      .orderBy('organisation_id')
      .execute(),
    credentials: await allCredentials(queries),
    organisationPolicies: await allOrganisationPolicies(queries),
    auditSettings: await allAuditSettings(queries),
    requestLogSettings: await allRequestLogSettings(queries),
    namedLists: await allNamedLists(queries),
    askedDiagnoses: await askedDiagnoses(queries),
    grants: await queries.selectFrom('site_grants').selectAll().orderBy('site_id').execute(),
  };
}

/** Where the store is: what is committed up to there is what `publishedRows` gives. */
export function publishedCounters(queries: Queries): Promise<CountersTable> {
  return queries.selectFrom('counters').selectAll().executeTakeFirstOrThrow();
}
