import { ACCESS_MAX_MS, CLAIM_FLOOR_SHARE, RTT_BASE_MS, RTT_PER_KM_MS, RTT_UNKNOWN_MS } from './constants.ts';
import type { ClientPlace, Coordinates } from './facts.ts';

const EARTH_RADIUS_KM = 6371;
const RADIANS = Math.PI / 180;

/** Along the surface of a sphere (haversine), which is off by 0.5 % at the most. */
export function greatCircleKm(a: Coordinates, b: Coordinates): number {
  const [from, to] = [a.latitude * RADIANS, b.latitude * RADIANS];
  const north = Math.sin((to - from) / 2);
  const east = Math.sin(((b.longitude - a.longitude) * RADIANS) / 2);
  const h = north * north + Math.cos(from) * Math.cos(to) * east * east;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** What distance alone says of the round trip, the mean over where the client may be; a constant where nobody knows. */
export function estimatedRttMs(place: ClientPlace, pop: Coordinates): number {
  let [sum, weights] = [0, 0];
  for (const point of place) {
    sum += point.weight * greatCircleKm(point, pop);
    weights += point.weight;
  }
  return weights > 0 ? RTT_BASE_MS + (RTT_PER_KM_MS * sum) / weights : RTT_UNKNOWN_MS;
}

/** What is known of one PoP's round trip to a client. */
export interface RttEvidence {
  readonly estimateMs: number;
  /** Measured to the client's prefix; undefined where nobody did. */
  readonly measuredMs: number | undefined;
  /** Whether a peer says so of itself. */
  readonly isClaim: boolean;
}

/**
 * Round trips that can be compared. A measurement holds the client's access network, which an estimate does not know:
 * where one PoP has measured more than its estimate, the others' estimates grow by as much.
 */
export function predictedRttsMs(evidence: readonly RttEvidence[]): number[] {
  const measured = evidence.map(believedMs);
  let accessMs = ACCESS_MAX_MS;
  for (const [index, ms] of measured.entries())
    if (ms !== undefined) accessMs = Math.min(accessMs, Math.max(0, ms - (evidence[index] as RttEvidence).estimateMs));
  const extraMs = measured.some((ms) => ms !== undefined) ? accessMs : 0;
  return evidence.map((one, index) => measured[index] ?? one.estimateMs + extraMs);
}

function believedMs({ measuredMs, estimateMs, isClaim }: RttEvidence): number | undefined {
  return measuredMs !== undefined && isClaim ? Math.max(measuredMs, estimateMs * CLAIM_FLOOR_SHARE) : measuredMs;
}
