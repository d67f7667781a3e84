import type { HeardPop, PopLoad } from '../link/index.ts';
import type { PeerView } from './mesh-view.ts';

/** The other PoPs that one hears, for its connectors. `ways`: how many tunnels a PoP has. */
export function heardPeers(peers: readonly PeerView[], ways: { countOf(popId: string): number }): HeardPop[] {
  return peers
    .filter(({ tunnel }) => tunnel === 'up')
    .map(({ popId, rttMs, report }) => ({
      popId,
      rttMs: rttMs === undefined ? null : Math.round(rttMs * 10) / 10,
      draining: report?.draining ?? false,
      utilisation: report ? utilisationOf(report.load) : null,
      tunnels: ways.countOf(popId),
    }));
}

/** Share of the connections that a PoP is built for, in hundredths; null where it does not say for how many. */
export function utilisationOf({ connections, capacity }: Pick<PopLoad, 'connections' | 'capacity'>): number | null {
  return capacity > 0 ? Math.round((connections / capacity) * 100) / 100 : null;
}
