import { z } from 'zod';
import type { Json, JsonObject } from '../../../core/blueprint/index.ts';
import type { HttpSettings } from '../../../core/http-rules/index.ts';
import { auditSettingsOf, listResources, listTargets, type ResourcesTable } from '../../../io/store/index.ts';
import { auditMode } from '../../api/audit.ts';
import { captureSettings, readCapture } from '../../api/capture-shapes.ts';
import { readHttpSettings } from '../../api/http-shapes.ts';
import { readPolicy, scopeOf } from '../../api/policy-shapes.ts';
import { newResource } from '../../api/resources.ts';
import { name as nameShape } from '../../api/schemas.ts';
import { newStreamColumns } from '../../api/stream-settings.ts';
import { normaliseHost } from '../../host-names.ts';
import { ControlFailure } from '../../problems.ts';
import { hostOf, listenItem, proxyItem } from '../../stream-resources.ts';
import type { Calls } from '../calls.ts';
import { everyRow } from '../every-row.ts';
import { type Names, named } from '../names.ts';
import { json, type Part, type Reading, type Stored, type Wanted, without, wrong } from '../part.ts';
import { withIds, withNames } from '../policy-names.ts';
import {
  changeTargets,
  type LabelledTarget,
  labelNamed,
  storedTargets,
  targetBodyOf,
  targetEntry,
  targetShape,
  wantedTargets,
} from './targets.ts';

const shape = newResource.omit({ name: true, providerId: true, targets: true }).extend({
  provider: z.string().nullable().default(null).describe('identity provider that people are led to at once'),
  audit: auditMode.nullable().default(null).describe('which decisions are audited; null: as the organisation says'),
  capture: captureSettings
    .optional()
    .describe('which parts of requests are captured; null: nothing is. See docs/how-to/webhooks.md'),
  targets: z.array(targetShape).max(64).default([]),
  http: z
    .unknown()
    .optional()
    .describe('routes, header rules and limits: see docs/http-rules.md; routes name targets as "SITE URL", or by URL'),
});
type Entry = z.output<typeof shape>;

const DEFAULTS = {
  ...json(shape.omit({ targets: true, http: true, host: true, listen: true, policy: true }).parse({})),
  ...{ host: null, listen: null, capture: null, policy: { rules: [] }, http: {}, targets: [] },
};

/** Beside its JSON a resource keeps its targets with their ids and keys. */
interface WithTargets {
  readonly labelled: readonly LabelledTarget[];
}

export const resources: Part = {
  noun: 'resources',
  permission: 'resource.read',
  shape,
  nameShape,
  stored: storedResources,
  async wanted(name, entry, before, { control, names }): Promise<Wanted & WithTargets> {
    const { host, listen, proxyProtocol, policy, targets, http, capture, ...given } = entry as Entry;
    const stored = before(name);
    if (stored && stored.fields['kind'] !== given.kind)
      throw wrong(['kind'], `${String(stored.fields['kind'])}: a resource does not become another kind`, given.kind);
    if (stored && host === undefined && stored.fields['host'] !== null) throw wrong(['host'], 'a host, as it has one');
    const columns = newStreamColumns({ kind: given.kind, listen, proxyProtocol });
    const labelled = wantedTargets(targets);
    const fields = {
      ...json(given),
      host: host === undefined ? null : normaliseHost(host, control.portalHost),
      ...{ listen: listenItem(columns) as unknown as Json, proxyProtocol: proxyItem(columns) as unknown as Json },
      policy: canonicalPolicy(policy ?? { rules: [] }, given.kind, names),
      capture: (capture ?? null) as unknown as Json,
      targets: labelled.map((target) => target.fields),
      http: canonicalHttp(http ?? {}, labelled),
    };
    return { noun: 'resources', name, fields, labelled };
  },
  entryOf(stored) {
    const { kind, host, targets: _targets, http, policy, ...rest } = stored.fields;
    const { labelled } = stored as Stored & WithTargets;
    const parts = without({ http, policy } as JsonObject, DEFAULTS);
    return {
      ...(kind !== 'http' && { kind }),
      ...(host !== null && { host }),
      ...without(rest, DEFAULTS),
      ...(labelled.length > 0 && { targets: labelled.map((target) => targetEntry(target, stored.name)) }),
      ...parts,
    };
  },
  create,
  update,
  remove: (calls, { id }) => calls.remove(`/resources/${id}`),
};

async function storedResources({ queries, organisationId, names }: Reading): Promise<(Stored & WithTargets)[]> {
  const rows = await everyRow((request) => listResources(queries, organisationId, request));
  const all = await everyRow((request) => listTargets(queries, organisationId, request));
  const targetsOf = Map.groupBy(all, (row) => row.resource_id);
  const audits = new Map((await auditSettingsOf(queries, organisationId)).map((row) => [row.resource_id, row.mode]));
  const lasting = rows.filter((row) => (row.expires_unix_ms ?? null) === null);
  return named(lasting).map(([name, row]) => {
    const labelled = storedTargets(targetsOf.get(row.id) ?? [], (siteId) => names.nameOf('sites', siteId));
    const fields = {
      ...{ kind: row.kind, host: hostOf(row) || null, listen: listenItem(row) as unknown as Json },
      ...{ proxyProtocol: proxyItem(row) as unknown as Json, enabled: row.enabled === 1 },
      ...{ balancing: row.balancing, sticky: row.sticky, panicThreshold: row.panic_threshold },
      provider: row.provider_id && names.nameOf('providers', row.provider_id),
      audit: audits.get(row.id) ?? null,
      policy: withNames(JSON.parse(row.policy) as Json, names),
      capture: readCapture(row.capture) as unknown as Json,
      targets: labelled.map((target) => target.fields),
      http: withLabels(row, labelled),
    };
    return { noun: 'resources', id: row.id, name, source: row.source ?? null, fields, labelled };
  });
}

function canonicalPolicy(policy: unknown, kind: ResourcesTable['kind'], names: Names): Json {
  return withNames(json(readPolicy(withIds(policy as Json, names), 'policy', scopeOf(kind))), names);
}

/** Routes with labels of targets, as an entry has them. Names are put in after the parser, which knows ids of a certain length. */
function canonicalHttp(http: unknown, targets: readonly LabelledTarget[]): Json {
  const labels = targets.map(({ label }) => label);
  const asIds = routed(http as Json, (word, path) => {
    const label = labelNamed(word, targets);
    if (label === undefined)
      throw wrong(path, `a target of this resource: ${labels.join(', ') || 'it has none'}`, word);
    return `t${labels.indexOf(label)}`;
  });
  try {
    return routed(json(readHttpSettings(asIds)), (word) => labels[Number(word.slice(1))] ?? word);
  } catch (error) {
    throw error instanceof ControlFailure ? within('http', error) : error;
  }
}

function within(place: string, failure: ControlFailure): ControlFailure {
  const problems = (failure.extra['problems'] ?? []) as readonly { readonly path: string }[];
  return new ControlFailure(failure.code, failure.message, {
    problems: problems.map((problem) => ({ ...problem, path: `${place}.${problem.path}` })),
  });
}

function withLabels({ http_settings: text }: ResourcesTable, targets: readonly LabelledTarget[]): Json {
  const labels = new Map(targets.map(({ id, label }) => [id, label]));
  return routed(JSON.parse(text ?? '{}') as Json, (id) => labels.get(id) ?? id);
}

/** Settings with every target of a route in other words. */
function routed(settings: Json, word: (text: string, path: readonly (string | number)[]) => string): Json {
  const { routes } = (settings ?? {}) as HttpSettings;
  if (!Array.isArray(routes)) return settings;
  const changed = routes.map((route: { forward?: { targets?: unknown } }, at) => {
    const names = route?.forward?.targets;
    if (!Array.isArray(names)) return route;
    const targets = names.map((one: unknown, i) =>
      typeof one === 'string' ? word(one, ['http', 'routes', at, 'forward', 'targets', i]) : one,
    );
    return { ...route, forward: { ...route.forward, targets } };
  });
  return { ...(settings as JsonObject), routes: changed as Json };
}

async function create(calls: Calls, wanted: Wanted): Promise<string> {
  const { audit, http, capture, targets: _targets, host, listen, policy, provider, ...rest } = wanted.fields;
  const { labelled } = wanted as Wanted & WithTargets;
  const { id } = await calls.post('/resources', {
    ...{ name: wanted.name, ...rest, providerId: providerId(calls, provider) },
    ...(host !== null && { host }),
    ...(listen !== null && { listen }),
    policy: withIds(policy ?? { rules: [] }, calls.names),
  });
  const ids = new Map<string, string>();
  for (const target of labelled)
    ids.set(target.label, (await calls.post(`/resources/${id}/targets`, targetBodyOf(calls, target))).id);
  await putHttp(calls, id, http ?? {}, {}, ids);
  if (audit !== null) await calls.put(`/audit/settings/resources/${id}`, { mode: audit });
  if (capture) await calls.put(`/resources/${id}/capture`, { capture });
  return id;
}

async function update(calls: Calls, wanted: Wanted, before: Stored): Promise<string> {
  const {
    audit,
    http,
    capture,
    targets: _t,
    listen,
    policy,
    provider,
    ...rest
  } = without(wanted.fields, before.fields);
  const { id } = before;
  await calls.patch(`/resources/${id}`, {
    ...rest,
    ...(listen !== undefined && { listen }),
    ...(policy !== undefined && { policy: withIds(policy, calls.names) }),
    ...(provider !== undefined && { providerId: providerId(calls, provider) }),
  });
  const { labelled: after } = wanted as Wanted & WithTargets;
  const { labelled: had } = before as Stored & WithTargets;
  const { ids, removeRest } = await changeTargets(calls, id, had, after);
  await putHttp(calls, id, wanted.fields['http'] ?? {}, before.fields['http'] ?? {}, ids);
  await removeRest();
  if (audit !== undefined) await calls.put(`/audit/settings/resources/${id}`, { mode: audit });
  if (capture !== undefined) await calls.put(`/resources/${id}/capture`, { capture });
  return id;
}

function providerId(calls: Calls, name: Json | undefined): string | null {
  return typeof name === 'string' ? calls.names.idOf('providers', name, 'provider') : null;
}

async function putHttp(
  calls: Calls,
  id: string,
  http: Json,
  had: Json,
  ids: ReadonlyMap<string, string>,
): Promise<void> {
  if (JSON.stringify(http) === JSON.stringify(had)) return;
  await calls.put(`/resources/${id}/http`, routed(http, (label) => ids.get(label) ?? label) as JsonObject);
}
