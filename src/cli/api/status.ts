/** `manis status`: the network as it is now. */
import type { CommandDef } from 'citty';
import type { Environment } from '../environment.ts';
import { formatTable } from '../terminal/table.ts';
import { agoText } from '../terminal/times.ts';
import { apiCommand } from './noun.ts';
import type { Reader } from './printed.ts';

interface Version {
  readonly epoch: number;
  readonly revision: number;
}

export interface NetworkStatus {
  readonly version: Version | null;
  readonly controlNodes: readonly {
    readonly id: string;
    readonly url: string;
    readonly software: string;
    readonly alive: boolean;
  }[];
  readonly pops: readonly {
    readonly id: string;
    readonly name: string;
    readonly connected: boolean;
    readonly draining: boolean;
    readonly clockSkewMs?: number | null;
    readonly certificates?: readonly { readonly host: string; readonly problem: string }[];
    readonly applied: Version | null;
  }[];
  readonly connectors: readonly {
    readonly name: string;
    readonly tunnels: readonly {
      readonly popId: string;
      readonly state: string;
      readonly path: string;
      readonly relayPopId: string | null;
      readonly rttMs: number | null;
    }[];
  }[];
  readonly warnings?: readonly string[];
  readonly devices: readonly {
    readonly name: string;
    readonly popId: string | null;
    readonly address: string;
    readonly state: string;
    readonly lastHandshakeUnixMs: number | null;
  }[];
}

export function statusCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'status',
    description: 'The network as it is now',
    run: async (api) => {
      const status = await api.get('/status');
      return { text: (reader) => statusText(status, reader), value: status };
    },
  });
}

export function statusText(
  status: NetworkStatus,
  { columns, nowUnixMs }: Pick<Reader, 'columns' | 'nowUnixMs'>,
): string {
  const { version, controlNodes, pops, connectors, devices, warnings = [] } = status;
  const current = versionText(version);
  const popRows = pops.map((pop) => {
    const applied = versionText(pop.applied);
    const clock = pop.clockSkewMs ? `, its clock is ${Math.round(pop.clockSkewMs / 1000)} s off` : '';
    const link = pop.connected ? `connected${clock}` : 'cut off';
    const work = pop.draining ? 'draining' : 'serving';
    return [pop.name, work, link, applied === current ? 'up to date' : `at ${applied}`];
  });
  const names = new Map(pops.map((pop) => [pop.id, pop.name]));
  const tunnelRows = connectors.flatMap((connector) =>
    connector.tunnels.map((tunnel) => [
      connector.name,
      names.get(tunnel.popId) ?? tunnel.popId,
      tunnel.state,
      tunnel.relayPopId === null ? tunnel.path : `relay via ${names.get(tunnel.relayPopId) ?? tunnel.relayPopId}`,
      tunnel.rttMs === null ? '-' : `${tunnel.rttMs.toFixed(1)} ms`,
    ]),
  );
  return [
    `Snapshot ${current}`,
    ...controlNodesText(controlNodes),
    formatTable(['pop', 'work', 'link', 'snapshot'], popRows, columns),
    formatTable(['connector', 'pop', 'tunnel', 'path', 'round trip'], tunnelRows, columns),
    ...devicesText(devices, names, nowUnixMs),
    ...certificatesText(pops),
    ...(warnings.length > 0 ? [warnings.join('\n')] : []),
  ].join('\n\n');
}

/** Hosts that browsers cannot come to. */
function certificatesText(pops: NetworkStatus['pops']): string[] {
  const rows = pops.flatMap(({ name, certificates = [] }) =>
    certificates.map(({ host, problem }) => [name, host, problem]),
  );
  return rows.length === 0 ? [] : [formatTable(['pop', 'host', 'certificate'], rows)];
}

function devicesText(
  devices: NetworkStatus['devices'],
  popNames: ReadonlyMap<string, string>,
  nowUnixMs: number,
): string[] {
  if (devices.length === 0) return [];
  const rows = devices.map(({ name, address, popId, state, lastHandshakeUnixMs: at }) => {
    const pop = popId === null ? '-' : (popNames.get(popId) ?? popId);
    return [name, address, pop, state, at === null ? 'never' : agoText(at, nowUnixMs)];
  });
  const table = formatTable(['WireGuard device', 'address', 'pop', 'tunnel', 'last handshake'], rows);
  return [`${table}\nA WireGuard device has one tunnel: where it or its PoP fails, nothing takes over.`];
}

/** One alone is the one that answers; several are worth a table. */
function controlNodesText(nodes: NetworkStatus['controlNodes']): string[] {
  if (nodes.length < 2) return [];
  const rows = nodes.map(({ url, id, alive, software }) => [url === '' ? id : url, alive ? 'alive' : 'gone', software]);
  return [formatTable(['control', 'state', 'software'], rows)];
}

function versionText(version: Version | null): string {
  return version ? `${version.epoch}.${version.revision}` : 'none';
}
