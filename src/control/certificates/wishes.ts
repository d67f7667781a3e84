export type ChallengeKind = 'http-01' | 'tls-alpn-01' | 'dns-01';

/** Names that are to be in one certificate, and where it is to come from. */
export interface CertificateWish {
  /** Of the certificate, too. */
  readonly id: string;
  readonly names: readonly string[];
  readonly source: 'local' | 'acme' | 'own';
  /** How the names may be proved to an ACME directory, the best first. */
  readonly challenges: readonly ChallengeKind[];
  /** Who serves the TXT records of `dns-01`; left out: the PoPs do, for the zone that is theirs. */
  readonly dnsProviderId?: string;
  /**
   * The name in the installation's own zone that `_acme-challenge` of the domain is an alias of (RFC 8555 section 8.4
   * follows it): the TXT record is put there. Left out: at the name itself.
   */
  readonly dnsAlias?: string;
  /** The certificate that somebody gave; for the source `own`. */
  readonly ownCertificateId?: string;
}

/** What decides about hosts that no domain covers. */
export interface DefaultWishes {
  readonly portalHost: string;
  readonly source: 'local' | 'acme';
  /** The zone that the PoPs answer for. */
  readonly dnsZone: string | null;
}

/**
 * Wishes for every host that none of `covered` is for: the portal with everything one label below it, and a certificate
 * for each other host. A directory signs a wildcard only where the PoPs answer for its zone; where they do not, each host
 * has its own.
 */
export function defaultWishes(
  hosts: readonly string[],
  { portalHost, source, dnsZone }: DefaultWishes,
  covered: readonly CertificateWish[],
): CertificateWish[] {
  const canBeWild = (name: string) => source === 'local' || (dnsZone !== null && isWithin(name, dnsZone));
  const wishes: CertificateWish[] = [];
  /** Those that hosts are left to. */
  const covering = new CoveredHosts(covered);
  const add = (id: string, names: readonly string[]): void => {
    if (covering.has(id)) return;
    const wish = { id, names, source, challenges: source === 'acme' ? challengesFor(names, dnsZone) : [] };
    wishes.push(wish);
    if (!id.startsWith('*.') || canBeWild(id.slice(2))) covering.add(wish);
  };
  add(portalHost, canBeWild(portalHost) ? [portalHost, `*.${portalHost}`] : [portalHost]);
  // Wildcards come first in this order.
  for (const host of hosts.toSorted()) add(host, [host]);
  return wishes;
}

/** Nothing but DNS proves a wildcard, and the PoPs answer for their own zone alone. */
function challengesFor(names: readonly string[], dnsZone: string | null): ChallengeKind[] {
  const isInZone = dnsZone !== null && names.every((name) => isWithin(name.replace(/^\*\./, ''), dnsZone));
  const byDns: ChallengeKind[] = isInZone ? ['dns-01'] : [];
  return names.some((name) => name.startsWith('*.')) ? byDns : ['http-01', 'tls-alpn-01', ...byDns];
}

/** The hosts that certificates are good for. A wildcard stands for one label (RFC 9525 section 6.3). */
export class CoveredHosts {
  readonly #names = new Set<string>();

  constructor(wishes: readonly CertificateWish[] = []) {
    for (const wish of wishes) this.add(wish);
  }

  add({ names }: Pick<CertificateWish, 'names'>): void {
    for (const name of names) this.#names.add(name);
  }

  has(host: string): boolean {
    return this.#names.has(host) || this.#names.has(wildcardOver(host));
  }
}

/** The wildcard that stands for a host beside others; of a wildcard, itself. */
export function wildcardOver(host: string): string {
  return `*${host.slice(host.indexOf('.'))}`;
}

export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}
