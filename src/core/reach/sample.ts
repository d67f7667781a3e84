import { type Random, randomFraction } from '../../base/index.ts';
import type { Candidate } from './candidate.ts';
import { FEW_POPS, NEAR_SAMPLE } from './constants.ts';
import { costMs } from './ranking.ts';

/**
 * Which PoPs a round measures: all of them where they are few. Of many, those nearest to the best PoP that was measured,
 * since the connector is somewhere near it, and some that are drawn; at the very start, some that lie far apart.
 */
export function sampleToMeasure(
  candidates: readonly Candidate[],
  all: readonly Candidate[],
  random: Random,
): readonly Candidate[] {
  if (candidates.length <= FEW_POPS) return candidates;
  const centre = bestMeasured(all);
  if (!centre) return farApart(candidates, random);
  const byDistance = [...candidates].sort((a, b) => distance(a, centre) - distance(b, centre));
  const near = byDistance.slice(0, NEAR_SAMPLE);
  return [...near, ...draw(byDistance.slice(NEAR_SAMPLE), FEW_POPS - NEAR_SAMPLE, random)];
}

function bestMeasured(all: readonly Candidate[]): Candidate | undefined {
  let best: Candidate | undefined;
  for (const candidate of all) {
    const cost = costMs(candidate);
    if (cost === undefined || candidate.failures > 0) continue;
    if (!best || cost < (costMs(best) as number)) best = candidate;
  }
  return best;
}

/** One that is drawn, then always the one that is farthest from those taken. */
function farApart(candidates: readonly Candidate[], random: Random): Candidate[] {
  const taken = draw(candidates, 1, random);
  while (taken.length < FEW_POPS) {
    const nearestTaken = (candidate: Candidate) => Math.min(...taken.map((one) => distance(one, candidate)));
    const left = candidates.filter((candidate) => !taken.includes(candidate));
    const farthest = left.reduce((a, b) => (nearestTaken(b) > nearestTaken(a) ? b : a));
    taken.push(farthest);
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

/** The square of half the chord between two places on a unit sphere: grows with their distance (haversine formula). */
function distance(one: Candidate, other: Candidate): number {
  const radians = Math.PI / 180;
  const [latitude, otherLatitude] = [one.pop.latitude * radians, other.pop.latitude * radians];
  const north = Math.sin((otherLatitude - latitude) / 2) ** 2;
  const east = Math.sin(((other.pop.longitude - one.pop.longitude) * radians) / 2) ** 2;
  return north + Math.cos(latitude) * Math.cos(otherLatitude) * east;
}
