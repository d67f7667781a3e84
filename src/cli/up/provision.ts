// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** Puts into control what the local network needs: a site, an application that signed-in people may open, tokens. */

import { at, type ControlApi } from '../api/control-api.ts';
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

export type ResourcesApi = Pick<ControlApi, 'list' | 'post' | 'patch'>;

/** The site of the local connector, made at the first start. */
export async function provideSite(api: ControlApi): Promise<string> {
  const [connector] = await api.list('/connectors');
  if (connector) return connector.siteId;
  const sites = await api.list('/sites');
  const site = sites.find((one) => one.name === SITE_NAME) ?? (await api.post('/sites', { body: { name: SITE_NAME } }));
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
  const resources = await api.list('/resources');
  const known = resources.find((resource) => resource.host === host);
  const demo = resources.find((resource) => resource.host === `demo.${plan.portalHost}`);
  if (demo && demo.enabled !== (demo === known))
    await api.patch('/resources/{id}', { ...at({ id: demo.id }), body: { enabled: demo === known } });
  if (!known) {
    const targets = [{ siteId, url, ...tls }];
    await api.post('/resources', { body: { name: app.name, host, policy: SIGNED_IN_USERS, targets } });
    return;
  }
  const [target] = await api.list('/resources/{id}/targets', at({ id: known.id }));
  if (!target) await api.post('/resources/{id}/targets', { ...at({ id: known.id }), body: { siteId, url, ...tls } });
  else if (target.url !== url) await api.patch('/targets/{id}', { ...at({ id: target.id }), body: { url, ...tls } });
}

/** Developers' servers on this machine have certificates that nobody has signed. */
export function isOfThisMachine(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || host.startsWith('127.');
}

export async function popToken(api: ControlApi, pop: PlannedPop): Promise<string> {
  const { token } = await api.post('/pops/enrolment-tokens', {
    body: {
      name: pop.name,
      location: pop.location,
    },
  });
  return token;
}

export async function connectorToken(api: ControlApi, siteId: string): Promise<string> {
  const { token } = await api.post('/sites/{id}/enrolment-tokens', { ...at({ id: siteId }), body: {} });
  return token;
}

/** What the network still lacks, in words; undefined when every PoP is up to date and has its tunnel. */
export async function whatIsMissing(api: ControlApi, plan: NetworkPlan): Promise<string | undefined> {
  const { version, pops, connectors } = await api.get('/status');
  const current = JSON.stringify(version);
  const upToDate = pops.filter((pop) => pop.connected && JSON.stringify(pop.applied) === current).length;
  if (upToDate < plan.pops.length) return `${upToDate} of ${plan.pops.length} PoPs are up to date`;
  const tunnels = connectors.flatMap((connector) => connector.tunnels).filter((tunnel) => tunnel.state === 'up').length;
  return tunnels < plan.pops.length ? `${tunnels} of ${plan.pops.length} tunnels are up` : undefined;
}
