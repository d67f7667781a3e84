/** Blueprints of Pangolin: the keys of its YAML, and of the labels that its connector reads. */
import type { Json, JsonObject } from '../json.ts';
import { asList, asObject, asText, ImportDraft, type Imported, type ImportOptions, wholePath } from './imported.ts';
import { policyOf } from './pangolin-policy.ts';

const RESOURCE_KEYS = [
  ...['name', 'protocol', 'mode', 'full-domain', 'proxy-port', 'enabled', 'host-header', 'tls-server-name', 'headers'],
  ...['targets', 'auth', 'rules', 'proxy-protocol', 'maintenance', 'ssl'],
];
const TARGET_KEYS = [
  ...['site', 'method', 'hostname', 'port', 'internal-port', 'path', 'path-match', 'rewrite-path', 'rewrite-match'],
  ...['priority', 'healthcheck', 'enabled'],
];
const SECTIONS = [
  'public-resources',
  'proxy-resources',
  'private-resources',
  'client-resources',
  'public-policies',
  'sites',
];

export function importPangolin(file: Json, options: ImportOptions): Imported {
  const draft = new ImportDraft();
  const document = asObject(file);
  draft.noteUnknown('', document, SECTIONS);
  for (const section of ['public-resources', 'proxy-resources'])
    for (const [key, resource] of Object.entries(asObject(document[section])))
      addResource(draft, `${section}.${key}`, key, asObject(resource), options);
  for (const section of ['private-resources', 'client-resources'])
    for (const key of Object.keys(asObject(document[section])))
      draft.note(`${section}.${key}`, 'there are no private networks; publish it as a resource of kind access or tcp');
  for (const key of Object.keys(asObject(document['public-policies'])))
    draft.note(`public-policies.${key}`, 'policies belong to resources; use a YAML anchor (x-...) to share one');
  for (const [key, site] of Object.entries(asObject(document['sites']))) {
    draft.sites.add(asText(asObject(site)['name']) ?? key);
    draft.noteUnknown(
      `sites.${key}`,
      asObject(site),
      ['name'],
      'connectors and devices join by a token: manis connector add',
    );
  }
  return draft.finish();
}

function addResource(
  draft: ImportDraft,
  place: string,
  key: string,
  from: JsonObject,
  options: ImportOptions,
): undefined {
  draft.noteUnknown(place, from, RESOURCE_KEYS);
  const name = asText(from['name']) ?? key;
  const kind = asText(from['protocol']) ?? asText(from['mode']) ?? 'http';
  if (from['ssl'] === false) draft.note(`${place}.ssl`, 'resources are served over HTTPS alone');
  const targets = asList(from['targets']).flatMap((target, at) => {
    const made = targetOf(draft, `${place}.targets[${at}]`, asObject(target), kind, from, options);
    return made ? [made] : [];
  });
  const base = {
    ...(from['enabled'] === false && { enabled: false }),
    targets: targets.map(({ target }) => target),
    policy: policyOf(draft, place, name, from, kind),
  };
  if (kind !== 'http') {
    const first = Number(from['proxy-port']);
    const proxy = asText(from['proxy-protocol']) === 'true' || from['proxy-protocol'] === true;
    draft.resources[name] = { kind, listen: { first }, ...(proxy && { proxyProtocol: { to: 1 } }), ...base };
    return;
  }
  const http = httpOf(draft, place, from, targets);
  draft.resources[name] = {
    host: asText(from['full-domain']) ?? '',
    ...base,
    ...(Object.keys(http).length > 0 && { http }),
  };
}

interface MadeTarget {
  readonly target: JsonObject;
  readonly label: string;
  readonly from: JsonObject;
}

function targetOf(
  draft: ImportDraft,
  place: string,
  from: JsonObject,
  kind: string,
  resource: JsonObject,
  { site: otherwise }: ImportOptions,
): MadeTarget | undefined {
  draft.noteUnknown(place, from, TARGET_KEYS);
  if (from['internal-port'] !== undefined)
    draft.note(`${place}.internal-port`, 'not needed: Manis finds free ports itself');
  if (from['enabled'] === false) {
    draft.note(place, 'left out, since it is turned off');
    return undefined;
  }
  const site = asText(from['site']) ?? otherwise;
  draft.sites.add(site);
  const host = asText(from['hostname']) ?? asText(from['ip']) ?? 'localhost';
  const scheme = kind === 'http' ? (asText(from['method']) ?? 'http') : kind;
  const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${asText(from['port']) ?? '80'}`;
  const hostHeader = asText(resource['host-header']);
  const serverName = asText(resource['tls-server-name']);
  const check =
    from['healthcheck'] === undefined
      ? undefined
      : checkOf(draft, `${place}.healthcheck`, asObject(from['healthcheck']));
  const target = {
    ...{ site, url },
    ...(hostHeader && kind === 'http' && { hostHeader }),
    ...(serverName && /^(https|h2)$/.test(scheme) && { tls: { serverName } }),
    ...(check && { check }),
  };
  return { target, label: `${site} ${url}`, from };
}

const CHECK_KEYS = [
  ...['enabled', 'path', 'mode', 'interval', 'unhealthy-interval', 'timeout', 'headers', 'method', 'status'],
  ...['healthy-threshold', 'unhealthy-threshold'],
];

function checkOf(draft: ImportDraft, place: string, from: JsonObject): JsonObject | undefined {
  for (const key of ['hostname', 'port', 'scheme'])
    if (from[key] !== undefined) draft.note(`${place}.${key}`, 'a check asks the target itself');
  if (from['follow-redirects'] !== undefined)
    draft.note(`${place}.follow-redirects`, 'a redirect is an answer: say it in expectedStatus');
  draft.noteUnknown(place, from, [...CHECK_KEYS, 'hostname', 'port', 'scheme', 'follow-redirects']);
  if (from['enabled'] === false) return undefined;
  const seconds = (key: string): number | undefined => {
    const value = Number(from[key]);
    return from[key] === undefined || !Number.isFinite(value) ? undefined : value * 1000;
  };
  const headers = Object.fromEntries(
    asList(from['headers']).map((one) => [asText(asObject(one)['name']) ?? '', asText(asObject(one)['value']) ?? '']),
  );
  const status = asText(from['status']);
  const timing = {
    ...{
      intervalMs: seconds('interval'),
      unhealthyIntervalMs: seconds('unhealthy-interval'),
      timeoutMs: seconds('timeout'),
    },
    ...{ healthyThreshold: from['healthy-threshold'], unhealthyThreshold: from['unhealthy-threshold'] },
  };
  if (asText(from['mode']) === 'tcp') return { kind: 'tcp', ...timing };
  return {
    ...{ kind: 'http', ...timing },
    ...(asText(from['path']) && { path: asText(from['path']) }),
    ...(asText(from['method']) && { method: asText(from['method'])?.toUpperCase() }),
    ...(status && { expectedStatus: [status] }),
    ...(Object.keys(headers).length > 0 && { headers }),
  };
}

function httpOf(draft: ImportDraft, place: string, from: JsonObject, targets: readonly MadeTarget[]): JsonObject {
  const headers = asList(from['headers']).map((one) => ({
    set: asText(asObject(one)['name']) ?? '',
    value: asText(asObject(one)['value']) ?? '',
  }));
  const maintenance = asObject(from['maintenance']);
  draft.noteUnknown(`${place}.maintenance`, maintenance, ['enabled', 'message', 'title', 'type', 'estimated-time']);
  for (const key of ['title', 'type', 'estimated-time'])
    if (maintenance[key] !== undefined)
      draft.note(
        `${place}.maintenance.${key}`,
        'Manis has a message, retryAfterMs and pages of your own (http.errorPages)',
      );
  const routes = targets.some(
    ({ from: target }) => target['path'] !== undefined || target['rewrite-path'] !== undefined,
  )
    ? targets.map((target, at) => routeOf(draft, `${place}.targets[${at}]`, target, at))
    : [];
  const message = asText(maintenance['message']);
  return {
    ...(headers.length > 0 && { headers: { request: headers } }),
    ...(routes.length > 0 && { routes }),
    ...(maintenance['enabled'] === true && { maintenance: { on: true, ...(message && { message }) } }),
  };
}

function routeOf(draft: ImportDraft, place: string, { from, label }: MadeTarget, at: number): JsonObject {
  const path = asText(from['path']);
  const match = asText(from['path-match']) ?? 'prefix';
  const when =
    path === undefined ? {} : { when: { path: match === 'regex' ? { regex: wholePath(path) } : { [match]: path } } };
  const priority = from['priority'] === undefined ? {} : { priority: Math.min(1_000, Number(from['priority'])) };
  return {
    name: `target ${at + 1}`,
    ...priority,
    ...when,
    forward: { targets: [label], ...rewriteOf(draft, place, from, path) },
  };
}

function rewriteOf(draft: ImportDraft, place: string, from: JsonObject, path: string | undefined): JsonObject {
  const to = asText(from['rewrite-path']) ?? '/';
  switch (asText(from['rewrite-match'])) {
    case undefined:
      return {};
    case 'stripPrefix':
      return to === '/' ? { stripPrefix: path ?? '/' } : { replacePrefix: { prefix: path ?? '/', with: to } };
    case 'prefix':
      return { replacePrefix: { prefix: path ?? '/', with: to } };
    case 'exact':
      return { replaceRegex: { regex: '^.*$', with: to } };
    case 'regex':
      return { replaceRegex: { regex: path ?? '^.*$', with: to.replace(/\$(\d)/g, '{$1}') } };
    default:
      draft.note(`${place}.rewrite-match`, 'an unknown way to rewrite');
      return {};
  }
}
