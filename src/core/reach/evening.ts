import { type Random, randomFraction } from '../../base/index.ts';
import { type Candidate, isDraining, type Kept } from './candidate.ts';
import {
  EMPTIER_SHARE,
  EMPTIER_TUNNELS,
  EVENING_AFTER_MS,
  EVENING_INTERVAL_MS,
  EVENING_LATER_INTERVAL_MS,
  EVENING_SHARE,
  JITTER_SHARE,
  MUCH_EMPTIER_SHARE,
  SETTLING_MS,
} from './constants.ts';
import { costMs, isClearlyLess } from './ranking.ts';

/** A PoP to take, and the one to leave for it. */
export interface EveningMove {
  readonly challenger: Candidate;
  readonly member: Kept;
}

/**
 * Evens out how many connectors PoPs have. Once for each news of their numbers a connector draws one of the PoPs that are
 * about as near and as far apart as one that it keeps, and moves there if that has fewer, with a chance that grows with the
 * difference. So all the connectors around a PoP together move what is between it and the mean of its neighbours, however
 * many neighbours and connectors there are.
 */
export class Evening {
  readonly #random: Random;
  #nextMs: number | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param settledForMs since the start, or since the last time that no tunnel worked. */
  move(
    members: readonly Kept[],
    all: readonly Candidate[],
    settledForMs: number,
    nowMs: number,
  ): EveningMove | undefined {
    if (settledForMs < EVENING_AFTER_MS) {
      this.#nextMs = undefined;
      return undefined;
    }
    const isSettling = settledForMs < SETTLING_MS;
    const intervalMs = isSettling ? EVENING_INTERVAL_MS : EVENING_LATER_INTERVAL_MS;
    const isTime = this.#nextMs !== undefined && nowMs >= this.#nextMs;
    if (isTime || this.#nextMs === undefined) {
      // At first anywhere in the interval, so that they do not all draw at one moment.
      const wait =
        this.#nextMs === undefined ? this.#fraction() : 1 - JITTER_SHARE + 2 * JITTER_SHARE * this.#fraction();
      this.#nextMs = nowMs + wait * intervalMs;
    }
    if (!isTime) return undefined;
    const leastShare = isSettling ? EMPTIER_SHARE : MUCH_EMPTIER_SHARE;
    for (const member of members) {
      const equals = equalsOf(member, members, all, nowMs);
      const challenger = equals[Math.floor(this.#fraction() * (equals.length + 1))];
      if (challenger && this.#fraction() < chanceOf(challenger, member, leastShare)) return { challenger, member };
    }
    return undefined;
  }

  #fraction(): number {
    return randomFraction(this.#random);
  }
}

/** PoPs that could take the place of a member: none of them, nor it, is clearly nearer than another of them. */
function equalsOf(member: Kept, members: readonly Kept[], all: readonly Candidate[], nowMs: number): Candidate[] {
  const others = members.filter((other) => other !== member);
  const places = new Set(others.map(({ pop }) => pop.place));
  const memberIsApart = !places.has(member.pop.place);
  const possible = all.filter(
    (one) =>
      one.role.kind === 'idle' &&
      one.failures === 0 &&
      one.isHeard &&
      one.rttMs !== undefined &&
      !isDraining(one, nowMs) &&
      (!memberIsApart || !places.has(one.pop.place)),
  );
  const cost = (one: Candidate) => costMs(one) ?? Number.POSITIVE_INFINITY;
  const leastMs = Math.min(cost(member), ...possible.map(cost));
  return possible.filter((one) => !isClearlyLess(leastMs, cost(one)));
}

function chanceOf(challenger: Candidate, member: Kept, leastShare: number): number {
  if (challenger.tunnels === undefined || member.tunnels === undefined) return 0;
  const fewer = member.tunnels - challenger.tunnels;
  if (fewer < Math.max(EMPTIER_TUNNELS, leastShare * member.tunnels)) return 0;
  return (EVENING_SHARE * fewer) / member.tunnels;
}
