/** What the map draws of the network: which tunnels there are, how they are, and which sites have room. */

import { isUp } from './standings.ts';
import type { Pop, Site, Status } from './status.ts';

/** Loss from which a tunnel that is up needs a look. */
const LOSSY = 0.02;
/** More sites than this would hide the map; those in trouble come first. */
const SITES_DRAWN = 24;

export type Health = 'good' | 'warn' | 'bad';
type Tunnel = Status['connectors'][number]['tunnels'][number];

export interface DrawnTunnel {
  readonly popId: string;
  readonly health: Health;
  readonly path: Tunnel['path'];
}

export interface DrawnSite {
  readonly site: Site;
  readonly isAlive: boolean;
  /** Of the point of presence that it is drawn beside. */
  readonly nearestPopId: string;
  /** One for each point of presence, the worst last, so that it is seen. */
  readonly tunnels: readonly DrawnTunnel[];
}

const BADNESS: Readonly<Record<Health, number>> = { good: 0, warn: 1, bad: 2 };

export function healthOfTunnel({ state, loss }: Pick<Tunnel, 'state' | 'loss'>): Health {
  if (state === 'down') return 'bad';
  return state === 'suspect' || loss >= LOSSY ? 'warn' : 'good';
}

export function healthOfPop(live: Status['pops'][number] | undefined): Health {
  if (!live?.connected) return 'bad';
  return live.draining ? 'warn' : 'good';
}

/** A site stands on no map that we have: it is drawn beside the point of presence that it hears best. */
export function drawnSites(
  sites: readonly Site[],
  status: Status,
  pops: readonly Pop[],
): { readonly drawn: readonly DrawnSite[]; readonly leftOut: number } {
  const known = new Set(pops.map(({ id }) => id));
  const all = sites.flatMap((site) => siteOf(site, status, known));
  const first = all.toSorted((a, b) => trouble(b) - trouble(a)).slice(0, SITES_DRAWN);
  return { drawn: all.filter((site) => first.includes(site)), leftOut: all.length - first.length };
}

function trouble({ tunnels, isAlive }: DrawnSite): number {
  return isAlive ? Math.max(0, ...tunnels.map(({ health }) => BADNESS[health])) : BADNESS.bad + 1;
}

function siteOf(site: Site, status: Status, known: ReadonlySet<string>): DrawnSite[] {
  const connectors = status.connectors.filter(({ siteId }) => siteId === site.id);
  const tunnels = connectors.flatMap((connector) => connector.tunnels).filter(({ popId }) => known.has(popId));
  const [nearest] = tunnels.toSorted(
    (a, b) => (a.rttMs ?? Number.POSITIVE_INFINITY) - (b.rttMs ?? Number.POSITIVE_INFINITY),
  );
  if (!nearest) return [];
  const worst = new Map<string, DrawnTunnel>();
  for (const tunnel of tunnels) {
    const { popId, path } = tunnel;
    const health = healthOfTunnel(tunnel);
    const before = worst.get(popId);
    if (!before || BADNESS[health] > BADNESS[before.health]) worst.set(popId, { popId, health, path });
  }
  return [
    {
      ...{ site, nearestPopId: nearest.popId, isAlive: connectors.some(isUp) },
      tunnels: [...worst.values()].sort((a, b) => BADNESS[a.health] - BADNESS[b.health]),
    },
  ];
}
