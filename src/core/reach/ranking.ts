import type { Candidate } from './candidate.ts';
import {
  BETTER_BY_MS,
  BETTER_BY_SHARE,
  FAR_AWAY_MS,
  FULL_UTILISATION,
  LOSS_WEIGHT,
  ROOMY_UTILISATION,
} from './constants.ts';

/** What a round trip costs, loss included; undefined where it was never measured. */
export function costMs({ rttMs, loss }: Candidate): number | undefined {
  return rttMs === undefined ? undefined : rttMs * (1 + LOSS_WEIGHT * loss);
}

/** Whether a cost is below another by enough to be worth a move. */
export function isClearlyLess(one: number, other: number): boolean {
  return one + Math.max(BETTER_BY_MS, other * BETTER_BY_SHARE) <= other;
}

/** Whether a challenger should take the place of `member`, where `others` stay. */
export function isBetter(challenger: Candidate, member: Candidate, others: readonly Candidate[]): boolean {
  const [cost, memberCost] = [costMs(challenger), costMs(member)];
  if (cost === undefined || memberCost === undefined) return false;
  const places = new Set(others.map(({ pop }) => pop.place));
  const isApart = !places.has(challenger.pop.place);
  const memberIsApart = !places.has(member.pop.place);
  if (isApart && !memberIsApart) return cost - memberCost < FAR_AWAY_MS;
  if (memberIsApart && !isApart && memberCost < cost + FAR_AWAY_MS) return false;
  return isClearlyLess(cost, memberCost) || (isRoomier(challenger, member) && !isClearlyLess(memberCost, cost));
}

function isRoomier(challenger: Candidate, member: Candidate): boolean {
  return (member.utilisation ?? 0) >= FULL_UTILISATION && (challenger.utilisation ?? 1) <= ROOMY_UTILISATION;
}

/**
 * The best of several to add to `members`: one that answers before one that was never tried, one in a location of its
 * own, then by cost; of those that cost about the same the least loaded, and at last by a lot that is another for each connector.
 */
export function bestOf(
  candidates: readonly Candidate[],
  members: readonly Candidate[],
  lotOf: (popId: string) => number,
): Candidate | undefined {
  const rank = Math.min(...candidates.map(trustRank));
  const trusted = candidates.filter((candidate) => trustRank(candidate) === rank);
  const places = new Set(members.map(({ pop }) => pop.place));
  const apart = trusted.filter(({ pop }) => !places.has(pop.place));
  const pool = apart.length > 0 ? apart : trusted;
  const leastMs = Math.min(...pool.map((candidate) => costMs(candidate) ?? Number.POSITIVE_INFINITY));
  const equals = pool.filter((candidate) => {
    const cost = costMs(candidate);
    return cost === undefined ? leastMs === Number.POSITIVE_INFINITY : !isClearlyLess(leastMs, cost);
  });
  const lots = new Map(equals.map((one) => [one, lotOf(one.pop.id)]));
  const lotBetween = (a: Candidate, b: Candidate) => (lots.get(a) as number) - (lots.get(b) as number);
  return equals.sort((a, b) => loadStep(a) - loadStep(b) || lotBetween(a, b))[0];
}

/** The best first. */
export function byCost<One extends Candidate>(candidates: readonly One[]): One[] {
  const cost = (one: One) => costMs(one) ?? Number.POSITIVE_INFINITY;
  return [...candidates].sort((a, b) => cost(a) - cost(b));
}

/** The one to leave first. */
export function worstOf<One extends Candidate>(members: readonly One[]): One | undefined {
  const cost = (member: Candidate) => costMs(member) ?? Number.POSITIVE_INFINITY;
  return members.reduce<One | undefined>((worst, one) => (!worst || cost(one) > cost(worst) ? one : worst), undefined);
}

function trustRank({ rttMs, failures }: Candidate): number {
  if (failures > 0) return 2;
  return rttMs === undefined ? 1 : 0;
}

/** Load in quarters: small differences must not draw every connector to the same PoP. */
function loadStep({ utilisation }: Candidate): number {
  return Math.floor((utilisation ?? 0) * 4);
}

/** FNV-1a over a connector's and a PoP's id: an order of PoPs that is another for each connector, and stays. */
export function lot(salt: string, popId: string): number {
  let hash = 0x811c9dc5;
  const text = `${salt} ${popId}`;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  // The last characters reach the high bits this way too.
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}
