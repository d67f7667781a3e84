/** Fills a network with what an organisation has after some weeks, so that pages show more than empty lists. */
import type { Network } from '../e2e/network.ts';
import { makeApplications, makeCredentials } from './applications.ts';
import { type MoreNodes, startMoreNodes } from './nodes.ts';
import { makeNotices } from './notices.ts';

export const EMAIL = 'admin@manis.localhost';
export const PASSWORD = 'seven quiet otters at noon';
const DAY_MS = 86_400_000;

export const PEOPLE = [
  { email: 'ann.becker@example.com', name: 'Ann Becker', roles: ['engineering'] },
  { email: 'bo.lindqvist@example.com', name: 'Bo Lindqvist', roles: ['engineering', 'operator'] },
  { email: 'chiara.rossi@example.com', name: 'Chiara Rossi', roles: ['finance'] },
  { email: 'dara.okafor@example.com', name: 'Dara Okafor', roles: [] },
  { email: 'emil.novak@example.com', name: 'Emil Novák', roles: [] },
  { email: 'fatima.haddad@example.com', name: 'Fatima Haddad', roles: ['finance'] },
] as const;

export interface Made {
  readonly id: string;
}

/** Asks the API for something; undefined where it was refused, which is said. */
export type Make = <T = Made>(method: string, path: string, body?: unknown) => Promise<T | undefined>;

/** Addresses for visits, by the name that they have in `VISITS`. */
export type Places = Readonly<Record<string, string>>;

export interface Lively {
  readonly places: Places;
  readonly nodes: MoreNodes;
}

/** What could not be made is said and left out: the pages are shown all the same. */
export async function makeLively(network: Network, folder: string, warn: (text: string) => void): Promise<Lively> {
  const make: Make = async <T = Made>(method: string, path: string, body?: unknown): Promise<T | undefined> => {
    const answer = await network.api(method, path, body);
    if (answer.status < 300) return answer.body as T;
    warn(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`);
    return undefined;
  };
  await make('PATCH', '/organisation', { name: 'Acme' });
  await makePeople(make);
  const [first] = (await make<{ items: Made[] }>('GET', '/sites'))?.items ?? [];
  await make('PATCH', `/sites/${first?.id}`, { name: 'Amsterdam data centre' });
  const office = await make('POST', '/sites', { name: 'Berlin office' });
  const warehouse = await make('POST', '/sites', { name: 'Warehouse' });
  const factory = await make('POST', '/sites', { name: 'Factory' });
  const nodes = await startMoreNodes(network, make, folder, [office?.id, factory?.id, first?.id]);
  await make('PUT', '/lists/office', { kind: 'addresses', entries: ['192.0.2.0/24', '2001:db8:5::/48'] });
  await make('PUT', '/lists/sanctioned', { kind: 'countries', entries: ['KP', 'SY'] });
  const sites = { home: first?.id, office: office?.id, warehouse: warehouse?.id };
  const resources = await makeApplications(network, make, sites);
  await makeSettings(make);
  await makeNotices(make);
  await make('POST', `/sites/${factory?.id}/devices`, { name: 'office router' });
  const credentials = await makeCredentials(make, resources);
  const invitation = await make<{ url?: string; link?: string }>('POST', '/invitations', {
    ...{ email: 'eve.martin@example.com', roles: ['finance'] },
  });
  const { dashboard } = network.ready;
  const at = (host: string) => dashboard.replace('//manis.', `//${host}.manis.`);
  const places = {
    portal: dashboard,
    invitation: invitation?.url ?? invitation?.link ?? `${dashboard}/invitation/unknown`,
    ...credentials,
    pin: at('reports'),
    hostUnknown: at('nothing-here'),
    denied: at('payroll'),
    maintenance: at('photos'),
    targetDown: at('wiki'),
    accessOnly: at('orders-db'),
  };
  return { places, nodes };
}

async function makePeople(make: Make): Promise<void> {
  for (const [name, permissions] of [
    ['engineering', ['site.read', 'resource.read']],
    ['finance', []],
    ['operator', ['site.read', 'site.write', 'resource.read', 'pop.read']],
  ] as const)
    await make('POST', '/roles', { name, permissions });
  const nightShift = await make('POST', '/groups', { name: 'night-shift', roles: ['operator'] });
  await make('POST', '/groups', { name: 'contractors', roles: [] });
  for (const person of PEOPLE) {
    const made = await make('POST', '/users', { ...person, password: PASSWORD });
    if (made && person.name !== 'Chiara Rossi') await make('PUT', `/groups/${nightShift?.id}/members/${made.id}`);
  }
}

async function makeSettings(make: Make): Promise<void> {
  await make('POST', '/domains', { name: 'acme.example', mode: 'cname' });
  await make('POST', '/domains', { name: 'acme-labs.example', mode: 'wildcard-cname' });
  // Nobody listens there: pages offer what needs mail all the same.
  await make('PUT', '/mail', { host: 'mail.acme.example', fromAddress: 'manis@acme.example' });
  await make('POST', '/dns-providers', { name: 'zone of acme', kind: 'cloudflare', secret: 'not-a-real-token' });
  await make('POST', '/providers', { preset: 'github', name: 'github', clientId: 'Iv1.0123456789', clientSecret: 'x' });
  await make('POST', '/providers', {
    ...{ preset: 'google', name: 'google', clientId: '1234.apps.googleusercontent.com', clientSecret: 'x' },
  });
  await make('POST', '/keys', { name: 'ci', scopes: ['resource.read'], expiresUnixMs: Date.now() + 90 * DAY_MS });
  await make('POST', '/keys', { name: 'backup', scopes: ['organisation.read', 'resource.read', 'policy.read'] });
}
