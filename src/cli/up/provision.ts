// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** Puts into control what the local network needs: a site, an application that signed-in people may open, tokens. */

import type { ControlApi } from '../api/control-api.ts';
import { formatListen } from '../config/setting.ts';
import type { AppTarget, NetworkPlan, PlannedPop } from './plan.ts';

const SITE_NAME = 'home';

/** Everybody who has signed in, whatever their roles. */
const SIGNED_IN_USERS = {
  rules: [
    {
      id: 'signed-in',
      name: 'Everybody who has signed in',
      enabled: true,
      when: { all: [] },
      then: { kind: 'authenticate', anyOf: 'signed-in' },
    },
  ],
};

interface Site {
  readonly id: string;
  readonly name: string;
}

interface Resource {
  readonly id: string;
  readonly enabled: boolean;
  readonly host: string;
}

export type ResourcesApi = Pick<ControlApi, 'list' | 'post' | 'patch'>;

interface Target {
  readonly id: string;
  readonly url: string;
}

/** The site of the local connector, made at the first start. */
export async function provideSite(api: ControlApi): Promise<string> {
  const [connector] = await api.list<{ readonly siteId: string }>('/connectors');
  if (connector) return connector.siteId;
  const sites = await api.list<Site>('/sites');
  const site = sites.find((one) => one.name === SITE_NAME) ?? (await api.post<Site>('/sites', { name: SITE_NAME }));
  return site.id;
}

/**
 * The application, at `<name>.<portal host>`. One that is there keeps its policy and whatever else was changed about it;
 * only its first target follows the command. The demo is enabled while it runs and no longer.
 */
export async function provideApp(api: ResourcesApi, plan: NetworkPlan, siteId: string, app: AppTarget): Promise<void> {
  const host = `${app.name}.${plan.portalHost}`;
  const url = `${app.scheme}://${formatListen(app)}`;
  const tls = app.scheme === 'https' ? { tls: { verify: !isOfThisMachine(app.host) } } : {};
  const resources = await api.list<Resource>('/resources');
  const known = resources.find((resource) => resource.host === host);
  const demo = resources.find((resource) => resource.host === `demo.${plan.portalHost}`);
  if (demo && demo.enabled !== (demo === known)) await api.patch(`/resources/${demo.id}`, { enabled: demo === known });
  if (!known) {
    const targets = [{ siteId, url, ...tls }];
    await api.post('/resources', { name: app.name, host, policy: SIGNED_IN_USERS, targets });
    return;
  }
  const [target] = await api.list<Target>(`/resources/${known.id}/targets`);
  if (!target) await api.post(`/resources/${known.id}/targets`, { siteId, url, ...tls });
  else if (target.url !== url) await api.patch(`/targets/${target.id}`, { url, ...tls });
}

/** Developers' servers on this machine have certificates that nobody has signed. */
export function isOfThisMachine(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || host.startsWith('127.');
}

export async function popToken(api: ControlApi, pop: PlannedPop): Promise<string> {
  const { token } = await api.post<{ token: string }>('/pops/enrolment-tokens', {
    name: pop.name,
    location: pop.location,
  });
  return token;
}

export async function connectorToken(api: ControlApi, siteId: string): Promise<string> {
  const { token } = await api.post<{ token: string }>(`/sites/${siteId}/enrolment-tokens`, {});
  return token;
}

interface Status {
  readonly version: unknown;
  readonly pops: readonly { readonly connected: boolean; readonly applied: unknown }[];
  readonly connectors: readonly { readonly tunnels: readonly { readonly state: string }[] }[];
}

/** What the network still lacks, in words; undefined when every PoP is up to date and has its tunnel. */
export async function whatIsMissing(api: ControlApi, plan: NetworkPlan): Promise<string | undefined> {
  const { version, pops, connectors } = await api.get<Status>('/status');
  const current = JSON.stringify(version);
  const upToDate = pops.filter((pop) => pop.connected && JSON.stringify(pop.applied) === current).length;
  if (upToDate < plan.pops.length) return `${upToDate} of ${plan.pops.length} PoPs are up to date`;
  const tunnels = connectors.flatMap((connector) => connector.tunnels).filter((tunnel) => tunnel.state === 'up').length;
  return tunnels < plan.pops.length ? `${tunnels} of ${plan.pops.length} tunnels are up` : undefined;
}
