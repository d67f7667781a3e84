/** Which certificates there are to be: one for each set of names that is covered together. */
import type { CertificateSource, DomainsTable, ResourcesTable } from '../../io/store/index.ts';
import { challengeAlias } from './records-of-mode.ts';
import { hostIsOf, isBelow } from './within.ts';

export type ChallengeKind = 'http-01' | 'tls-alpn-01' | 'dns-01';

/** A certificate that is to be there. */
export interface CertificateWish {
  /** The first of its names: the same certificate keeps it whatever its source. */
  readonly id: string;
  readonly names: readonly string[];
  readonly source: CertificateSource;
  /** Ways to convince an authority, the best first. Empty where none is asked. */
  readonly challenges: readonly ChallengeKind[];
  /** Whose servers have the zone; left out: the PoPs answer for it themselves. */
  readonly dnsProviderId?: string;
  /**
   * The name in the installation's own zone at which `_acme-challenge` of the domain is an alias (RFC 8555 section 8.4
   * follows it): the proof is put there. Left out: at the name itself.
   */
  readonly dnsAlias?: string;
  /** The certificate that somebody gave; for the source `own`. */
  readonly ownCertificateId?: string;
}

export interface WishFacts {
  readonly portalHost: string;
  /** The zone that is delegated to the PoPs. */
  readonly dnsZone: string | null;
  /** Whether an authority is asked: for nothing, for verified domains, or also for names that no domain covers. */
  readonly acme: 'none' | 'domains' | 'all';
  readonly domains: readonly DomainsTable[];
  readonly resources: readonly Pick<ResourcesTable, 'host' | 'organisation_id'>[];
}

/** By their ids, which no two have in common; every host of a resource is covered by one. */
export function certificateWishes(facts: WishFacts): readonly CertificateWish[] {
  const wishes = new Map<string, CertificateWish>();
  const add = (wish: CertificateWish): void => {
    if (!wishes.has(wish.id)) wishes.set(wish.id, wish);
  };
  const { portalHost } = facts;
  portalWishes(facts).forEach(add);
  const coversPortalHosts = wishes.get(portalHost)?.names.includes(`*.${portalHost}`) ?? false;
  for (const resource of facts.resources) {
    const domain = domainOf(resource, facts.domains);
    if (coversPortalHosts && (!domain || !isPublic(domain, facts)) && isOneBelow(resource.host, portalHost)) continue;
    add(domain ? wishWithin(resource.host, domain, facts) : wishOutside(resource.host, facts));
  }
  return [...wishes.values()];
}

/** The nearest domain of the organisation that a host is in. */
export function domainOf(
  resource: Pick<ResourcesTable, 'host' | 'organisation_id'>,
  domains: readonly DomainsTable[],
): DomainsTable | undefined {
  return domains
    .filter((domain) => domain.organisation_id === resource.organisation_id && hostIsOf(resource.host, domain.name))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

/** Whether certificates of a domain come from elsewhere than the local authority. Not before it is proved whose it is. */
function isPublic(domain: DomainsTable, { acme }: WishFacts): boolean {
  if (domain.certificate === 'own') return domain.own_certificate_id !== null;
  return domain.certificate === 'acme' && acme !== 'none' && domain.verified_unix_ms !== null;
}

function wishWithin(host: string, domain: DomainsTable, facts: WishFacts): CertificateWish {
  if (!isPublic(domain, facts)) return local(host);
  if (domain.certificate === 'own') return ownWish(host, domain);
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

function ownWish(host: string, domain: DomainsTable): CertificateWish {
  const own = domain.own_certificate_id !== null && { ownCertificateId: domain.own_certificate_id };
  return { id: host, names: [host], source: 'own', challenges: [], ...own };
}

/** Names that no domain covers. Those in the installation's zone can be proved in it. */
function wishOutside(host: string, facts: WishFacts): CertificateWish {
  if (facts.acme !== 'all') return local(host);
  const isInZone = facts.dnsZone !== null && (host === facts.dnsZone || isBelow(host, facts.dnsZone));
  if (host.startsWith('*.'))
    return isInZone ? { id: host, names: [host], source: 'acme', challenges: ['dns-01'] } : local(host);
  const challenges: ChallengeKind[] = ['http-01', 'tls-alpn-01', ...(isInZone ? (['dns-01'] as const) : [])];
  return { id: host, names: [host], source: 'acme', challenges };
}

/** The portal's own, with what is one label below it where that can be had in one. */
function portalWishes(facts: WishFacts): CertificateWish[] {
  const { portalHost, dnsZone } = facts;
  const names = [portalHost, `*.${portalHost}`];
  if (facts.acme !== 'all') return [{ id: portalHost, names, source: 'local', challenges: [] }];
  const isInZone = dnsZone !== null && (portalHost === dnsZone || isBelow(portalHost, dnsZone));
  if (isInZone) return [{ id: portalHost, names, source: 'acme', challenges: ['dns-01'] }];
  return [wishOutside(portalHost, facts)];
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
