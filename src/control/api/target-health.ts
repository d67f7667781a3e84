import { z } from 'zod';
import { healthSentence } from '../../core/routing/index.ts';
import {
  findConnector,
  findDevice,
  findPop,
  findTarget,
  type TargetHealthChangesTable,
  type TargetHealthTable,
  targetHealthChanges,
  targetHealthOf,
  targetsOfResources,
} from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { notFound } from '../problems.ts';
import { type Api, type ApiContext, organisationOf } from './api.ts';
import { id, idParams, unixMs } from './schemas.ts';

const state = z.enum(['unknown', 'healthy', 'unhealthy']);
/** Over all PoPs and connectors: `degraded` where they differ. */
export const targetState = z.enum(['unknown', 'healthy', 'degraded', 'unhealthy']);

const way = z.object({
  popId: id,
  pop: z.string().describe('its name'),
  connectorId: id,
  connector: z.string().describe('its name; a WireGuard device stands here as well'),
  state,
  reason: z.string().describe('a stable code, such as status-503 or tunnel-down'),
  text: z.string(),
});

const health = z.object({
  targetId: id,
  state: targetState,
  ways: z.array(
    way.extend({ sinceUnixMs: unixMs, current: z.boolean().describe('the PoP is linked; else this is its last word') }),
  ),
  history: z.array(way.extend({ unixMs })).describe('the newest change first'),
});

/** How targets are, as the PoPs that are linked find them. */
export async function targetStates(
  control: Control,
  targetIds: readonly string[],
): Promise<(targetId: string) => z.output<typeof targetState>> {
  const linked = await linkedPops(control);
  const rows = (await targetHealthOf(control.store.database, targetIds)).filter((row) => linked.has(row.pop_id));
  const byTarget = Map.groupBy(rows, (row) => row.target_id);
  return (targetId) => summaryOf(byTarget.get(targetId) ?? []);
}

/** Over all targets of a resource; `none`: it has none. */
export const resourceHealth = z.enum(['none', ...targetState.options]);
type ResourceHealth = z.output<typeof resourceHealth>;

/** How resources are, as their targets are. */
export async function resourceStates(
  control: Control,
  organisationId: string,
  resourceIds: readonly string[],
): Promise<(resourceId: string) => ResourceHealth> {
  const targets = await targetsOfResources(control.store.database, organisationId, resourceIds);
  const stateOf = await targetStates(
    control,
    targets.map(({ id: targetId }) => targetId),
  );
  const byResource = Map.groupBy(targets, (target) => target.resource_id);
  return (resourceId) => healthOf((byResource.get(resourceId) ?? []).map((target) => stateOf(target.id)));
}

/** Not known of some is no fault of the others. */
function healthOf(states: readonly z.output<typeof targetState>[]): ResourceHealth {
  if (states.length === 0) return 'none';
  const known = new Set(states.filter((each) => each !== 'unknown'));
  if (known.size > 1) return 'degraded';
  return [...known][0] ?? 'unknown';
}

export function targetHealthRoutes(api: Api, { control }: ApiContext): void {
  const { store } = control;
  api.get(
    '/targets/:id/health',
    {
      config: { access: 'resource.read' },
      schema: {
        tags: ['targets'],
        summary: 'How a target is, by PoP and connector, and how that changed',
        params: idParams,
        response: { 200: health },
      },
    },
    async (request) => {
      const { id: targetId } = request.params;
      if (!(await findTarget(store.database, organisationOf(request), targetId))) throw notFound('target', targetId);
      const [rows, changes, linked] = await Promise.all([
        targetHealthOf(store.database, [targetId]),
        targetHealthChanges(store.database, targetId),
        linkedPops(control),
      ]);
      const name = await namesOf(control, organisationOf(request), [...rows, ...changes]);
      return {
        targetId,
        state: summaryOf(rows.filter((row) => linked.has(row.pop_id))),
        ways: rows.map((row) => ({
          ...wayOf(row, name),
          sinceUnixMs: row.since_unix_ms,
          current: linked.has(row.pop_id),
        })),
        history: changes.map((row) => ({ ...wayOf(row, name), unixMs: row.unix_ms })),
      };
    },
  );
}

async function linkedPops({ links }: Control): Promise<ReadonlySet<string>> {
  return new Set((await links.pops()).map(({ popId }) => popId));
}

function summaryOf(rows: readonly Pick<TargetHealthTable, 'state'>[]): z.output<typeof targetState> {
  const states = new Set(rows.map((row) => row.state));
  if (!states.has('unhealthy')) return states.has('healthy') ? 'healthy' : 'unknown';
  return states.size === 1 ? 'unhealthy' : 'degraded';
}

type Named = TargetHealthTable | TargetHealthChangesTable;

function wayOf(row: Named, name: (nodeId: string) => string): z.output<typeof way> {
  return {
    popId: row.pop_id,
    pop: name(row.pop_id),
    connectorId: row.connector_id,
    connector: name(row.connector_id),
    state: row.state,
    reason: row.reason,
    text: healthSentence(row.reason),
  };
}

/** Names of nodes; the id of one that is gone. */
async function namesOf(
  { store }: Control,
  organisationId: string,
  rows: readonly Named[],
): Promise<(nodeId: string) => string> {
  const names = new Map<string, string>();
  for (const popId of new Set(rows.map((row) => row.pop_id)))
    names.set(popId, (await findPop(store.database, popId))?.name ?? popId);
  for (const id of new Set(rows.map((row) => row.connector_id))) {
    const node =
      (await findConnector(store.database, organisationId, id)) ??
      (await findDevice(store.database, organisationId, id));
    names.set(id, node?.name ?? id);
  }
  return (nodeId) => names.get(nodeId) ?? nodeId;
}
