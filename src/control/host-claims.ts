/** Whose host names are whose: they are unique over organisations, and nobody takes a name below another's. */
import { bareOf, covers, isBelow } from '../base/index.ts';
import {
  allDomains,
  allHosts,
  allOrganisations,
  type DomainsTable,
  hostsOfOthersNear,
  type OrganisationsTable,
  type ResourcesTable,
  type StoreTransaction,
} from '../io/store/index.ts';
import type { Control } from './control.ts';
import { ControlFailure } from './problems.ts';

/** A name that belongs to an organisation with everything below it. */
interface Reserved {
  readonly name: string;
  readonly organisationId: string;
}

/**
 * Refuses a resource's host that another organisation has: itself, below its wildcard, or as a wildcard above it; or that
 * is below a domain that was given to another. Names below the portal's host and the PoPs' zone are the first
 * organisation's, as far as they were not given away. Failures `host-taken`, `host-reserved`.
 */
export async function requireFreeHost(
  control: Pick<Control, 'portalHost' | 'organisationId'>,
  transaction: StoreTransaction,
  claim: Pick<ResourcesTable, 'id' | 'host' | 'organisation_id'>,
): Promise<void> {
  const reserved = reservedNames(control, await allOrganisations(transaction), await provedDomains(transaction));
  if (reservedAgainst(claim, reserved))
    throw new ControlFailure('host-reserved', `host: names like ${claim.host} are reserved for another organisation`);
  const others = await hostsOfOthersNear(transaction, claim.organisation_id, claim.host);
  if (others.some((other) => collide(claim.host, other.host)))
    throw new ControlFailure('host-taken', `host: ${claim.host} meets a host of another organisation`);
}

/**
 * Refuses a domain that an organisation says is its own where it, or a name above or below it, was given to another or
 * is proved by another. Hosts of others within it are no reason: who proves the domain says what is in it. Failure
 * `host-reserved`.
 */
export async function requireProvable(
  control: Pick<Control, 'portalHost' | 'organisationId'>,
  transaction: StoreTransaction,
  { name, organisation_id }: Pick<DomainsTable, 'name' | 'organisation_id'>,
): Promise<void> {
  const reserved = reservedNames(control, await allOrganisations(transaction), await provedDomains(transaction));
  const meets = (other: string): boolean => other === name || isBelow(name, other) || isBelow(other, name);
  if (reserved.some((other) => other.organisationId !== organisation_id && meets(other.name)))
    throw new ControlFailure('host-reserved', `name: ${name} belongs to another organisation`);
}

/** Refuses domains for an organisation that meet hosts or domains of others. Failures as above. */
export async function requireFreeDomains(
  control: Pick<Control, 'portalHost' | 'organisationId'>,
  transaction: StoreTransaction,
  organisationId: string,
  domains: readonly string[],
): Promise<void> {
  const others = (await allOrganisations(transaction)).filter(({ id }) => id !== organisationId);
  const hosts = (await allHosts(transaction)).filter((host) => host.organisation_id !== organisationId);
  for (const domain of domains) {
    const taken = others.some((other) => domainsOf(other).some((name) => name === domain || isBelow(name, domain)));
    if (taken || domain === control.portalHost)
      throw new ControlFailure('host-reserved', `domains: ${domain} belongs to another organisation`);
    if (hosts.some(({ host }) => bareOf(host) === domain || isBelow(bareOf(host), domain) || covers(host, domain)))
      throw new ControlFailure('host-taken', `domains: another organisation has a host within ${domain}`);
  }
}

export function domainsOf(row: Pick<OrganisationsTable, 'domains'>): string[] {
  return JSON.parse(row.domains) as string[];
}

function reservedNames(
  { portalHost, organisationId }: Pick<Control, 'portalHost' | 'organisationId'>,
  organisations: readonly OrganisationsTable[],
  proved: readonly DomainsTable[],
): Reserved[] {
  const zones = organisations.flatMap(({ dns_zone: zone }) => zone ?? []);
  return [
    ...[portalHost, ...zones].map((name) => ({ name, organisationId })),
    ...organisations.flatMap((row) => domainsOf(row).map((name) => ({ name, organisationId: row.id }))),
    ...proved.map(({ name, organisation_id }) => ({ name, organisationId: organisation_id })),
  ];
}

async function provedDomains(transaction: StoreTransaction): Promise<DomainsTable[]> {
  return (await allDomains(transaction)).filter(({ verified_unix_ms }) => verified_unix_ms !== null);
}

function reservedAgainst(
  { host, organisation_id }: Pick<ResourcesTable, 'host' | 'organisation_id'>,
  reserved: readonly Reserved[],
): boolean {
  const bare = bareOf(host);
  const above = reserved.filter(({ name }) => name === bare || isBelow(bare, name));
  // The longest name says most exactly whose it is.
  const [nearest] = above.sort((a, b) => b.name.length - a.name.length);
  if (nearest && nearest.organisationId !== organisation_id) return true;
  return reserved.some((other) => other.organisationId !== organisation_id && covers(host, other.name));
}

/** Whether two hosts are one, or one is a wildcard and the other a name below it. */
function collide(a: string, b: string): boolean {
  return a === b || covers(a, bareOf(b)) || covers(b, bareOf(a)) || bothWild(a, b);
}

function bothWild(a: string, b: string): boolean {
  return a.startsWith('*.') && b.startsWith('*.') && bareOf(a) === bareOf(b);
}
