import type { CaptureSettings } from '../../core/capture/index.ts';
import type { CustomPage, HttpSettings } from '../../core/http-rules/index.ts';
import type {
  ClientAuthorityRecord,
  ConnectorRecord,
  ControlRecord,
  CredentialRecord,
  DeviceRecord,
  InstallationRecord,
  LinkRecord,
  MailRecord,
  OrganisationRecord,
  PopRecord,
  ResourceRecord,
  TargetRecord,
  UserMembership,
  UserRecord,
} from '../../core/link/index.ts';
import type { Policy } from '../../core/policy/index.ts';
import type {
  ClientAuthority,
  OrganisationsTable,
  PopsTable,
  PublishedMembership,
  PublishedRows,
  ResourcesTable,
} from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { isSignInKind, streamResourceOf } from '../stream-resources.ts';
import { auditRule } from './audit.ts';
import { consoleRule } from './console.ts';
import { edgeRecords } from './edge.ts';
import { factorRule, knownDevicesOf, publishedPasskeys } from './factors.ts';
import { organisationPoliciesOf } from './policies.ts';
import { publishedIdentities } from './providers.ts';
import { requestLogRule } from './requests.ts';
import { targetOf } from './targets.ts';

/** What rows alone do not say. */
export interface Publication {
  readonly portalHost: string;
  readonly publicPort: number;
}

/** Every record but the site grants, which are signed: rows to records. */
export function recordsOf(rows: PublishedRows, publication: Publication, sealing: StoreSealing): LinkRecord[] {
  const targets = Map.groupBy(rows.targets, (target) => target.resource_id);
  const auditsAll = auditRule(rows.auditSettings);
  const logs = requestLogRule(rows.requestLogSettings);
  return [
    installationOf(rows, publication),
    ...rows.organisations.map(
      (row): OrganisationRecord => ({
        kind: 'organisation',
        id: row.id,
        name: row.name,
        sessionIdleMs: row.session_idle_ms,
        sessionAbsoluteMs: row.session_absolute_ms,
        ...(row.error_pages && { errorPages: JSON.parse(row.error_pages) as CustomPage[] }),
      }),
    ),
    ...rows.controlNodes.map(
      (row): ControlRecord => ({
        kind: 'control',
        id: row.id,
        signingKey: row.signing_key,
        ...(row.url !== '' && { url: row.url }),
      }),
    ),
    ...rows.pops.map(popOf),
    ...rows.connectors.map(
      (row): ConnectorRecord => ({
        kind: 'connector',
        id: row.id,
        name: row.name,
        siteId: row.site_id,
        wireguardKey: row.wireguard_key,
        overlayAddress: row.overlay_address,
        ...(row.draining === 1 && { draining: true }),
      }),
    ),
    ...devicesOf(rows),
    ...rows.resources.flatMap((row) => streamResourceOf(row, targets.get(row.id) ?? [], auditsAll(row))),
    ...rows.resources
      .filter(({ kind }) => isSignInKind(kind))
      .map((row) =>
        resourceOf(
          row,
          (targets.get(row.id) ?? []).map((target) => targetOf(target, sealing)),
          auditsAll(row),
          logs(row),
        ),
      ),
    ...usersOf(rows),
    ...knownDevicesOf(rows.factors),
    ...rows.credentials.map(credentialOf),
    ...organisationPoliciesOf(rows),
    ...rows.clientAuthorities.map(clientAuthorityOf),
    ...edgeRecords(rows, sealing),
    ...rows.mailSettings.map(
      (row): MailRecord => ({ kind: 'mail', id: row.organisation_id, codeSignIn: row.code_sign_in === 1 }),
    ),
  ];
}

/** With the fields alone that say something: there may be very many users. */
function usersOf(rows: PublishedRows): UserRecord[] {
  const identities = publishedIdentities(rows);
  const passkeys = publishedPasskeys(rows.factors);
  const asks = factorRule(rows.factors);
  const memberships = Map.groupBy(rows.memberships, (membership) => membership.userId);
  const sees = consoleRule(rows);
  const first = firstOf(rows);
  return rows.users.map((row) => {
    const own = memberships.get(row.id) ?? [];
    const roles = own.find(({ organisationId }) => organisationId === first.id)?.roles ?? [];
    const keys = passkeys.get(row.id);
    const known = identities.get(row.id);
    return {
      kind: 'user',
      id: row.id,
      email: row.email,
      name: row.name,
      roles,
      disabled: row.disabled === 1,
      ...(known && { identities: known }),
      ...(!isPlain(own, first.id) && { memberships: own.map(membershipOf) }),
      ...(keys && { passkeys: keys }),
      ...(asks(row.id, own) && { asksFactor: true }),
      ...(sees(own) && { seesConsole: true }),
    };
  });
}

function credentialOf(row: PublishedRows['credentials'][number]): CredentialRecord {
  return {
    kind: 'credential',
    id: row.id,
    name: row.name,
    method: row.method,
    resourceIds: row.resourceIds,
    version: row.version,
    secretHash: row.secret_hash,
    ...(row.username !== null && { username: row.username }),
    ...(row.expires_unix_ms !== null && { expiresUnixMs: row.expires_unix_ms }),
    madeUnixMs: row.rotated_unix_ms,
    ...(row.maximum_uses !== null && { maximumUses: row.maximum_uses }),
    ...(row.path_prefix !== null && { pathPrefix: row.path_prefix }),
  };
}

function clientAuthorityOf(row: ClientAuthority): ClientAuthorityRecord {
  return {
    kind: 'clientAuthority',
    id: row.id,
    name: row.name,
    resourceIds: row.resourceIds,
    ...(row.certificate_pem !== null && { certificatePem: row.certificate_pem }),
    fingerprints: JSON.parse(row.fingerprints) as string[],
    revokedSerials: JSON.parse(row.revoked_serials) as string[],
    ...(row.crl_until_unix_ms !== null && { revocationsUntilUnixMs: row.crl_until_unix_ms }),
  };
}

/** With the targets of their sites, all of which are behind each of them. */
function devicesOf(rows: PublishedRows): DeviceRecord[] {
  const targets = Map.groupBy(rows.targets, (target) => target.site_id);
  return rows.devices.map((row) => ({
    kind: 'device',
    id: row.id,
    name: row.name,
    siteId: row.site_id,
    wireguardKey: row.wireguard_key,
    overlayAddress: row.ipv4_address,
    ...(row.pop_id !== null && { popId: row.pop_id }),
    targets: (targets.get(row.site_id) ?? []).map(({ id, host, port }) => ({ id, address: host, port })),
  }));
}

export function popOf(row: PopsTable): PopRecord {
  const draining = row.draining === 1 && { draining: true };
  return {
    kind: 'pop',
    ...popFactsOf(row),
    signingKey: row.signing_key,
    createdUnixMs: row.created_unix_ms,
    ...draining,
  };
}

/** What both the snapshot and the API tell of a PoP. */
export function popFactsOf(row: PopsTable) {
  return {
    id: row.id,
    name: row.name,
    location: { name: row.location_name, latitude: row.latitude, longitude: row.longitude },
    wireguardKey: row.wireguard_key,
    overlayAddress: row.overlay_address,
    udpEndpoints: JSON.parse(row.udp_endpoints) as string[],
    httpsEndpoints: JSON.parse(row.https_endpoints) as string[],
  };
}

/** Domain names of authorities. */
export function issuersOf(row: Pick<OrganisationsTable, 'certificate_issuers'>): string[] {
  return JSON.parse(row.certificate_issuers) as string[];
}

/** Whether `roles` says all that there is to say. */
function isPlain(memberships: readonly PublishedMembership[], first: string): boolean {
  const [only, ...others] = memberships;
  return only?.organisationId === first && only.groups.length === 0 && others.length === 0;
}

function membershipOf({ organisationId, roles, groups }: PublishedMembership): UserMembership {
  return { organisationId, roles, ...(groups.length > 0 && { groups }) };
}

/** The organisation that was there from the start. */
function firstOf({ organisations: [first] }: PublishedRows): OrganisationsTable {
  if (!first) throw new Error('the store holds no organisation');
  return first;
}

function installationOf(rows: PublishedRows, publication: Publication): InstallationRecord {
  const first = firstOf(rows);
  return {
    kind: 'installation',
    id: 'installation',
    organisationId: first.id,
    organisationName: first.name,
    portalHost: publication.portalHost,
    publicPort: publication.publicPort,
    sessionIdleMs: first.session_idle_ms,
    sessionAbsoluteMs: first.session_absolute_ms,
    stalenessMs: first.staleness_ms,
    ...(first.dns_zone !== null && { dnsZone: first.dns_zone }),
    certificateIssuers: issuersOf(first),
  };
}

function resourceOf(
  row: ResourcesTable,
  targets: readonly TargetRecord[],
  auditsAll: boolean,
  logs: ResourceRecord['logs'],
): ResourceRecord {
  return {
    kind: 'resource',
    id: row.id,
    organisationId: row.organisation_id,
    name: row.name,
    host: row.host,
    enabled: row.enabled === 1,
    policy: JSON.parse(row.policy) as Policy,
    targets,
    ...(row.provider_id !== null && { providerId: row.provider_id }),
    balance: { balancing: row.balancing, sticky: row.sticky, panicThreshold: row.panic_threshold },
    ...(auditsAll && { auditsAll }),
    ...(logs && { logs }),
    ...(row.kind === 'access' && { access: true }),
    ...(row.capture && { capture: JSON.parse(row.capture) as CaptureSettings }),
    ...(row.http_settings !== null && { http: JSON.parse(row.http_settings) as HttpSettings }),
  };
}
