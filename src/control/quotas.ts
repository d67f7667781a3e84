/** How much an organisation may have of what grows, so that one cannot use up what all of them share. */
import {
  type CountedNoun,
  countOwned,
  findOrganisation,
  type OrganisationsTable,
  type Queries,
} from '../io/store/index.ts';
import { QUOTAS } from './constants.ts';
import type { Control } from './control.ts';
import { ControlFailure } from './problems.ts';

export type QuotaNoun = keyof typeof QUOTAS;

/** What was said for one organisation, in place of what holds for all. */
export type Quotas = Readonly<Partial<Record<QuotaNoun, number>>>;

export const QUOTA_NOUNS = Object.keys(QUOTAS) as QuotaNoun[];

export function quotasOf(row: Pick<OrganisationsTable, 'quotas'>): Quotas {
  return JSON.parse(row.quotas ?? '{}') as Quotas;
}

/** Quotas after a change; null takes back what was said. */
export function changedQuotas(before: Quotas, change: Readonly<Partial<Record<QuotaNoun, number | null>>>): Quotas {
  const next = { ...before, ...change };
  return Object.fromEntries(Object.entries(next).filter(([, most]) => most !== null && most !== undefined));
}

/** What the first organisation may not have without bound either: strangers decide how much of it comes. */
const BOUNDED_IN_FIRST: ReadonlySet<QuotaNoun> = new Set(['captureMegabytes']);

/** How many an organisation may have; undefined: as many as the installation. The first one is the installation's own. */
export function quotaOf(
  { organisationId }: Pick<Control, 'organisationId'>,
  row: Pick<OrganisationsTable, 'id' | 'quotas'>,
  noun: QuotaNoun,
): number | undefined {
  const isFree = row.id === organisationId && !BOUNDED_IN_FIRST.has(noun);
  return quotasOf(row)[noun] ?? (isFree ? undefined : QUOTAS[noun]);
}

/** Refuses to add more than an organisation may have. To be asked in the transaction that adds. Failure `quota-reached`. */
export async function requireRoom(
  control: Pick<Control, 'organisationId' | 'clock'>,
  transaction: Queries,
  organisationId: string,
  noun: CountedNoun,
): Promise<void> {
  const row = await findOrganisation(transaction, organisationId);
  const most = row && quotaOf(control, row, noun);
  if (most === undefined) return;
  if ((await countOwned(transaction, noun, organisationId, control.clock.unixMs())) < most) return;
  throw reached(NAMES[noun], most);
}

/** As above, of ports: `count` of an organisation's resources altogether, with what is asked for. */
export async function requirePorts(
  control: Pick<Control, 'organisationId'>,
  transaction: Queries,
  organisationId: string,
  count: number,
): Promise<void> {
  const row = await findOrganisation(transaction, organisationId);
  const most = row && quotaOf(control, row, 'streamPorts');
  if (most !== undefined && count > most) throw reached('ports', most);
}

function reached(what: string, most: number): ControlFailure {
  return new ControlFailure(
    'quota-reached',
    `the organisation has all the ${what} that it may have: ${most}; an administrator of the installation can raise that`,
  );
}

const NAMES: Readonly<Record<CountedNoun, string>> = {
  sites: 'sites',
  connectors: 'connectors',
  devices: 'devices',
  resources: 'resources',
  targets: 'targets',
  users: 'members',
  roles: 'roles',
  groups: 'groups',
  invitations: 'open invitations',
  credentials: 'credentials',
  apiKeys: 'API keys',
  providers: 'identity providers',
  clientAuthorities: 'authorities of client certificates',
  domains: 'domains',
  dnsProviders: 'DNS providers',
  ownCertificates: 'certificates of its own',
  quickTunnels: 'quick tunnels',
  webhooks: 'webhooks',
  alertRules: 'alert rules',
};
