/** Where things are drawn: the part of the world that holds the points of presence, in the pixels that there are. */
import { type GeoProjection, geoNaturalEarth1 } from 'd3-geo';

/** Room around the outermost points, as a share of the drawing. */
const MARGIN_SHARE_X = 0.2;
const MARGIN_SHARE_Y = 0.27;
/** Nearer than this the coast lines of the map say nothing more; of a drawing that is as wide as on a desk. */
const MOST_ENLARGED = 9;
const DESK_PX = 960;
/** Edge of the whole world. */
const EDGE = 8;
/** Below this the drawing is as high as it is wide, nearly: a phone. */
const NARROW_PX = 560;
const HEIGHT_SHARE = 0.44;
const HEIGHT_SHARE_NARROW = 0.9;

export interface Size {
  readonly width: number;
  readonly height: number;
}

interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

export function sizeFor(width: number): Size {
  return { width, height: Math.round(width * (width < NARROW_PX ? HEIGHT_SHARE_NARROW : HEIGHT_SHARE)) };
}

/** The whole world, or as near as all places allow. */
export function projectionFor(places: readonly Place[], { width, height }: Size): GeoProjection {
  const world = geoNaturalEarth1().fitExtent(
    [
      [EDGE, EDGE],
      [width - EDGE, height + 4 * EDGE],
    ],
    { type: 'Sphere' },
  );
  if (places.length === 0) return world;
  const coordinates = places.map(({ longitude, latitude }) => [longitude, latitude] as [number, number]);
  const [marginX, marginY] = [width * MARGIN_SHARE_X, height * MARGIN_SHARE_Y];
  const near = geoNaturalEarth1().fitExtent(
    [
      [marginX, marginY],
      [width - marginX, height - marginY],
    ],
    { type: 'MultiPoint', coordinates },
  );
  const scale = Math.min(near.scale(), world.scale() * MOST_ENLARGED * Math.max(1, DESK_PX / width));
  if (scale <= world.scale()) return world;
  const [left, top] = centreOf(coordinates);
  const centred = geoNaturalEarth1().scale(scale).translate([0, 0]);
  const [x, y] = centred([left, top]) ?? [0, 0];
  return centred.translate([width / 2 - x, height / 2 - y]);
}

function centreOf(coordinates: readonly (readonly [number, number])[]): [number, number] {
  const middle = (values: readonly number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  return [middle(coordinates.map(([longitude]) => longitude)), middle(coordinates.map(([, latitude]) => latitude))];
}
