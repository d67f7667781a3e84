/** Fills a network with what an organisation has after some weeks, so that pages show more than empty lists. */
import type { Network } from '../e2e/network.ts';
import { manis } from '../e2e/network.ts';
import { Visitor } from '../e2e/visitor.ts';

export const EMAIL = 'admin@manis.localhost';
export const PASSWORD = 'seven quiet otters at noon';
const DAY_MS = 86_400_000;
const REQUESTS = 160;

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
const NOWHERE = rule('elsewhere', 'From other countries', { not: { country: ['DE', 'AT', 'CH'] } }, { kind: 'deny' });
const NOBODY = rule('nobody', 'Closed for now', { all: [] }, { kind: 'deny' });

interface Made {
  readonly id: string;
}

/** Addresses for visits, by the name that they have in `VISITS`. */
export type Places = Readonly<Record<string, string>>;

/** What could not be made is said and left out: the pages are shown all the same. */
export async function makeLively(network: Network, warn: (text: string) => void): Promise<Places> {
  const make = async <T = Made>(method: string, path: string, body?: unknown): Promise<T | undefined> => {
    const answer = await network.api(method, path, body);
    if (answer.status < 300) return answer.body as T;
    warn(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
    return undefined;
  };
  const [home] = (await make<{ items: Made[] }>('GET', '/sites'))?.items ?? [];
  const office = await make('POST', '/sites', { name: 'Berlin office' });
  await make('POST', '/sites', { name: 'Warehouse' });
  for (const [name, permissions] of [
    ['engineering', ['site.read', 'resource.read']],
    ['finance', []],
    ['operator', ['site.read', 'site.write', 'resource.read', 'pop.read']],
  ] as const)
    await make('POST', '/roles', { name, permissions });
  await make('POST', '/groups', { name: 'night-shift', roles: ['operator'] });
  await make('POST', '/groups', { name: 'contractors', roles: [] });
  for (const [email, name] of [
    ['ann.becker@example.com', 'Ann Becker'],
    ['bo.lindqvist@example.com', 'Bo Lindqvist'],
    ['chiara.rossi@example.com', 'Chiara Rossi'],
    ['dara.okafor@example.com', 'Dara Okafor'],
  ])
    await make('POST', '/users', { email, name });
  const resources = await makeResources(network, make, home?.id ?? '');
  await make('PUT', '/lists/office', { kind: 'addresses', entries: ['192.0.2.0/24', '2001:db8:5::/48'] });
  await make('POST', '/domains', { name: 'acme.example', mode: 'cname' });
  // Nobody listens there: pages offer what needs mail all the same.
  await make('PUT', '/mail', { host: 'mail.acme.example', fromAddress: 'manis@acme.example' });
  await make('POST', '/dns-providers', { name: 'zone of acme', kind: 'cloudflare', secret: 'not-a-real-token' });
  await make('POST', '/providers', { preset: 'github', name: 'github', clientId: 'Iv1.0123456789', clientSecret: 'x' });
  await make('POST', '/keys', { name: 'ci', scopes: ['resource.read'], expiresUnixMs: Date.now() + 90 * DAY_MS });
  await make('POST', `/sites/${office?.id}/devices`, { name: 'office router' });
  const credentials = await makeCredentials(make, resources);
  const invitation = await make<{ url?: string; link?: string }>('POST', '/invitations', {
    ...{ email: 'eve.martin@example.com', roles: ['finance'] },
  });
  await make('PUT', `/resources/${resources.get('photos')}/maintenance`, { on: true, message: 'Back at ten' });
  const { dashboard } = network.ready;
  const at = (host: string) => dashboard.replace('//manis.', `//${host}.manis.`);
  return {
    portal: dashboard,
    invitation: invitation?.url ?? invitation?.link ?? `${dashboard}/invitation/unknown`,
    ...credentials,
    pin: at('reports'),
    hostUnknown: at('nothing-here'),
    denied: at('payroll'),
    maintenance: at('photos'),
    targetDown: at('wiki'),
  };
}

type Make = <T = Made>(method: string, path: string, body?: unknown) => Promise<T | undefined>;

async function makeResources(network: Network, make: Make, siteId: string): Promise<Map<string, string>> {
  const demo = `http://127.0.0.1:${new URL(network.ready.dashboard).port === '' ? 443 : Number(new URL(network.ready.dashboard).port) + 6}`;
  const table: readonly [host: string, name: string, url: string, rules: readonly object[]][] = [
    ['wiki', 'Wiki', 'http://127.0.0.1:9', [SIGNED_IN]],
    ['grafana', 'Grafana', demo, [NOWHERE, STAFF, SIGNED_IN]],
    ['photos', 'Photos', demo, [SIGNED_IN]],
    ['payroll', 'Payroll', demo, [NOBODY]],
    ['reports', 'Reports', demo, [SIGNED_IN]],
    ['git', 'Git', demo, [SIGNED_IN]],
  ];
  const ids = new Map<string, string>();
  for (const [host, name, url, rules] of table) {
    const made = await make('POST', '/resources', {
      ...{ name, host: `${host}.manis.localhost`, policy: { rules } },
      targets: [{ siteId, url, ...(url === demo && { check: { kind: 'http', path: '/' } }) }],
    });
    if (made) ids.set(host, made.id);
  }
  return ids;
}

async function makeCredentials(make: Make, resources: ReadonlyMap<string, string>): Promise<Places> {
  const resourceIds = [resources.get('reports') ?? ''];
  const anyOf = { signedIn: true, credentials: ['pin', 'share-link', 'service-token'] };
  const rules = [
    rule('signed-in', 'Who has an account, a PIN or a link', { all: [] }, { kind: 'authenticate', anyOf }),
  ];
  await make('PUT', `/resources/${resourceIds[0]}/policy`, { rules });
  await make('POST', '/credentials', { name: 'Reception', method: 'pin', resourceIds });
  await make('POST', '/credentials', { name: 'Nightly export', method: 'service-token', resourceIds });
  const link = await make<{ urls?: string[] }>('POST', '/credentials', {
    ...{ name: 'For the auditors', method: 'share-link', resourceIds, maximumUses: 5 },
  });
  return { shareLink: link?.urls?.[0] ?? '' };
}

/** Requests of people, some refused, and a tunnel that was silent for a moment. */
export async function makeTraffic(network: Network, dataDir: string): Promise<void> {
  const visitor = new Visitor({ ca: network.ca });
  const base = network.ready.apps[0]?.url ?? '';
  await visitor.signIn(`${base}/whoami`, EMAIL, PASSWORD);
  const hosts = ['demo', 'grafana', 'git', 'payroll', 'wiki', 'demo', 'demo'];
  for (let i = 0; i < REQUESTS; i++) {
    const url = base.replace('//demo.', `//${hosts[i % hosts.length]}.`);
    await visitor.open(`${url}/${['whoami', '', 'download?bytes=4000', 'missing'][i % 4]}`).catch(() => undefined);
    if (i === REQUESTS / 2) manis(dataDir, 'drill', 'cut', 'Amsterdam');
    if (i === REQUESTS / 2 + 20) manis(dataDir, 'drill', 'heal');
  }
}
