import { NAMESERVERS_MAX } from '../../core/dns/index.ts';
import { browserAddresses, nameserverAddresses } from '../../core/steering/index.ts';
import { allHosts, type DomainsTable, domainChecksOf, type PopsTable, type Queries } from '../../io/store/index.ts';
import { type CheckedRecord, checkedRecords, type Look, lookOf } from './checklist.ts';
import { type InstallationNames, type NeededRecord, neededRecords } from './records-of-mode.ts';

interface Publication {
  readonly portalHost: string;
  readonly publicPort: number;
  /** The installation's own organisation, which has the zone. */
  readonly organisationId: string;
}

/** What checklists of domains are made of. */
export interface DomainFacts {
  readonly installation: InstallationNames;
  readonly popAddresses: ReadonlySet<string>;
  readonly hosts: Awaited<ReturnType<typeof allHosts>>;
}

export async function domainFacts(queries: Queries, publication: Publication): Promise<DomainFacts> {
  const zone = queries.selectFrom('organisations').select('dns_zone').where('id', '=', publication.organisationId);
  const dnsZone = (await zone.executeTakeFirst())?.dns_zone ?? null;
  const pops = (await queries.selectFrom('pops').selectAll().orderBy('id').execute()).map(endpointsOf);
  const { portalHost, publicPort } = publication;
  const nameservers = nameserverAddresses(pops, publicPort, NAMESERVERS_MAX);
  return {
    installation: { portalHost, dnsZone, nameservers: nameservers.map((each) => each.map(({ text }) => text)) },
    popAddresses: new Set(pops.flatMap((pop) => browserAddresses(pop, publicPort).map(({ text }) => text))),
    hosts: await allHosts(queries),
  };
}

function endpointsOf({ id, https_endpoints }: Pick<PopsTable, 'id' | 'https_endpoints'>) {
  return { id, httpsEndpoints: JSON.parse(https_endpoints) as string[] };
}

export function needsOf(domain: DomainsTable, { hosts, installation }: DomainFacts): readonly NeededRecord[] {
  const own = hosts.filter(({ organisation_id }) => organisation_id === domain.organisation_id);
  return neededRecords(domain, [...new Set(own.map(({ host }) => host))].sort(), installation);
}

/** The checklist of each domain. */
export async function checklistsOf(
  queries: Queries,
  domains: readonly DomainsTable[],
  publication: Publication,
): Promise<ReadonlyMap<string, CheckedRecord[]>> {
  const facts = await domainFacts(queries, publication);
  const checks = await domainChecksOf(
    queries,
    domains.map(({ id }) => id),
  );
  const looks = Map.groupBy(checks, ({ domain_id }) => domain_id);
  return new Map(
    domains.map((domain) => {
      const of: readonly Look[] = (looks.get(domain.id) ?? []).map(lookOf);
      return [domain.id, checkedRecords(needsOf(domain, facts), of, domain.name, facts.popAddresses)];
    }),
  );
}
