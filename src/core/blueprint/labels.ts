/** Labels of containers, as resources of a blueprint. One container may be several resources; several containers, one. */
import { type ImportNote, rule } from './importers/imported.ts';
import { importPangolin } from './importers/pangolin.ts';
import { isObject, type Json, type JsonObject, sameJson } from './json.ts';

/** A container as the engine tells of it. */
export interface LabelledContainer {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** By network. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Ports that its image says, TCP. */
  readonly ports: readonly number[];
  /** Ports of the machine behind which it is, TCP. */
  readonly publishedPorts?: readonly number[];
  /** It shares the network of the machine. */
  readonly isHostNetwork: boolean;
}

export interface LabelProblem {
  readonly place: string;
  readonly reason: string;
  readonly text: string;
}

export interface LabelledResources {
  readonly resources: Readonly<Record<string, JsonObject>>;
  readonly problems: readonly LabelProblem[];
}

const PREFIX = 'manis.';
const PANGOLIN = 'pangolin.';
const KEYS = [
  ...['enable', 'name', 'host', 'port', 'scheme', 'network', 'address', 'policy', 'roles', 'groups', 'emails', 'mfa'],
  ...['check', 'hostHeader', 'weight', 'sticky', 'verify'],
];
/** Labels of one container: what is more is a mistake. */
const RESOURCES_MAX = 32;

/** @param parse a policy of a label, YAML or JSON; undefined where it is none. */
export function resourcesOfContainers(
  containers: readonly LabelledContainer[],
  parse: (text: string) => Json | undefined,
): LabelledResources {
  const resources = new Map<string, JsonObject>();
  const problems: LabelProblem[] = [];
  for (const container of [...containers].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const note = (place: string, reason: string, text: string): undefined =>
      void problems.push({
        place: `container ${container.name}: ${place}`.slice(0, 500),
        reason,
        text: text.slice(0, 500),
      });
    for (const [name, resource] of [...ownResources(container, parse, note), ...pangolinResources(container, note)])
      merge(resources, name, resource, note);
  }
  return { resources: Object.fromEntries(resources), problems };
}

type Note = (place: string, reason: string, text: string) => undefined;

/** Copies of one service are targets of one resource; whoever says something else under its name is told so. */
function merge(resources: Map<string, JsonObject>, name: string, made: JsonObject, note: Note): undefined {
  const before = resources.get(name);
  if (!before) {
    resources.set(name, made);
    return;
  }
  const { targets: had, ...said } = before;
  const { targets: more, ...own } = made;
  if (!sameJson(said, own))
    return note(name, 'labels-differ', 'another container says otherwise of the same resource; the first counts');
  resources.set(name, { ...said, targets: [...(had as readonly Json[]), ...(more as readonly Json[])] });
}

/** `manis.host` is of the container's own resource, `manis.admin.host` of the resource admin. */
function* ownResources(
  container: LabelledContainer,
  parse: (text: string) => Json | undefined,
  note: Note,
): Generator<[string, JsonObject]> {
  const groups = new Map<string, Map<string, string>>();
  for (const [label, value] of Object.entries(container.labels)) {
    if (!label.startsWith(PREFIX)) continue;
    const words = label.slice(PREFIX.length).split('.');
    const [group, key] = words.length === 1 ? ['', words[0] ?? ''] : [words[0] ?? '', words.slice(1).join('.')];
    if (!KEYS.includes(key)) note(label, 'label-unknown', `one of ${KEYS.map((one) => PREFIX + one).join(', ')}`);
    else if (groups.size < RESOURCES_MAX || groups.has(group))
      groups.set(group, (groups.get(group) ?? new Map<string, string>()).set(key, value.trim()));
  }
  const shared = groups.get('');
  for (const [group, labels] of groups) {
    if (group === '' && !labels.has('host')) continue;
    const enable = labels.get('enable') ?? shared?.get('enable');
    if (enable === 'false') continue;
    const place = group === '' ? 'manis' : `manis.${group}`;
    const resource = resourceOf(container, labels, place, parse, note);
    if (resource) yield [labels.get('name') ?? (group || container.name), resource];
  }
}

function resourceOf(
  container: LabelledContainer,
  labels: ReadonlyMap<string, string>,
  place: string,
  parse: (text: string) => Json | undefined,
  note: Note,
): JsonObject | undefined {
  const host = labels.get('host');
  if (host === undefined) return note(`${place}.host`, 'host-missing', 'a resource needs a host');
  const url = urlOf(container, labels, place, note);
  const policy = policyOf(labels, place, parse, note);
  if (!url || !policy) return undefined;
  const check = labels.get('check');
  const weight = labels.get('weight');
  const hostHeader = labels.get('hostHeader');
  const sticky = labels.get('sticky');
  const target = {
    url,
    ...(hostHeader && { hostHeader }),
    ...(weight && /^\d+$/.test(weight) && { weight: Number(weight) }),
    ...(labels.get('verify') === 'false' && { tls: { verify: false } }),
    ...(check && { check: check === 'tcp' ? { kind: 'tcp' } : { kind: 'http', path: check } }),
  };
  return { host, ...(sticky && { sticky }), targets: [target], policy };
}

const SCHEMES = ['http', 'https', 'h2c', 'h2'];

function urlOf(
  container: LabelledContainer,
  labels: ReadonlyMap<string, string>,
  place: string,
  note: Note,
): string | undefined {
  const scheme = labels.get('scheme') ?? 'http';
  if (!SCHEMES.includes(scheme)) return note(`${place}.scheme`, 'scheme-unknown', `one of ${SCHEMES.join(', ')}`);
  const port = labels.get('port') ?? (container.ports.length === 1 ? String(container.ports[0]) : undefined);
  if (port === undefined) {
    const ports = container.ports.join(', ') || 'none';
    return note(`${place}.port`, 'port-unclear', `say which port; the image says: ${ports}`);
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    return note(`${place}.port`, 'port-invalid', 'a port from 1 to 65535');
  const address = addressOf(container, labels, place, note);
  if (address !== undefined && !isOwn(container, address, Number(port))) return note(`${place}.address`, ...NOT_OWN);
  return address && `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const NOT_OWN = [
  'address-not-own',
  'an address of the container, or 127.0.0.1 with a port that it publishes; for anything else use a file beside the connector',
] as const;

/** Whoever starts a container publishes that, and not what else its machine reaches. */
function isOwn(container: LabelledContainer, address: string, port: number): boolean {
  const { addresses, isHostNetwork, publishedPorts = [] } = container;
  if (Object.values(addresses).includes(address)) return true;
  return LOOPBACK.includes(address) && (isHostNetwork || publishedPorts.includes(port));
}

function addressOf(
  { addresses, isHostNetwork }: LabelledContainer,
  labels: ReadonlyMap<string, string>,
  place: string,
  note: Note,
): string | undefined {
  const given = labels.get('address');
  if (given !== undefined) return given;
  if (isHostNetwork) return '127.0.0.1';
  const network = labels.get('network');
  const names = Object.keys(addresses).sort();
  const chosen = network ?? names[0];
  const address = chosen === undefined ? undefined : addresses[chosen];
  if (address) return address;
  return note(
    `${place}.network`,
    'network-unknown',
    `a network that the container is in: ${names.join(', ') || 'none'}`,
  );
}

const ALWAYS = { all: [] };

/** Nobody, unless it is said who: a label that was forgotten opens nothing. */
function policyOf(
  labels: ReadonlyMap<string, string>,
  place: string,
  parse: (text: string) => Json | undefined,
  note: Note,
): JsonObject | undefined {
  const list = (key: string): string[] =>
    (labels.get(key) ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean);
  const named = { roles: list('roles'), groups: list('groups'), emails: list('emails') };
  const anyOf = Object.fromEntries(Object.entries(named).filter(([, words]) => words.length > 0));
  const mfa = labels.get('mfa') === 'true' ? { mfa: true } : {};
  const word = labels.get('policy') ?? (Object.keys(anyOf).length > 0 ? 'named' : 'nobody');
  switch (word) {
    case 'nobody':
      return { rules: [] };
    case 'named':
      return { rules: [rule('people', 'Whom the labels name', ALWAYS, { kind: 'authenticate', anyOf, ...mfa })] };
    case 'signed-in':
      return {
        rules: [
          rule('people', 'Everybody who has signed in', ALWAYS, { kind: 'authenticate', anyOf: 'signed-in', ...mfa }),
        ],
      };
    case 'public':
      return { rules: [rule('public', 'Everybody', ALWAYS, { kind: 'bypass' })] };
    default: {
      const policy = parse(word);
      if (isObject(policy)) return policy;
      return note(`${place}.policy`, 'policy-unknown', 'nobody, signed-in, public, or a policy in YAML or JSON');
    }
  }
}

/** `pangolin.public-resources.app.targets[0].port` as the importer reads it; host and port are the container's where nothing is said. */
function* pangolinResources(container: LabelledContainer, note: Note): Generator<[string, JsonObject]> {
  const tree: Record<string, Json> = {};
  for (const [label, value] of Object.entries(container.labels))
    if (label.startsWith(PANGOLIN)) plant(tree, label.slice(PANGOLIN.length), value);
  if (Object.keys(tree).length === 0) return;
  for (const section of ['public-resources', 'proxy-resources'])
    for (const resource of Object.values((tree[section] ?? {}) as Record<string, Json>))
      if (isObject(resource)) withDefaults(resource as Record<string, Json>, container, note);
  const { blueprint, notes } = importPangolin(tree, { site: '.' });
  for (const { place, text } of notes as readonly ImportNote[]) note(`pangolin.${place}`, 'not-carried-over', text);
  for (const [name, resource] of Object.entries((blueprint['resources'] ?? {}) as Record<string, JsonObject>))
    yield [name, JSON.parse(JSON.stringify(resource), withoutSite) as JsonObject];
}

/** The connector's own site is put in by control. */
function withoutSite(key: string, value: unknown): unknown {
  if (key === 'site') return undefined;
  if (key === 'targets' && Array.isArray(value))
    return value.map((one: unknown) => (typeof one === 'string' ? one.replace(/^\. /, '') : one));
  return value;
}

function withDefaults(resource: Record<string, Json>, container: LabelledContainer, note: Note): void {
  const { addresses, ports, isHostNetwork } = container;
  const host = isHostNetwork ? '127.0.0.1' : (Object.entries(addresses).sort()[0]?.[1] ?? 'localhost');
  const targets = Array.isArray(resource['targets']) ? resource['targets'] : [{}];
  resource['targets'] = targets.flatMap((target: Json) => {
    const { hostname = host, port = ports[0] ?? 80, ...more } = isObject(target) ? target : {};
    if (isOwn(container, String(hostname), Number(port)) || hostname === host) return [{ ...more, hostname, port }];
    note('pangolin', ...NOT_OWN);
    return [];
  });
}

/** Deepest label: more is no setting. */
const DEPTH_MAX = 8;

function plant(tree: Record<string, Json>, path: string, value: string): void {
  const steps = [...path.matchAll(/([^.[\]]+)/g)].map(([step]) => step);
  if (
    steps.length > DEPTH_MAX ||
    steps.some((step) => step === '__proto__' || (/^\d+$/.test(step) && Number(step) > 63))
  )
    return;
  let at: Record<string, Json> | Json[] = tree;
  for (const [index, step] of steps.entries()) {
    const key = (Array.isArray(at) ? Number(step) : step) as never;
    const next = steps[index + 1];
    if (next === undefined) {
      at[key] = scalar(value) as never;
      return;
    }
    const there: Json | undefined = at[key];
    if (typeof there !== 'object' || there === null) at[key] = (/^\d+$/.test(next) ? [] : {}) as never;
    at = at[key] as Record<string, Json> | Json[];
  }
}

function scalar(text: string): Json {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}
