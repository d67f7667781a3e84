/** The world with points of presence where they stand, and each site beside the nearest of those that it reaches. */
import { geoPath } from 'd3-geo';
import { useMemo, useRef } from 'react';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import land from 'world-atlas/land-110m.json' with { type: 'json' };
import { Dot } from '../../look/badge.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type DrawnSite, type DrawnTunnel, drawnSites, type Health, healthOfPop } from './map-network.ts';
import { type PlacedName, placeNames, placeSites, type Spot } from './map-places.ts';
import { projectionFor, sizeFor } from './map-view.ts';
import type { Pop, Site, Status } from './status.ts';
import { useWidth } from './use-width.ts';

const texts = TEXTS.overview;
/** Until it is known how much room there is. */
const USUAL_WIDTH = 960;
/** Between the dots that land is made of. */
const GRAIN_PX = 6;
/** How far a tunnel is bent, as a share of its length. */
const BEND = 0.18;

const topology = land as unknown as Topology<{ land: GeometryCollection }>;
const continents = feature(topology, topology.objects.land);

interface MapProps {
  readonly status: Status;
  readonly pops: readonly Pop[];
  readonly sites: readonly Site[];
}

/** Drawn in the pixels of the screen, so that names are as large as any other text. */
export function NetworkMap({ status, pops, sites }: MapProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame, USUAL_WIDTH);
  const size = useMemo(() => sizeFor(width), [width]);
  const { landPath, popSpots } = useMemo(() => {
    const projection = projectionFor(
      pops.map(({ location }) => location),
      size,
    );
    const spots = pops.map(({ location }): Spot => {
      const [x, y] = projection([location.longitude, location.latitude]) ?? [0, 0];
      return { x, y };
    });
    return { landPath: geoPath(projection)(continents) ?? '', popSpots: spots };
  }, [pops, size]);
  const spotOf = new Map(pops.map(({ id }, index) => [id, popSpots[index] as Spot]));
  const { drawn, leftOut } = drawnSites(sites, status, pops);
  const wishes = drawn.map(({ site, nearestPopId }) => ({ id: site.id, beside: spotOf.get(nearestPopId) as Spot }));
  const siteSpots = placeSites(wishes, popSpots, size);
  const dots = [
    ...pops.map(({ name }, index) => ({ ...(popSpots[index] as Spot), name })),
    ...drawn.map(({ site }, index) => ({ ...(siteSpots[index] as Spot), name: site.name })),
  ];
  const names = placeNames(dots, size);
  const healthOf = new Map(pops.map(({ id }) => [id, healthOfPop(status.pops.find((pop) => pop.id === id))]));
  const nameless = [
    ...pops.filter((_, index) => !names[index]).map((pop) => ({ ...pop, health: healthOf.get(pop.id) ?? 'bad' })),
    ...drawn
      .filter((_, index) => !names[pops.length + index])
      .map(({ site, isAlive }) => ({ ...site, health: isAlive ? ('good' as const) : ('bad' as const) })),
  ];
  return (
    <div ref={frame}>
      <svg
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="img"
        aria-label={`${texts.map}: ${pops
          .map(({ name }) => name)
          .sort()
          .join(', ')}`}
        className="block w-full bg-ground"
      >
        <pattern id="land" width={GRAIN_PX} height={GRAIN_PX} patternUnits="userSpaceOnUse">
          <circle cx={GRAIN_PX / 2} cy={GRAIN_PX / 2} r="1.4" className="fill-grain" />
        </pattern>
        <path d={landPath} fill="url(#land)" />
        {drawn.flatMap(({ site, tunnels }, index) =>
          tunnels.map((tunnel) => (
            <TunnelLine
              key={`${site.id} ${tunnel.popId}`}
              from={siteSpots[index] as Spot}
              to={spotOf.get(tunnel.popId) as Spot}
              tunnel={tunnel}
            />
          )),
        )}
        {names.map(
          (name, index) => name?.isLed && <Lead key={name.text + name.x} from={dots[index] as Spot} to={name} />,
        )}
        {drawn.map((site, index) => (
          <SiteMark key={site.site.id} drawn={site} spot={siteSpots[index] as Spot} />
        ))}
        {pops.map(({ id }, index) => (
          <PopMark key={id} spot={popSpots[index] as Spot} health={healthOf.get(id) ?? 'bad'} />
        ))}
        {names.map((name) => name && <Name key={`${name.text} ${name.x} ${name.y}`} name={name} />)}
      </svg>
      <Legend nameless={nameless} leftOut={leftOut} />
    </div>
  );
}

const STROKES: Readonly<Record<Health, string>> = { good: 'stroke-good', warn: 'stroke-warn', bad: 'stroke-bad' };
const FILLS: Readonly<Record<Health, string>> = { good: 'fill-good', warn: 'fill-warn', bad: 'fill-bad' };
const DASHES = { udp: undefined, tls: '8 4', relay: '2 5' } as const;

interface TunnelLineProps {
  readonly from: Spot;
  readonly to: Spot;
  readonly tunnel: DrawnTunnel;
}

function TunnelLine({ from, to, tunnel }: TunnelLineProps) {
  return (
    <path
      d={arcOf(from, to)}
      strokeWidth={tunnel.health === 'good' ? 1.5 : 2.5}
      strokeDasharray={DASHES[tunnel.path]}
      className={`fill-none ${STROKES[tunnel.health]} ${tunnel.health === 'good' ? 'opacity-60' : ''}`}
    />
  );
}

/** Bent upwards, as ways over the globe are drawn; several from one site lie apart. */
function arcOf(from: Spot, to: Spot): string {
  const [x, y] = [to.x - from.x, to.y - from.y];
  const rise = Math.hypot(x, y) * BEND;
  return `M${from.x} ${from.y}Q${(from.x + to.x) / 2} ${(from.y + to.y) / 2 - rise} ${to.x} ${to.y}`;
}

function SiteMark({ drawn: { isAlive }, spot }: { readonly drawn: DrawnSite; readonly spot: Spot }) {
  return (
    <rect
      x={spot.x - 6}
      y={spot.y - 6}
      width="12"
      height="12"
      rx="3"
      className={`stroke-sheet ${isAlive ? 'fill-accent' : 'fill-bad'}`}
      strokeWidth="2"
    />
  );
}

function PopMark({ spot, health }: { readonly spot: Spot; readonly health: Health }) {
  return (
    <g>
      <circle cx={spot.x} cy={spot.y} r="11" className={`${FILLS[health]} opacity-20`} />
      <circle cx={spot.x} cy={spot.y} r="6" className={`${FILLS[health]} stroke-sheet`} strokeWidth="2" />
    </g>
  );
}

function Lead({ from, to }: { readonly from: Spot; readonly to: PlacedName }) {
  return <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} strokeWidth="1" className="stroke-faint" />;
}

function Name({ name: { text, x, y } }: { readonly name: PlacedName }) {
  return (
    <text
      x={x}
      y={y}
      textAnchor="middle"
      dominantBaseline="central"
      className="fill-ink stroke-ground text-[13px] font-medium [paint-order:stroke]"
      strokeWidth="4"
    >
      {text}
    </text>
  );
}

interface LegendProps {
  readonly nameless: readonly { readonly id: string; readonly name: string; readonly health: Health }[];
  readonly leftOut: number;
}

/** What colours and dashes mean, and what had no room on the map. */
function Legend({ nameless, leftOut }: LegendProps) {
  return (
    <div className="grid gap-2 border-t px-5 py-3 text-xs text-quiet">
      <ul className="flex flex-wrap gap-x-4 gap-y-1" aria-label={texts.legend}>
        {(['good', 'warn', 'bad'] as const).map((health) => (
          <li key={health} className="flex items-center gap-1.5">
            <Dot standing={health} />
            {texts.healths[health]}
          </li>
        ))}
        {(['udp', 'tls', 'relay'] as const).map((path) => (
          <li key={path} className="flex items-center gap-1.5">
            <svg width="24" height="4" aria-hidden="true">
              <line x2="24" y1="2" y2="2" strokeWidth="2" strokeDasharray={DASHES[path]} className="stroke-quiet" />
            </svg>
            {texts.paths[path]}
          </li>
        ))}
      </ul>
      {nameless.length > 0 && (
        <ul className="flex flex-wrap gap-x-4 gap-y-1 text-ink" aria-label={texts.nameless}>
          {nameless.map(({ id, name, health }) => (
            <li key={id} className="flex items-center gap-1.5">
              <Dot standing={health} />
              {name}
            </li>
          ))}
        </ul>
      )}
      {leftOut > 0 && <p>{texts.sitesLeftOut(leftOut)}</p>}
    </div>
  );
}
