import { z } from 'zod';
import { parseIpAddress, unmapIpv4 } from '../../base/index.ts';
import { compile, evaluate, normaliseTarget, type Policy, plainContext } from '../../core/policy/index.ts';
import { allDevices, allEnabledResources, listControlNodes, type ResourcesTable } from '../../io/store/index.ts';
import { NODE_SILENT_MS } from '../constants.ts';

import type { Control } from '../control.ts';
import type { Principal } from '../principal.ts';
import { type Api, type ApiContext, principalOf } from './api.ts';
import { deviceStatus, deviceStatusItem } from './devices.ts';
import { id, streamPosition, unixMs, version } from './schemas.ts';
import { user, userItem } from './users.ts';

const me = user.extend({ isAdmin: z.boolean(), sessionId: z.string().nullable() });
const application = z.object({ id, name: z.string(), host: z.string(), url: z.string() });

const status = z.object({
  controlId: id,
  software: z.string(),
  version: version.nullable(),
  revocations: streamPosition,
  controlNodes: z.array(
    z.object({
      id,
      url: z.string(),
      software: z.string(),
      startedUnixMs: unixMs,
      seenUnixMs: unixMs,
      alive: z.boolean(),
    }),
  ),
  pops: z.array(
    z.object({
      id,
      name: z.string(),
      connected: z.boolean(),
      draining: z.boolean().describe('it takes no new work: an administrator asked, or it is about to stop'),
      controlId: id.nullable().describe('the control node that its link is with'),
      software: z.string().nullable(),
      connectedSinceUnixMs: unixMs.nullable(),
      applied: version.nullable(),
      revocationsApplied: streamPosition.nullable(),
      clockSkewMs: z.number().nullable().describe('how far its clock is ahead of control, where that is too much'),
    }),
  ),
  connectors: z.array(
    z.object({
      id,
      name: z.string(),
      siteId: id,
      draining: z.boolean(),
      tunnels: z.array(
        z.object({
          popId: id,
          state: z.enum(['up', 'suspect', 'down']),
          path: z.enum(['udp', 'tls', 'relay']).describe('how packets travel'),
          relayPopId: id.nullable().describe('the PoP in between'),
          rttMs: z.number().nullable(),
          sinceUnixMs: unixMs,
          endpoint: z.string().nullable(),
        }),
      ),
    }),
  ),
  devices: z.array(deviceStatus).describe('plain WireGuard devices: one tunnel each, without failover'),
});

export function meRoutes(api: Api, { control }: ApiContext): void {
  const tags = ['me'];
  const config = { access: 'signed-in' as const };

  api.get('/me', { config, schema: { tags, summary: 'Who you are', response: { 200: me } } }, async (request) => {
    const principal = principalOf(request);
    return { ...userItem(principal.user), isAdmin: principal.isAdmin, sessionId: principal.sessionId };
  });

  api.get(
    '/me/applications',
    {
      config,
      schema: {
        tags,
        summary: 'The resources whose policy lets you in at their first page, or may after another proof of identity',
        response: { 200: z.object({ items: z.array(application) }) },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const rows = await allEnabledResources(control.store.database);
      const visible = rows.filter((row) => !row.host.startsWith('*.') && mayEnter(control, row, principal));
      return {
        items: visible.map((row) => ({
          id: row.id,
          name: row.name,
          host: row.host,
          url: publicUrl(control, row.host),
        })),
      };
    },
  );

  api.get(
    '/status',
    { schema: { tags: ['status'], summary: 'The network as it is now', response: { 200: status } } },
    async () => readStatus(control),
  );
}

/** Whether `GET /` from where the person is now would be allowed, or challenged. */
function mayEnter(control: Control, row: ResourcesTable, principal: Principal): boolean {
  const target = normaliseTarget('/');
  if (typeof target === 'string') return false;
  const address = parseIpAddress(principal.clientAddress);
  const policy = compile({ resource: JSON.parse(row.policy) as Policy, version: 'stored' });
  const decision = evaluate(
    policy,
    plainContext({
      clientAddress: address && unmapIpv4(address),
      target,
      method: 'GET',
      nowUnixMs: control.clock.unixMs(),
    }),
    {
      kind: 'user',
      userId: principal.user.id,
      email: principal.user.email,
      roles: principal.user.roles,
      groups: [],
      methods: principal.methods,
      mfa: false,
      authenticatedAtUnixMs: principal.authenticatedAtUnixMs,
    },
  );
  return decision.outcome !== 'deny';
}

function publicUrl(control: Control, host: string): string {
  return `https://${host}${control.publicPort === 443 ? '' : `:${control.publicPort}`}/`;
}

async function readStatus(control: Control): Promise<z.output<typeof status>> {
  const { store, links, publisher, keys, software } = control;
  const linked = await links.pops();
  const [nodes, pops, connectors, devices, counters] = [
    await listControlNodes(store.database),
    await store.database.selectFrom('pops').select(['id', 'name', 'draining']).orderBy('id').execute(),
    await store.database.selectFrom('connectors').select(['id', 'name', 'site_id', 'draining']).orderBy('id').execute(),
    await allDevices(store.database),
    await store.database.selectFrom('counters').selectAll().executeTakeFirstOrThrow(),
  ];
  return {
    controlId: keys.controlId,
    software,
    version: publisher.current?.version ?? null,
    revocations: { epoch: counters.epoch, sequence: counters.revocation_sequence },
    controlNodes: nodes.map((row) => ({
      id: row.id,
      url: row.url,
      software: row.software,
      startedUnixMs: row.started_unix_ms,
      seenUnixMs: row.seen_unix_ms,
      alive: row.id === keys.controlId || row.seen_unix_ms > control.clock.unixMs() - NODE_SILENT_MS,
    })),
    pops: pops.map((row) => {
      const live = linked.find(({ popId }) => popId === row.id);
      return {
        id: row.id,
        name: row.name,
        connected: live !== undefined,
        draining: row.draining === 1 || (live?.draining ?? false),
        controlId: live?.controlId ?? null,
        software: live?.software ?? null,
        connectedSinceUnixMs: live?.connectedSinceUnixMs ?? null,
        applied: live?.applied ?? null,
        revocationsApplied: live?.revocationsApplied ?? null,
        clockSkewMs: links.facts.of(row.id).clockSkewMs,
      };
    }),
    devices: devices.map((row) => deviceStatusItem(row, linked)),
    connectors: connectors.map((row) => ({
      id: row.id,
      name: row.name,
      siteId: row.site_id,
      draining: row.draining === 1,
      tunnels: linked.flatMap((pop) =>
        pop.connectors
          .filter((attached) => attached.connectorId === row.id)
          .map(({ state, path, relayPopId, rttMs, sinceUnixMs, endpoint }) => ({
            popId: pop.popId,
            state,
            path,
            relayPopId,
            rttMs,
            sinceUnixMs,
            endpoint,
          })),
      ),
    })),
  };
}
