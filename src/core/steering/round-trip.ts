import {
  ACCESS_MAX_MS,
  CLAIM_FLOOR_SHARE,
  RTT_BASE_MS,
  RTT_PER_KM_MS,
  RTT_UNKNOWN_MS,
  SAMPLES_MIN,
} from './constants.ts';
import type { ClientPlace, Coordinates } from './facts.ts';
import type { MeasuredRtt } from './prefix-rtts.ts';

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

/** The same for the nearest of the places where the client may be: what it is at the best. */
export function leastRttMs(place: ClientPlace, pop: Coordinates): number {
  const distances = place.map((point) => greatCircleKm(point, pop));
  return distances.length > 0 ? RTT_BASE_MS + RTT_PER_KM_MS * Math.min(...distances) : RTT_UNKNOWN_MS;
}

/** What is known of one PoP's round trip to a client. */
export interface RttEvidence {
  readonly estimateMs: number;
  /** To the client's prefix; undefined where nobody measured. */
  readonly measured: MeasuredRtt | undefined;
  /** Whether a peer says so of itself. */
  readonly isClaim: boolean;
}

/** Whether a round trip was measured often enough. */
export function isKnown(measured: MeasuredRtt | undefined): boolean {
  return measured !== undefined && measured.samples >= SAMPLES_MIN;
}

/**
 * Round trips that can be compared. A measurement holds the client's access network, which an estimate does not know:
 * where one PoP has measured more than its estimate, the others' estimates grow by as much. Few measurements count
 * where they are good news only, so that one busy moment does not put a PoP off for ever.
 */
export function predictedRttsMs(evidence: readonly RttEvidence[]): number[] {
  let accessMs = ACCESS_MAX_MS;
  let anyKnown = false;
  for (const one of evidence) {
    if (!one.measured || !isKnown(one.measured)) continue;
    anyKnown = true;
    accessMs = Math.min(accessMs, Math.max(0, believedMs(one, one.measured) - one.estimateMs));
  }
  return evidence.map((one) => {
    const guessMs = one.estimateMs + (anyKnown ? accessMs : 0);
    if (!one.measured) return guessMs;
    const ms = believedMs(one, one.measured);
    return isKnown(one.measured) ? ms : Math.min(ms, guessMs);
  });
}

function believedMs({ estimateMs, isClaim }: RttEvidence, { rttMs }: MeasuredRtt): number {
  return isClaim ? Math.max(rttMs, estimateMs * CLAIM_FLOOR_SHARE) : rttMs;
}
