import type { Queries } from '../store.ts';

/** By what an organisation has, of which it may have so many, the table whose rows are counted. */
const TABLES = {
  sites: 'sites',
  connectors: 'connectors',
  devices: 'devices',
  resources: 'resources',
  targets: 'targets',
  users: 'memberships',
  roles: 'roles',
  groups: 'user_groups',
  invitations: 'invitations',
  credentials: 'credentials',
  apiKeys: 'api_keys',
  providers: 'identity_providers',
  clientAuthorities: 'client_authorities',
  domains: 'domains',
  dnsProviders: 'dns_providers',
  ownCertificates: 'own_certificates',
  quickTunnels: 'quick_tunnels',
  webhooks: 'webhooks',
  alertRules: 'alert_rules',
} as const;

export type CountedNoun = keyof typeof TABLES;

/** How many there are; of invitations those that may still be accepted. */
export async function countOwned(
  queries: Queries,
  noun: CountedNoun,
  organisationId: string,
  nowUnixMs: number,
): Promise<number> {
  const owned = queries
    .selectFrom(TABLES[noun])
    .select((select) => select.fn.countAll<number | string>().as('count'))
    .where('organisation_id', '=', organisationId);
  const row = await (noun === 'invitations' ? countOpen(queries, organisationId, nowUnixMs) : owned.executeTakeFirst());
  return Number(row?.count ?? 0);
}

function countOpen(queries: Queries, organisationId: string, nowUnixMs: number) {
  return queries
    .selectFrom('invitations')
    .select((select) => select.fn.countAll<number | string>().as('count'))
    .where('organisation_id', '=', organisationId)
    .where('accepted_unix_ms', 'is', null)
    .where('expires_unix_ms', '>', nowUnixMs)
    .executeTakeFirst();
}
