import { type Clock, formatEndpoint } from '../../base/index.ts';
import type { AttachedConnector } from '../../core/link/index.ts';
import type { TunnelStatus } from '../../core/overlay/index.ts';

/** What control is told of a connector's tunnel; undefined for a connector that was never reached. */
export function attachedConnector(tunnel: TunnelStatus, clock: Clock): AttachedConnector | undefined {
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
  };
}
