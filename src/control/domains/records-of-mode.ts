/** Which records a domain needs in DNS, exactly as they are to be made. */
import { hostIsOf } from '../../base/index.ts';
import type { DomainsTable } from '../../io/store/index.ts';

export type RecordPurpose =
  /** Shows whose the domain is. */
  | 'ownership'
  /** Hands the zone to the PoPs. */
  | 'delegation'
  /** The address of a name server that is in the zone itself. */
  | 'glue'
  /** Leads browsers to the PoPs. */
  | 'traffic'
  /** Lets the PoPs prove to an authority that a certificate may be issued. */
  | 'certificate';

export type RecordType = 'TXT' | 'CNAME' | 'NS' | 'A' | 'AAAA';

/** A record to make, as a provider's form asks for it. Names and values are without a dot at the end. */
export interface NeededRecord {
  readonly purpose: RecordPurpose;
  readonly name: string;
  readonly type: RecordType;
  readonly value: string;
  /** Without it something does not work; else another record does the same. */
  readonly isRequired: boolean;
  /** One sentence for people: what it is for. */
  readonly why: string;
}

export interface InstallationNames {
  readonly portalHost: string;
  readonly dnsZone: string | null;
  /** Addresses of each name server, `ns1` first. */
  readonly nameservers: readonly (readonly string[])[];
}

export const PROOF_LABEL = '_manis-challenge';

/** What the text of a proof holds. */
export function proofText({ proof_token }: Pick<DomainsTable, 'proof_token'>): string {
  return `manis-domain-verification=${proof_token}`;
}

/** The label of a name server of a delegated domain: nobody else's delegation names it. */
export function nameserverLabel(index: number, { proof_token }: Pick<DomainsTable, 'proof_token'>): string {
  return `ns${index + 1}-${proof_token}`;
}

/**
 * The name that hosts of a domain are aliases of. Where the installation has a zone it is this domain's alone, so that
 * the alias shows whose the domain is; else it is the portal's host.
 */
export function trafficName(
  { proof_token }: Pick<DomainsTable, 'proof_token'>,
  { portalHost, dnsZone }: Pick<InstallationNames, 'portalHost' | 'dnsZone'>,
): string {
  return dnsZone === null ? portalHost : `to-${proof_token}.${dnsZone}`;
}

/** Where proofs to authorities are put, in the installation's own zone; undefined where there is no alias to it. */
export function challengeAlias(
  domain: Pick<DomainsTable, 'mode' | 'challenge' | 'dns_provider_id' | 'proof_token'>,
  dnsZone: string | null,
): string | undefined {
  const isAsked = domain.mode !== 'zone' && domain.challenge === 'dns-01' && domain.dns_provider_id === null;
  return isAsked && dnsZone !== null ? `acme-${domain.proof_token}.${dnsZone}` : undefined;
}

/** @param hosts of the organisation's resources. */
export function neededRecords(
  domain: DomainsTable,
  hosts: readonly string[],
  installation: InstallationNames,
): readonly NeededRecord[] {
  if (domain.mode === 'zone') return zoneRecords(domain, installation);
  const own = hosts.filter((host) => hostIsOf(host, domain.name));
  return [
    proofRecord(domain, installation),
    ...(domain.mode === 'cname' ? hostRecords(domain, own, installation) : wildRecords(domain, own, installation)),
    ...challengeRecords(domain, installation),
  ];
}

function zoneRecords(domain: DomainsTable, { nameservers }: InstallationNames): NeededRecord[] {
  const { name } = domain;
  return nameservers.flatMap((addresses, index): NeededRecord[] => {
    const server = `${nameserverLabel(index, domain)}.${name}`;
    const why = `Hands ${name} and everything below it to the PoPs, and shows that the domain is yours.`;
    return [
      { purpose: 'delegation', name, type: 'NS', value: server, isRequired: true, why },
      ...addresses.map(
        (address): NeededRecord => ({
          ...{ purpose: 'glue', name: server, type: address.includes(':') ? 'AAAA' : 'A', value: address },
          ...{ isRequired: true, why: 'Says where that name server is; it stands beside the NS records.' },
        }),
      ),
    ];
  });
}

function proofRecord(domain: DomainsTable, installation: InstallationNames): NeededRecord {
  const other = domain.mode === 'cname' ? domain.name : `*.${domain.name}`;
  // Without a zone of the installation everybody's alias is the same, and shows nothing.
  const isRequired = installation.dnsZone === null;
  const instead = isRequired ? '' : ` The CNAME record of ${other} does the same; one of the two is enough.`;
  return {
    ...{ purpose: 'ownership', name: `${PROOF_LABEL}.${domain.name}`, type: 'TXT', value: proofText(domain) },
    ...{ isRequired, why: `Shows that ${domain.name} is yours. Keep it: it is looked at again and again.${instead}` },
  };
}

function hostRecords(domain: DomainsTable, hosts: readonly string[], installation: InstallationNames): NeededRecord[] {
  const names = hosts.length > 0 ? hosts : [domain.name];
  return [...new Set(names)].map((name) => trafficRecord(name, domain, installation, hosts.length > 0));
}

function wildRecords(domain: DomainsTable, hosts: readonly string[], installation: InstallationNames): NeededRecord[] {
  const apex = hosts.includes(domain.name) ? [domain.name] : [];
  return [`*.${domain.name}`, ...apex].map((name) => trafficRecord(name, domain, installation, true));
}

function trafficRecord(
  name: string,
  domain: DomainsTable,
  installation: InstallationNames,
  isRequired: boolean,
): NeededRecord {
  const apex = name === domain.name ? ' Where the zone begins at this name, use ALIAS, ANAME or flattening.' : '';
  return {
    ...{ purpose: 'traffic', name, type: 'CNAME', value: trafficName(domain, installation), isRequired },
    why: `Leads browsers that ask for ${name} to the PoPs.${apex}`,
  };
}

function challengeRecords(domain: DomainsTable, { dnsZone }: InstallationNames): NeededRecord[] {
  const alias = challengeAlias(domain, dnsZone);
  if (alias === undefined) return [];
  return [
    {
      ...{ purpose: 'certificate', name: `_acme-challenge.${domain.name}`, type: 'CNAME', value: alias },
      ...{ isRequired: true, why: 'Lets the PoPs prove to the certificate authority that it may issue.' },
    },
  ];
}
