/** Applications as an organisation has them: of every kind, with rules of every kind, and not all of them well. */
import type { Network } from '../e2e/network.ts';
import type { Made, Make, Places } from './lively.ts';

const rule = (id: string, name: string, when: object, then: object) => ({ id, name, enabled: true, when, then });
const SIGNED_IN = rule(
  'signed-in',
  'Everybody who has signed in',
  { all: [] },
  { kind: 'authenticate', anyOf: 'signed-in' },
);
const STAFF = rule(
  'staff',
  'Staff in working hours, with a passkey',
  { time: { days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'], zone: 'Europe/Berlin' } },
  { kind: 'authenticate', anyOf: { roles: ['engineering'] }, methods: ['passkey'] },
);
const ENGINEERS = rule(
  'engineers',
  'Engineers',
  { all: [] },
  { kind: 'authenticate', anyOf: { roles: ['engineering', 'operator'] } },
);
const FINANCE = rule('finance', 'Finance', { all: [] }, { kind: 'authenticate', anyOf: { roles: ['finance'] } });
const OFFICE = rule('office', 'Anybody in the office', { list: ['office'] }, { kind: 'bypass' });
const NOWHERE = rule('elsewhere', 'From other countries', { not: { country: ['DE', 'AT', 'CH'] } }, { kind: 'deny' });
const NOBODY = rule('nobody', 'Closed for now', { all: [] }, { kind: 'deny' });
const PUBLIC = rule('public', 'Open to everybody', { all: [] }, { kind: 'bypass' });

type Site = 'home' | 'office' | 'warehouse';
type Row = readonly [
  host: string,
  name: string,
  site: Site,
  port: 'demo' | 'nobody' | string,
  rules: readonly object[],
];

const ROWS: readonly Row[] = [
  ['wiki', 'Wiki', 'home', 'nobody', [SIGNED_IN]],
  ['grafana', 'Grafana', 'home', 'demo', [NOWHERE, STAFF, SIGNED_IN]],
  ['photos', 'Photos', 'home', 'demo', [SIGNED_IN]],
  ['payroll', 'Payroll', 'office', 'demo', [NOBODY, FINANCE]],
  ['reports', 'Reports', 'office', 'demo', [SIGNED_IN]],
  ['git', 'Git', 'office', 'demo', [ENGINEERS, SIGNED_IN]],
  ['tickets', 'Tickets', 'office', 'demo', [SIGNED_IN]],
  ['builds', 'Build server', 'office', 'demo', [ENGINEERS, SIGNED_IN]],
  ['status', 'Status page', 'home', 'demo', [PUBLIC]],
  ['hooks', 'Webhook inbox', 'home', 'demo', [PUBLIC]],
  ['stock', 'Stock control', 'warehouse', 'nobody', [SIGNED_IN]],
  ['cameras', 'Cameras', 'warehouse', 'nobody', [OFFICE, SIGNED_IN]],
  ['home', 'Home Assistant', 'home', 'demo', [OFFICE, SIGNED_IN]],
];

const STREAMS = [
  ['orders-db', 'Orders database', 'access', 'tcp://127.0.0.1:5432', [ENGINEERS]],
  ['bastion', 'SSH to the build host', 'access', 'tcp://127.0.0.1:22', [ENGINEERS]],
] as const;

/** By the first label of their host. */
export type Applications = ReadonlyMap<string, string>;

export async function makeApplications(
  network: Network,
  make: Make,
  sites: Readonly<Record<Site, string | undefined>>,
): Promise<Applications> {
  const ids = new Map<string, string>();
  const demo = `http://127.0.0.1:${Number(new URL(network.ready.dashboard).port || 443) + 6}`;
  for (const [host, name, site, port, rules] of ROWS) {
    const url = port === 'demo' ? demo : 'http://127.0.0.1:9';
    const made = await make('POST', '/resources', {
      ...{ name, host: `${host}.manis.localhost`, policy: { rules } },
      targets: [{ siteId: sites[site], url, ...(url === demo && { check: { kind: 'http', path: '/' } }) }],
    });
    if (made) ids.set(host, made.id);
  }
  for (const [host, name, kind, url, rules] of STREAMS) {
    const made = await make('POST', '/resources', {
      ...{ name, kind, host: `${host}.manis.localhost`, policy: { rules } },
      targets: [{ siteId: sites.office, url }],
    });
    if (made) ids.set(host, made.id);
  }
  // One of them answers well in part, and one opens a port.
  const reserve = { siteId: sites.office, url: 'http://127.0.0.1:9', priority: 1, check: { kind: 'tcp' } };
  await make('POST', `/resources/${ids.get('grafana')}/targets`, reserve);
  const port = Number(new URL(network.ready.dashboard).port || 443) + 1_000;
  const game = await make('POST', '/resources', {
    ...{ name: 'Game server', kind: 'udp', listen: { first: port }, policy: { rules: [PUBLIC] } },
    targets: [{ siteId: sites.home, url: 'udp://127.0.0.1:34197' }],
  });
  if (game) ids.set('game', game.id);
  await make('PUT', `/resources/${ids.get('photos')}/maintenance`, { on: true, message: 'Back at ten' });
  await make('PUT', `/resources/${ids.get('hooks')}/capture`, { capture: { bodies: true } });
  return ids;
}

/** What opens one of them without an account; gives addresses. */
export async function makeCredentials(make: Make, resources: Applications): Promise<Places> {
  const resourceIds = [resources.get('reports') ?? ''];
  const anyOf = { signedIn: true, credentials: ['pin', 'share-link', 'service-token'] };
  const rules = [
    rule('signed-in', 'Who has an account, a PIN or a link', { all: [] }, { kind: 'authenticate', anyOf }),
  ];
  await make('PUT', `/resources/${resourceIds[0]}/policy`, { rules });
  await make('POST', '/credentials', { name: 'Reception', method: 'pin', resourceIds });
  await make('POST', '/credentials', { name: 'Nightly export', method: 'service-token', resourceIds });
  const link = await make<Made & { urls?: string[] }>('POST', '/credentials', {
    ...{ name: 'For the auditors', method: 'share-link', resourceIds, maximumUses: 5 },
  });
  return { shareLink: link?.urls?.[0] ?? '' };
}
