/** The world with points of presence where they stand, and each site beside the nearest of those that it reaches. */
import { geoPath } from 'd3-geo';
import { useMemo } from 'react';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import land from 'world-atlas/land-110m.json' with { type: 'json' };
import { TEXTS } from '../../texts/index.ts';
import { HEIGHT, namesBelow, projectionFor, type Spot, WIDTH } from './map-view.ts';
import { isUp } from './standings.ts';
import type { Pop, Site, Status } from './status.ts';

/** How far from its PoP a site is drawn, in pixels of the drawing. */
const SITE_DISTANCE = 92;

const topology = land as unknown as Topology<{ land: GeometryCollection }>;
const continents = feature(topology, topology.objects.land);

interface MapProps {
  readonly status: Status;
  readonly pops: readonly Pop[];
  readonly sites: readonly Site[];
}

export function NetworkMap({ status, pops, sites }: MapProps) {
  const { landPath, spots } = useMemo(() => {
    const projection = projectionFor(pops.map(({ location }) => location));
    const place = ({ location }: Pop): Spot => {
      const [x, y] = projection([location.longitude, location.latitude]) ?? [0, 0];
      return { x, y };
    };
    return {
      landPath: geoPath(projection)(continents) ?? '',
      spots: new Map(pops.map((pop) => [pop.id, place(pop)])),
    };
  }, [pops]);
  const drawn = sites.flatMap((site) => siteOf(site, status, spots));
  const popSpots = pops.map(({ id }) => spots.get(id) as Spot);
  const below = namesBelow([...popSpots, ...drawn.map(({ spot }) => spot)]);
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`${TEXTS.overview.map}: ${pops
        .map(({ name }) => name)
        .sort()
        .join(', ')}`}
      className="block w-full bg-ground"
    >
      <path d={landPath} className="fill-line/60" />
      {drawn.flatMap(({ spot, tunnels }) =>
        tunnels.map((tunnel) => <TunnelLine key={tunnel.key} from={spot} tunnel={tunnel} />),
      )}
      {drawn.map(({ site, spot, isAlive }, index) => (
        <g key={site.id}>
          <rect
            x={spot.x - 6}
            y={spot.y - 6}
            width="12"
            height="12"
            rx="3"
            className={`stroke-sheet ${isAlive ? 'fill-accent' : 'fill-bad'}`}
            strokeWidth="2"
          />
          <Name spot={spot} text={site.name} isBelow={below[pops.length + index] ?? false} />
        </g>
      ))}
      {pops.map(({ id, name }, index) => (
        <PopDot
          key={id}
          spot={popSpots[index] as Spot}
          name={name}
          live={status.pops.find((pop) => pop.id === id)}
          isBelow={below[index] ?? false}
        />
      ))}
    </svg>
  );
}

interface Line {
  readonly key: string;
  readonly to: Spot;
  readonly state: 'up' | 'suspect' | 'down';
  readonly path: 'udp' | 'tls' | 'relay';
}

const STROKES = { up: 'stroke-good', suspect: 'stroke-warn', down: 'stroke-bad' } as const;
const DASHES = { udp: undefined, tls: '8 4', relay: '2 5' } as const;

function TunnelLine({ from, tunnel }: { readonly from: Spot; readonly tunnel: Line }) {
  return (
    <line
      x1={from.x}
      y1={from.y}
      x2={tunnel.to.x}
      y2={tunnel.to.y}
      strokeWidth="2"
      strokeDasharray={DASHES[tunnel.path]}
      className={STROKES[tunnel.state]}
    />
  );
}

interface PopDotProps {
  readonly spot: Spot;
  readonly name: string;
  readonly live: Status['pops'][number] | undefined;
  readonly isBelow: boolean;
}

function PopDot({ spot, name, live, isBelow }: PopDotProps) {
  const colour = !live?.connected ? 'fill-bad' : live.draining ? 'fill-warn' : 'fill-good';
  return (
    <g>
      <circle cx={spot.x} cy={spot.y} r="13" className={`${colour} opacity-20`} />
      <circle cx={spot.x} cy={spot.y} r="6.5" className={`${colour} stroke-sheet`} strokeWidth="2" />
      <Name spot={spot} text={name} isBelow={isBelow} />
    </g>
  );
}

function Name({ spot, text, isBelow }: { readonly spot: Spot; readonly text: string; readonly isBelow: boolean }) {
  return (
    <text
      x={spot.x}
      y={isBelow ? spot.y + 25 : spot.y - 15}
      textAnchor="middle"
      className="fill-ink stroke-ground text-[13px] font-medium [paint-order:stroke]"
      strokeWidth="4"
    >
      {text}
    </text>
  );
}

/** A site stands on no map that we have: it is drawn beside the PoP it hears best. */
function siteOf(site: Site, status: Status, spots: ReadonlyMap<string, Spot>) {
  const connectors = status.connectors.filter(({ siteId }) => siteId === site.id);
  const tunnels = connectors
    .flatMap((connector) => connector.tunnels.map((tunnel) => ({ ...tunnel, key: `${connector.id} ${tunnel.popId}` })))
    .sort((a, b) => (a.rttMs ?? Number.POSITIVE_INFINITY) - (b.rttMs ?? Number.POSITIVE_INFINITY));
  const nearest = tunnels.map(({ popId }) => spots.get(popId)).find((spot) => spot !== undefined);
  if (!nearest) return [];
  const angle = angleOf(site.id);
  const spot = { x: nearest.x + SITE_DISTANCE * Math.cos(angle), y: nearest.y + SITE_DISTANCE * Math.sin(angle) };
  const lines = tunnels.flatMap(({ key, popId, state, path }): Line[] => {
    const to = spots.get(popId);
    return to ? [{ key, to, state, path }] : [];
  });
  return [{ site, spot, tunnels: lines, isAlive: connectors.some(isUp) }];
}

/** Always the same for a site, and another for the next one; sideways, where names have room. */
function angleOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1000;
  const sideways = (sum / 1000 - 0.5) * (Math.PI / 2);
  return sum % 2 === 0 ? sideways : Math.PI - sideways;
}
