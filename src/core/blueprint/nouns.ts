/** What a blueprint holds, in the order in which things may refer to earlier ones; people read it in this order, too. */
export const NOUNS = [
  'lists',
  'roles',
  'organisation',
  'groups',
  'providers',
  'dnsProviders',
  'domains',
  'sites',
  'devices',
  'resources',
  'clientAuthorities',
  'credentials',
] as const;

export type NounName = (typeof NOUNS)[number];

/** One of each, for people. */
export const TITLES: Readonly<Record<NounName, string>> = {
  lists: 'list',
  roles: 'role',
  organisation: 'organisation',
  groups: 'group',
  providers: 'identity provider',
  dnsProviders: 'DNS provider',
  domains: 'domain',
  sites: 'site',
  devices: 'device',
  resources: 'resource',
  clientAuthorities: 'client authority',
  credentials: 'credential',
};

const LEAVES: ReadonlySet<NounName> = new Set(['devices', 'resources', 'clientAuthorities', 'credentials']);

/** Nothing but other leaves refers to it: it goes before anything is added, so that its host, port or key is free. */
export function isLeaf(noun: NounName): boolean {
  return LEAVES.has(noun);
}
