/** Where things are drawn: the part of the world that holds the points of presence, and places for their names. */
import { type GeoProjection, geoNaturalEarth1 } from 'd3-geo';

export const WIDTH = 960;
export const HEIGHT = 420;
/** Room around the outermost points, in pixels of the drawing. */
const MARGIN_X = 190;
const MARGIN_Y = 110;
/** Nearer than this the coast lines of the map say nothing more. */
const MOST_ENLARGED = 5;
/** Names nearer than this to one another are put on the two sides. */
const NAME_HEIGHT = 18;
const NAME_WIDTH = 90;

export interface Spot {
  readonly x: number;
  readonly y: number;
}

interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** The whole world, or as near as all places allow. */
export function projectionFor(places: readonly Place[]): GeoProjection {
  const world = geoNaturalEarth1().fitExtent(
    [
      [8, 8],
      [WIDTH - 8, HEIGHT + 34],
    ],
    { type: 'Sphere' },
  );
  if (places.length === 0) return world;
  const coordinates = places.map(({ longitude, latitude }) => [longitude, latitude] as [number, number]);
  const near = geoNaturalEarth1().fitExtent(
    [
      [MARGIN_X, MARGIN_Y],
      [WIDTH - MARGIN_X, HEIGHT - MARGIN_Y],
    ],
    { type: 'MultiPoint', coordinates },
  );
  const scale = Math.min(near.scale(), world.scale() * MOST_ENLARGED);
  if (scale <= world.scale()) return world;
  const [left, top] = centreOf(coordinates);
  const centred = geoNaturalEarth1().scale(scale).translate([0, 0]);
  const [x, y] = centred([left, top]) ?? [0, 0];
  return centred.translate([WIDTH / 2 - x, HEIGHT / 2 - y]);
}

function centreOf(coordinates: readonly (readonly [number, number])[]): [number, number] {
  const middle = (values: readonly number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  return [middle(coordinates.map(([longitude]) => longitude)), middle(coordinates.map(([, latitude]) => latitude))];
}

/** For each spot, whether its name goes below it, because another's stands above. */
export function namesBelow(spots: readonly Spot[]): readonly boolean[] {
  const taken: Spot[] = [];
  return spots.map((spot) => {
    const above = { x: spot.x, y: spot.y - NAME_HEIGHT };
    const isTaken = taken.some(({ x, y }) => Math.abs(x - above.x) < NAME_WIDTH && Math.abs(y - above.y) < NAME_HEIGHT);
    const isOnSpot = spots.some(
      (other) =>
        other !== spot && Math.abs(other.x - above.x) < NAME_WIDTH / 2 && Math.abs(other.y - above.y) < NAME_HEIGHT / 2,
    );
    const isBelow = isTaken || isOnSpot;
    taken.push(isBelow ? { x: spot.x, y: spot.y + NAME_HEIGHT } : above);
    return isBelow;
  });
}
