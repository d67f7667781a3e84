import { type Random, randomFraction } from '../../base/index.ts';
import type { Candidate } from './candidate.ts';
import { FEW_POPS, NEAR_SAMPLE, NEIGHBOURHOOD, PLACE_EXPONENT } from './constants.ts';
import { costMs } from './ranking.ts';

/**
 * Which PoPs a round measures: all of them where they are few. Of many, some near where the connector seems to be, those
 * first that were never measured, and some that are drawn; at the very start, some that lie far apart.
 */
export function sampleToMeasure(
  idle: readonly Candidate[],
  all: readonly Candidate[],
  random: Random,
): readonly Candidate[] {
  if (idle.length <= FEW_POPS) return idle;
  // Of PoPs in one place every connector would measure, and choose, the same one first.
  const candidates = draw(idle, idle.length, random);
  const place = estimatedPlace(all);
  if (!place) return farApart(candidates, random);
  const byDistance = sortedBy(candidates, (one) => distance(pointOf(one), place));
  const isNew = (one: Candidate) => (one.rttMs === undefined ? 0 : 1);
  const near = sortedBy(byDistance.slice(0, NEIGHBOURHOOD), isNew).slice(0, NEAR_SAMPLE);
  const rest = byDistance.filter((one) => !near.includes(one));
  return [...near, ...draw(rest, FEW_POPS - NEAR_SAMPLE, random)];
}

/** A point within the unit sphere. */
type Point = readonly [x: number, y: number, z: number];

/**
 * Where the connector seems to be: among the PoPs that were measured, the nearer to each the shorter its round trip.
 * Undefined where none was.
 */
function estimatedPlace(all: readonly Candidate[]): Point | undefined {
  let [x, y, z, weights] = [0, 0, 0, 0];
  for (const one of all) {
    const cost = costMs(one);
    if (cost === undefined || one.failures > 0) continue;
    const weight = 1 / Math.max(1, cost) ** PLACE_EXPONENT;
    const point = pointOf(one);
    x += weight * point[0];
    y += weight * point[1];
    z += weight * point[2];
    weights += weight;
  }
  return weights > 0 ? [x / weights, y / weights, z / weights] : undefined;
}

function pointOf({ pop }: Candidate): Point {
  const radians = Math.PI / 180;
  const [latitude, longitude] = [pop.latitude * radians, pop.longitude * radians];
  return [Math.cos(latitude) * Math.cos(longitude), Math.cos(latitude) * Math.sin(longitude), Math.sin(latitude)];
}

/** The square of the chord between two points: grows with their distance. */
function distance(a: Point, b: Point): number {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}

function sortedBy(candidates: readonly Candidate[], keyOf: (candidate: Candidate) => number): Candidate[] {
  const keys = new Map(candidates.map((one) => [one, keyOf(one)]));
  return [...candidates].sort((a, b) => (keys.get(a) as number) - (keys.get(b) as number));
}

/** One that is drawn, then always the one that is farthest from those taken. */
function farApart(candidates: readonly Candidate[], random: Random): Candidate[] {
  const taken = draw(candidates, 1, random);
  while (taken.length < FEW_POPS) {
    const points = taken.map(pointOf);
    const left = candidates.filter((candidate) => !taken.includes(candidate));
    const [farthest] = sortedBy(left, (one) => -Math.min(...points.map((point) => distance(point, pointOf(one)))));
    taken.push(farthest as Candidate);
  }
  return taken;
}

function draw(candidates: readonly Candidate[], count: number, random: Random): Candidate[] {
  const left = [...candidates];
  const drawn: Candidate[] = [];
  while (drawn.length < count && left.length > 0) {
    drawn.push(...left.splice(Math.floor(randomFraction(random) * left.length), 1));
  }
  return drawn;
}
