import { z } from 'zod';
import { allDevices, listControlNodes, type PopsTable } from '../../io/store/index.ts';
import { connectorWarnings } from '../blueprints/connector-news.ts';
import { NODE_SILENT_MS } from '../constants.ts';
import type { Control } from '../control.ts';
import { edgeWarnings } from '../domains/own-certificates.ts';
import type { PopStatus } from '../pop-statuses.ts';
import { type Api, type ApiContext, organisationOf, principalOf } from './api.ts';
import { deviceStatus, deviceStatusItem } from './devices.ts';
import { id, streamPosition, unixMs, version } from './schemas.ts';

export const status = z
  .object({
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
        load: z
          .object({
            connections: z.number().int().describe('open connections of clients, HTTP or not'),
            capacity: z
              .number()
              .int()
              .describe('connections that it is built for; steering leads clients elsewhere before'),
            cpu: z.number().describe('share of one core that it uses, 0 to 1'),
            memoryBytes: z.number().int(),
          })
          .nullable()
          .describe('told every ten seconds, by the control node that its link is with; null: not known'),
        certificates: z
          .array(z.object({ host: z.string(), problem: z.enum(['missing', 'expired']) }))
          .describe(
            'hosts that browsers cannot come to there, a few of them; told by the control node that its link is with',
          ),
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
            loss: z.number().describe('share of heartbeats that got lost, 0 to 1'),
            isLinked: z.boolean().describe('the link within the tunnel is open, so the connector hears what changes'),
          }),
        ),
        software: z.string().nullable().describe('what it runs; null: no PoP was told yet'),
      }),
    ),
    warnings: z
      .array(z.string())
      .describe('domains that fail, certificates that are about to end, labels that were not taken'),
    devices: z.array(deviceStatus).describe('plain WireGuard devices: one tunnel each, without failover'),
  })
  .meta({ id: 'Status', description: 'The network as it is now.' });

export function statusRoutes(api: Api, { control }: ApiContext): void {
  api.get(
    '/status',
    {
      config: { access: 'status.read' },
      schema: { tags: ['status'], summary: 'The network as it is now', response: { 200: status } },
    },
    async (request) => readStatus(control, organisationOf(request), principalOf(request).isInstallationAdmin),
  );
}

/** As somebody may see it. */
export async function readStatus(
  control: Control,
  organisationId: string,
  isInstallationAdmin: boolean,
): Promise<z.output<typeof status>> {
  const { store, links, publisher, keys, software } = control;
  const linked = await links.pops();
  const [nodes, pops, connectors, devices, counters] = [
    isInstallationAdmin ? await listControlNodes(store.database) : [],
    await store.database.selectFrom('pops').select(['id', 'name', 'draining']).orderBy('id').execute(),
    await store.database
      .selectFrom('connectors')
      .select(['id', 'name', 'site_id', 'draining'])
      .where('organisation_id', '=', organisationId)
      .orderBy('id')
      .execute(),
    (await allDevices(store.database)).filter((row) => row.organisation_id === organisationId),
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
    pops: pops.map((row) =>
      popItem(
        control,
        row,
        linked.find(({ popId }) => popId === row.id),
        isInstallationAdmin,
      ),
    ),
    warnings: [
      ...(await edgeWarnings(store.database, organisationId, control.clock.unixMs())),
      ...(await connectorWarnings(store.database, organisationId)),
    ],
    devices: devices.map((row) => deviceStatusItem(row, linked)),
    connectors: connectors.map((row) => ({
      id: row.id,
      name: row.name,
      siteId: row.site_id,
      draining: row.draining === 1,
      tunnels: tunnelsOf(row.id, linked),
      software: softwareOf(row.id, linked),
    })),
  };
}

function tunnelsOf(connectorId: string, linked: readonly PopStatus[]) {
  return linked.flatMap((pop) =>
    pop.connectors
      .filter((attached) => attached.connectorId === connectorId)
      .map(({ state, path, relayPopId, rttMs, sinceUnixMs, endpoint, loss = 0, isLinked = false }) => ({
        popId: pop.popId,
        state,
        path,
        relayPopId,
        rttMs,
        sinceUnixMs,
        endpoint,
        loss,
        isLinked,
      })),
  );
}

function softwareOf(connectorId: string, linked: readonly PopStatus[]): string | null {
  const attached = linked
    .flatMap((pop) => pop.connectors)
    .find((one) => one.connectorId === connectorId && one.software);
  return attached?.software ?? null;
}

function popItem(
  { links }: Control,
  row: Pick<PopsTable, 'id' | 'name' | 'draining'>,
  live: PopStatus | undefined,
  isInstallationAdmin: boolean,
): z.output<typeof status>['pops'][number] {
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
    load: live ? links.facts.of(row.id).load : null,
    // Hosts of all organisations are among them.
    certificates: isInstallationAdmin ? [...links.facts.of(row.id).certificates] : [],
  };
}
