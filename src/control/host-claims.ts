/** Whose host names are whose: they are unique over organisations, and nobody takes a name below another's. */
import {
  allHosts,
  allOrganisations,
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
  const reserved = reservedNames(control, await allOrganisations(transaction));
  if (reservedAgainst(claim, reserved))
    throw new ControlFailure('host-reserved', `host: names like ${claim.host} are reserved for another organisation`);
  const others = (await allHosts(transaction)).filter((other) => other.organisation_id !== claim.organisation_id);
  if (others.some((other) => collide(claim.host, other.host)))
    throw new ControlFailure('host-taken', `host: ${claim.host} meets a host of another organisation`);
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
): Reserved[] {
  const zones = organisations.flatMap(({ dns_zone: zone }) => zone ?? []);
  return [
    ...[portalHost, ...zones].map((name) => ({ name, organisationId })),
    ...organisations.flatMap((row) => domainsOf(row).map((name) => ({ name, organisationId: row.id }))),
  ];
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

/** Whether a name is below a wildcard, at any depth: what is below another's wildcard looks like the other's. */
function covers(host: string, name: string): boolean {
  return host.startsWith('*.') && isBelow(name, bareOf(host));
}

function isBelow(name: string, above: string): boolean {
  return name.endsWith(`.${above}`);
}

function bareOf(host: string): string {
  return host.startsWith('*.') ? host.slice(2) : host;
}
