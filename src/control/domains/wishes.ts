/** Which certificates there are to be: one for each set of names that is covered together. */
import { hostIsOf, isBelow } from '../../base/index.ts';
import {
  allDomains,
  allOwnCertificates,
  type DomainsTable,
  type Queries,
  type ResourcesTable,
} from '../../io/store/index.ts';
import type { CertificateWish, ChallengeKind } from '../certificates/wishes.ts';
import { challengeAlias } from './records-of-mode.ts';

export interface WishFacts {
  readonly portalHost: string;
  /** The zone that is delegated to the PoPs. */
  readonly dnsZone: string | null;
  /** Whether there is an ACME directory to ask. */
  readonly hasAcme: boolean;
}

/** Of a resource, and whose it is. */
export type Host = Pick<ResourcesTable, 'host' | 'organisation_id'>;

/** Wishes for those of these hosts that are in a domain of their organisation. */
export async function domainWishes(
  queries: Queries,
  facts: WishFacts,
  hosts: readonly Host[],
): Promise<CertificateWish[]> {
  const domains = await allDomains(queries);
  if (domains.length === 0) return [];
  const own = new Map((await allOwnCertificates(queries)).map((row) => [row.id, JSON.parse(row.hosts) as string[]]));
  return certificateWishes(domains, hosts, facts, own);
}

/**
 * By their ids, which no two have in common.
 *
 * @param own names of each certificate that was given.
 */
export function certificateWishes(
  domains: readonly DomainsTable[],
  hosts: readonly Host[],
  facts: WishFacts,
  own: ReadonlyMap<string, readonly string[]> = new Map(),
): CertificateWish[] {
  const wishes = new Map<string, CertificateWish>();
  const byOrganisation = Map.groupBy(domains, (domain) => domain.organisation_id);
  for (const host of hosts) {
    const ofItsOrganisation = byOrganisation.get(host.organisation_id) ?? [];
    const domain = domainOf(host, ofItsOrganisation);
    const wish = domain && wishWithin(host.host, domain, facts, ownNames(domain, ofItsOrganisation, own));
    // The portal's own certificate covers it.
    if (!wish || (wish.source === 'local' && isOneBelow(host.host, facts.portalHost))) continue;
    if (!wishes.has(wish.id)) wishes.set(wish.id, wish);
  }
  return [...wishes.values()];
}

/** The nearest domain of the organisation that a host is in. */
export function domainOf(resource: Host, domains: readonly DomainsTable[]): DomainsTable | undefined {
  return domains
    .filter((domain) => domain.organisation_id === resource.organisation_id && hostIsOf(resource.host, domain.name))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/** Whether certificates of a domain come from elsewhere than the local authority. Not before it is proved whose it is. */
function isPublic(domain: DomainsTable, { hasAcme }: WishFacts): boolean {
  if (domain.verified_unix_ms === null) return false;
  return domain.certificate === 'own' || (domain.certificate === 'acme' && hasAcme);
}

function wishWithin(host: string, domain: DomainsTable, facts: WishFacts, own: readonly string[]): CertificateWish {
  if (!isPublic(domain, facts)) return local(host);
  if (domain.certificate === 'own') return ownWish(host, domain, own);
  if (coversTogether(domain, facts) && (host === domain.name || isOneBelow(host, domain.name)))
    return {
      ...{ id: `*.${domain.name}`, names: [`*.${domain.name}`, domain.name], source: 'acme' },
      ...{ challenges: ['dns-01'], ...whereProved(domain, facts) },
    };
  const challenges = challengesFor(host, domain, facts);
  if (challenges.length === 0) return local(host);
  const dns = challenges.includes('dns-01') && whereProved(domain, facts);
  return { id: host, names: [host], source: 'acme', challenges, ...dns };
}

/** One for all hosts that it names; a host that it does not name has a local one. */
function ownWish(host: string, { own_certificate_id: id }: DomainsTable, names: readonly string[]): CertificateWish {
  const wildcard = `*${host.slice(host.indexOf('.'))}`;
  if (id === null || !(names.includes(host) || names.includes(wildcard))) return local(host);
  return { id, names, source: 'own', challenges: [], ownCertificateId: id };
}

/** Names of the certificate of a domain within the verified domains that have chosen it: it is not for others' hosts. */
function ownNames(
  { own_certificate_id: id, organisation_id }: DomainsTable,
  domains: readonly DomainsTable[],
  own: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const names = (id !== null && own.get(id)) || [];
  const choosing = domains.filter(
    (one) =>
      one.own_certificate_id === id &&
      one.certificate === 'own' &&
      one.organisation_id === organisation_id &&
      one.verified_unix_ms !== null,
  );
  return names.filter((name) => choosing.some((domain) => hostIsOf(name, domain.name)));
}

/** Whether one certificate with a wildcard serves the hosts of a domain. */
function coversTogether(domain: DomainsTable, facts: WishFacts): boolean {
  if (domain.mode === 'cname') return false;
  if (domain.challenge !== null && domain.challenge !== 'dns-01') return false;
  return canProveByDns(domain, facts);
}

/** In a zone that the PoPs answer for, through its provider, or through an alias that the checklist asks for. */
function canProveByDns(domain: DomainsTable, facts: WishFacts): boolean {
  return domain.mode === 'zone' || domain.dns_provider_id !== null || hasAlias(domain, facts);
}

function hasAlias(domain: DomainsTable, { dnsZone }: WishFacts): boolean {
  return challengeAlias(domain, dnsZone) !== undefined;
}

function challengesFor(host: string, domain: DomainsTable, facts: WishFacts): ChallengeKind[] {
  const dns: ChallengeKind[] = canProveByDns(domain, facts) ? ['dns-01'] : [];
  // An authority takes nothing else for a wildcard (RFC 8555 section 7.1.3).
  if (host.startsWith('*.')) return dns;
  if (domain.challenge === 'dns-01') return dns;
  return domain.challenge === null ? ['http-01', 'tls-alpn-01', ...dns] : [domain.challenge];
}

function whereProved(
  domain: DomainsTable,
  { dnsZone }: WishFacts,
): Pick<CertificateWish, 'dnsProviderId' | 'dnsAlias'> {
  if (domain.mode === 'zone') return {};
  if (domain.dns_provider_id !== null) return { dnsProviderId: domain.dns_provider_id };
  const alias = challengeAlias(domain, dnsZone);
  return alias === undefined ? {} : { dnsAlias: alias };
}

function local(host: string): CertificateWish {
  return { id: host, names: [host], source: 'local', challenges: [] };
}

/** A wildcard stands for one label (RFC 9525 section 6.3). */
function isOneBelow(host: string, above: string): boolean {
  return isBelow(host, above) && !host.slice(0, -above.length - 1).includes('.');
}
