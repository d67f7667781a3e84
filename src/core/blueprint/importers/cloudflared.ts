/** The ingress rules of a cloudflared configuration (`config.yml`). */
import type { Json, JsonObject } from '../json.ts';
import {
  asList,
  asObject,
  asText,
  ImportDraft,
  type Imported,
  type ImportOptions,
  NOBODY_YET,
  wholePath,
} from './imported.ts';

const ELSEWHERE: Readonly<Record<string, string>> = {
  tunnel: 'a connector joins by its own token: manis connector add',
  'credentials-file': 'a connector joins by its own token: manis connector add',
  'warp-routing': 'there are no private networks; publish single targets as tcp or access resources',
  logfile: 'see manis connector --log-level',
  loglevel: 'see manis connector --log-level',
  protocol: 'connectors find out themselves whether UDP gets through',
  metrics: 'see docs/metrics.md',
  'no-autoupdate': 'connectors never update themselves',
};

/** Settings of how an origin is spoken to that Manis has no use for, each with what is so instead. */
const ORIGIN_NOTES: Readonly<Record<string, string>> = {
  caPool: 'put the PEM of the authority into tls.caPem of the target',
  connectTimeout: 'Manis has a fixed time to connect: docs/limits.md',
  tlsTimeout: 'Manis has a fixed time to connect: docs/limits.md',
  tcpKeepAlive: 'connections are watched by Manis itself',
  noHappyEyeballs: 'every address of a name is tried',
  keepAliveConnections: 'Manis keeps as many connections as are used',
  keepAliveTimeout: 'Manis keeps connections as long as targets do',
  disableChunkedEncoding: 'bodies of unknown length are sent in chunks',
  proxyAddress: 'there is no proxy of SOCKS for private networks',
  proxyPort: 'there is no proxy of SOCKS for private networks',
  proxyType: 'there is no proxy of SOCKS for private networks',
  ipRules: 'use ip conditions in the policy of the resource',
  access: 'use the policy of the resource; assertions are checked by X-Manis-Assertion',
  bastionMode: 'use resources of kind access for the hosts that people need',
  matchSNItoHost: 'leave hostHeader out: the name in the URL is asked for',
};

export function importCloudflared(config: Json, { site }: ImportOptions): Imported {
  const draft = new ImportDraft();
  draft.sites.add(site);
  const { ingress, originRequest, ...rest } = asObject(config);
  for (const key of Object.keys(rest)) draft.note(key, ELSEWHERE[key] ?? 'nothing in Manis stands for it');
  const rules = asList(ingress).map((rule, at) => ({ rule: asObject(rule), place: `ingress[${at}]` }));
  for (const { rule, place } of rules) {
    const host = asText(rule['hostname']);
    draft.noteUnknown(place, rule, ['hostname', 'path', 'service', 'originRequest']);
    if (host === undefined || host === '*' || host === '') noteCatchAll(draft, rule, place);
    else addRule(draft, host, rule, asObject(originRequest), place, site);
  }
  for (const [name, resource] of Object.entries(draft.resources))
    if (resource['http'] === undefined && resource['kind'] !== 'access') delete draft.resources[name];
    else if (resource['kind'] !== 'access') simplify(resource);
    else draft.note(name, `people reach it with: manis access tcp ${name}`);
  if (Object.keys(draft.resources).length > 0)
    draft.note('ingress', `policies of Cloudflare Access are not in this file: of every resource, ${NOBODY_YET}`);
  return draft.finish();
}

function noteCatchAll(draft: ImportDraft, rule: JsonObject, place: string): undefined {
  const service = asText(rule['service']) ?? '';
  const isPlain = /^http_status:404$/.test(service);
  draft.note(
    place,
    isPlain
      ? 'not needed: hosts that nobody has published are answered with 404'
      : `${service} for every other host: publish the hosts that are meant`,
  );
}

const TCP = /^(?:tcp|ssh|rdp|smb):\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?/;
const TCP_PORTS: Readonly<Record<string, string>> = { ssh: '22', rdp: '3389', smb: '445' };

function addRule(
  draft: ImportDraft,
  host: string,
  rule: JsonObject,
  defaults: JsonObject,
  place: string,
  site: string,
): undefined {
  const service = asText(rule['service']) ?? '';
  const origin = { ...defaults, ...asObject(rule['originRequest']) };
  for (const [key, text] of Object.entries(ORIGIN_NOTES))
    if (origin[key] !== undefined) draft.note(`${place}.originRequest.${key}`, text);
  draft.noteUnknown(`${place}.originRequest`, origin, [...OWN_ORIGIN, ...Object.keys(ORIGIN_NOTES)]);
  const tcp = TCP.exec(service);
  if (tcp) {
    const port = tcp[2] ?? TCP_PORTS[service.split(':')[0] ?? ''] ?? '0';
    draft.resources[host] ??= { kind: 'access', host, targets: [{ site, url: `tcp://${tcp[1]}:${port}` }] };
    return;
  }
  const resource = draft.resources[host] ?? { host, targets: [] };
  draft.resources[host] = resource;
  const routes = asList(asObject(resource['http'])['routes']);
  const name = `rule ${routes.length + 1}`;
  const path = asText(rule['path']);
  const when = path === undefined ? {} : { when: { path: { regex: wholePath(path) } } };
  const order = { name, priority: 1_000 - routes.length, ...when };
  const status = /^http_status:(\d+)$/.exec(service)?.[1];
  if (status !== undefined) return addRoute(resource, { ...order, answer: { status: Number(status) } });
  const target = targetOf(service, origin, site);
  if (!target) return draft.note(`${place}.service`, `${service}: no target of Manis stands for it`);
  const targets = asList(resource['targets']);
  if (!targets.some((one) => asObject(one)['url'] === target.url)) resource['targets'] = [...targets, target];
  addRoute(resource, { ...order, forward: { targets: [`${site} ${target.url}`] } });
}

const OWN_ORIGIN = ['noTLSVerify', 'originServerName', 'httpHostHeader', 'http2Origin'];

function targetOf(service: string, origin: JsonObject, site: string) {
  const unix = /^unix(\+tls)?:(\/.+)$/.exec(service);
  const bare = unix ? `unix:${unix[2]}` : service;
  const url = origin['http2Origin'] === true ? bare.replace(/^https:/, 'h2:') : bare;
  if (unix?.[1] !== undefined || !/^(https?|h2|unix):/.test(url)) return undefined;
  const tls = {
    ...(origin['noTLSVerify'] === true && /^(https|h2):/.test(url) && { verify: false }),
    ...(asText(origin['originServerName']) && { serverName: asText(origin['originServerName']) }),
  };
  const hostHeader = asText(origin['httpHostHeader']);
  return {
    ...{ site, url: url.replace(/^(https?|h2):\/\/([^/]+)\/.*$/, '$1://$2').replace(/\/$/, '') },
    ...(hostHeader && { hostHeader }),
    ...(Object.keys(tls).length > 0 && { tls }),
  };
}

function addRoute(resource: Record<string, Json | undefined>, route: JsonObject): undefined {
  const routes = asList(asObject(resource['http'])['routes']);
  resource['http'] = { routes: [...routes, route] };
}

/** One target for every request needs no route. */
function simplify(resource: Record<string, Json | undefined>): undefined {
  const routes = asList(asObject(resource['http'])['routes']).map(asObject);
  if (routes.length === 0 || routes.some(({ when, answer }) => when !== undefined || answer !== undefined)) return;
  delete resource['http'];
}
