import { type Clock, formatEndpoint } from '../../base/index.ts';
import type { AttachedConnector } from '../../core/link/index.ts';
import type { TunnelStatus } from '../../core/overlay/index.ts';
import type { ReachableEntry } from '../../core/reach/index.ts';
import type { ConnectorLinks } from './connector-links.ts';

/** A thousandth says enough, and does not differ from one moment to the next. */
const LOSS_STEPS = 1_000;

/**
 * What control is told of a connector's tunnel; undefined for a connector that was never reached. `links`: what it said
 * within.
 */
export function attachedConnector(
  tunnel: TunnelStatus,
  clock: Clock,
  links: Pick<ConnectorLinks, 'isOpen' | 'software'>,
): AttachedConnector | undefined {
  const software = links.software(tunnel.id);
  const loss = Math.round(tunnel.loss * LOSS_STEPS) / LOSS_STEPS;
  const active = tunnel.paths.find((path) => path.active);
  if (!active) return undefined;
  return {
    connectorId: tunnel.id,
    state: tunnel.state === 'unproven' ? 'down' : tunnel.state,
    path: active.kind,
    relayPopId: active.via ?? null,
    rttMs: tunnel.rttMs ?? null,
    sinceUnixMs: Math.round(clock.unixMs() - (clock.nowMs() - tunnel.changedAtMs)),
    endpoint: tunnel.endpoint ? formatEndpoint(tunnel.endpoint) : null,
    ...(loss > 0 && { loss }),
    ...(software !== undefined && { software }),
    ...(links.isOpen(tunnel.id) && { isLinked: true }),
  };
}

/** Those that keep their tunnel to us and hear us over a path of their own. */
export function directlyAttached(tunnels: readonly TunnelStatus[], links: AttachedLinks): ReachableEntry[] {
  return tunnels
    .filter(({ id, directState }) => directState === 'up' && links.isAttached(id))
    .map(({ id, paths }) => {
      const rttMs = paths.find(({ kind }) => kind !== 'relay')?.rttMs ?? null;
      return { id, rttMs, draining: links.isDraining(id) };
    });
}

interface AttachedLinks {
  isAttached(connectorId: string): boolean;
  isDraining(connectorId: string): boolean;
}
