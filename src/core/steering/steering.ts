import {
  ABOUT_AS_NEAR_MS,
  ANSWER_POPS_MAX,
  ANSWER_POPS_MIN,
  EQUALLY_NEAR_MS,
  EXPLORE_EXCESS_MS,
  EXPLORE_SHARE,
  HOPEFUL_SHARE,
  STAND_IN_EXCESS_MS,
  STAND_IN_SHARE,
} from './constants.ts';
import type { ClientPlace, SteeredPop, SteeringClient } from './facts.ts';
import type { PeerPrefixRtts, PrefixRtts } from './prefix-rtts.ts';
import { estimatedRttMs, isKnown, leastRttMs, predictedRttsMs } from './round-trip.ts';
import { Shares } from './shares.ts';
import { mixed, textHash } from './spread.ts';

export type Family = 'ipv4' | 'ipv6';

export interface SteeringOptions {
  /** The PoP that answers; what it measured itself is believed as it is. */
  readonly self: string;
  readonly own: PrefixRtts;
  readonly peers: PeerPrefixRtts;
}

/** What distance says: over all places where a client may be, and for the nearest of them. */
interface Estimate {
  readonly meanMs: number;
  readonly leastMs: number;
}

interface Candidate {
  readonly pop: SteeredPop;
  readonly predictedMs: number;
  /** What may be hoped for while its round trip is not known. */
  readonly hopedMs: number;
  /** Whether its round trip was measured often enough. */
  readonly isKnown: boolean;
  /** From 0 to 1, the same for a client and a PoP always and everywhere: who is shed, and the order among equals. */
  readonly lot: number;
  /** Share of its clients that the PoP keeps; below the lot, this one is led elsewhere. */
  readonly share: number;
  /** What it is built for, and how much of that is free: a weight. */
  readonly room: number;
}

/**
 * The choice of PoPs for a client: the nearest healthy first, by measured round trip or by distance. Every PoP that has
 * the same facts chooses the same, and a client gets the same answer again as long as the facts stay.
 */
export class Steering {
  readonly #options: SteeringOptions;
  readonly #shares = new Shares();
  #pops: readonly SteeredPop[] = [];
  #hashes = new Map<string, number>();
  /** Estimates by place and PoP; countries share their places, so few are computed twice. */
  #estimates = new WeakMap<ClientPlace, Map<string, Estimate>>();
  #locations = '';

  constructor(options: SteeringOptions) {
    this.#options = options;
  }

  /** Takes the facts of now; once a second. */
  update(pops: readonly SteeredPop[], nowMs: number): void {
    const locations = pops.map(({ id, latitude, longitude }) => `${id} ${latitude} ${longitude}`).join(' ');
    if (locations !== this.#locations) this.#estimates = new WeakMap();
    this.#locations = locations;
    this.#pops = pops;
    this.#hashes = new Map(pops.map(({ id }) => [id, textHash(id)]));
    this.#shares.update(
      pops.filter((pop) => rankOf(pop) <= UNKNOWN_RANK),
      nowMs,
    );
  }

  /** The PoPs of the answer, the best first. `chance`, from 0 to 1, says whether this one explores. Empty: none has such addresses. */
  choose(client: SteeringClient, family: Family, chance: number): SteeredPop[] {
    const pops = usable(this.#pops.filter((pop) => pop[family].length > 0));
    const candidates = this.#candidates(pops, client);
    candidates.sort(byRankThenNearness);
    const best = oneOfTheNearest(candidates, client);
    if (!best) return [];
    const hopeful = worthTrying(candidates, best);
    const explored =
      chance < EXPLORE_SHARE ? worthExploring(candidates, best, client, chance / EXPLORE_SHARE) : undefined;
    const first = explored ?? best;
    const second = explored ? best : (hopeful ?? standIn(candidates, best, client));
    const rest = candidates.filter((one) => one !== first && one !== second);
    return cut(second ? [first, second, ...rest] : [first, ...rest]).map(({ pop }) => pop);
  }

  #estimate(place: ClientPlace, pop: SteeredPop): Estimate {
    const known = this.#estimates.get(place) ?? new Map<string, Estimate>();
    this.#estimates.set(place, known);
    let estimate = known.get(pop.id);
    if (!estimate) {
      estimate = { meanMs: estimatedRttMs(place, pop), leastMs: leastRttMs(place, pop) };
      known.set(pop.id, estimate);
    }
    return estimate;
  }

  #candidates(pops: readonly SteeredPop[], client: SteeringClient): Candidate[] {
    const { self, own, peers } = this.#options;
    const estimates = pops.map((pop) => this.#estimate(client.place, pop));
    const evidence = pops.map((pop, index) => ({
      estimateMs: (estimates[index] as Estimate).meanMs,
      measured: pop.id === self ? own.of(client.prefix) : peers.of(pop.id, client.prefix),
      isClaim: pop.id !== self,
    }));
    const predicted = predictedRttsMs(evidence);
    const clientHash = textHash(client.prefix);
    return pops.map((pop, index) => ({
      pop,
      predictedMs: predicted[index] as number,
      hopedMs: hopedMs(estimates[index] as Estimate, predicted[index] as number),
      isKnown: isKnown(evidence[index]?.measured),
      lot: mixed(clientHash, this.#hashes.get(pop.id) ?? 0),
      share: this.#shares.of(pop.id),
      room: sizeOf(pop) * this.#shares.roomOf(pop.id),
    }));
  }
}

const UNKNOWN_RANK = 1;
/** Any numbers; the order of PoPs is the same in every PoP. */
const STAND_IN_SALT = 0x5eed;
const SPREAD_SALT = 0x5b2ead;

/** 0: healthy. What is worse comes into an answer only where there is nothing better; unknown ones may be second. */
function rankOf({ liveness, draining }: SteeredPop): number {
  if (liveness === 'down') return 4;
  return (draining ? 2 : 0) + (liveness === 'unknown' ? 1 : 0);
}

/** The PoPs that may be answered: never a draining one or a dead one while there is another. */
function usable(pops: readonly SteeredPop[]): readonly SteeredPop[] {
  for (const ranks of [
    [0, UNKNOWN_RANK],
    [2, 3],
  ]) {
    const found = pops.filter((pop) => ranks.includes(rankOf(pop)));
    if (found.length > 0) return found;
  }
  return pops;
}

function byRankThenNearness(a: Candidate, b: Candidate): number {
  const [aKept, bKept] = [a.lot < a.share, b.lot < b.share];
  const byRank = rankOf(a.pop) - rankOf(b.pop);
  if (byRank !== 0) return byRank;
  if (aKept !== bKept) return aKept ? -1 : 1;
  // Nobody keeps this client: whoever is nearest to keeping it.
  if (!aKept) return b.share - b.lot - (a.share - a.lot);
  return a.predictedMs - b.predictedMs || a.lot - b.lot;
}

/** Whether two would be answered for the same reason: of one rank, and both keep the client or neither does. */
const isAlike = (a: Candidate, b: Candidate): boolean =>
  rankOf(a.pop) === rankOf(b.pop) && a.lot < a.share === b.lot < b.share;

/** The first of an answer: of those that are about equally near always the same for a client, larger ones for more clients. */
function oneOfTheNearest(candidates: readonly Candidate[], client: SteeringClient): Candidate | undefined {
  const [nearest] = candidates;
  if (!nearest || nearest.lot >= nearest.share) return nearest;
  const limitMs = nearest.predictedMs + EQUALLY_NEAR_MS;
  const equals = candidates.filter((one) => isAlike(one, nearest) && one.predictedMs <= limitMs);
  return drawn(equals, client, SPREAD_SALT, ({ pop }) => sizeOf(pop));
}

/**
 * One of them by weight, the same for a client while weights stay. Another lot than the one by which clients are shed, or those that
 * are shed together would come together.
 */
function drawn(
  candidates: readonly Candidate[],
  { prefix }: SteeringClient,
  salt: number,
  weightOf: (one: Candidate) => number,
): Candidate | undefined {
  let left = mixed(textHash(prefix), salt) * candidates.reduce((sum, one) => sum + weightOf(one), 0);
  for (const one of candidates) {
    left -= weightOf(one);
    if (left < 0) return one;
  }
  return candidates.at(-1);
}

/**
 * The second of an answer, for who cannot reach the first and for resolvers that shuffle. One of those that are not much
 * farther than the next best, the fuller ones seldom: or a PoP between large cities is the second of all of them.
 */
function standIn(candidates: readonly Candidate[], best: Candidate, client: SteeringClient): Candidate | undefined {
  const others = candidates.filter((one) => one !== best);
  const [next] = others;
  if (!next) return undefined;
  const limitMs = next.predictedMs + Math.min(next.predictedMs * STAND_IN_SHARE, STAND_IN_EXCESS_MS);
  const alike = others.filter((one) => isAlike(one, next) && one.predictedMs <= limitMs);
  return drawn(alike, client, STAND_IN_SALT, ({ room }) => room);
}

/** What a PoP is built for. */
const sizeOf = ({ load }: SteeredPop): number => Math.max(1, load?.capacity ?? 1);

/**
 * One whose round trip nobody knows and which may beat the best: it goes second, where the clients of resolvers that
 * shuffle find out. Undefined where there is none, so the second is the second best.
 */
function worthTrying(candidates: readonly Candidate[], best: Candidate): Candidate | undefined {
  const hopes = candidates.filter((one) => one !== best && isUntried(one) && one.hopedMs < best.predictedMs);
  return hopes.reduce<Candidate | undefined>((a, b) => (a && a.hopedMs <= b.hopedMs ? a : b), undefined);
}

/** The client at the nearest of its places, over a better way than usual, with the access network that others saw. */
function hopedMs({ meanMs, leastMs }: Estimate, predictedMs: number): number {
  return leastMs * HOPEFUL_SHARE + Math.max(0, predictedMs - meanMs);
}

const isUntried = (one: Candidate): boolean => !one.isKnown && one.pop.liveness === 'up' && one.lot < one.share;

/** One whose round trip nobody knows and which may be near; undefined where all that matters is known. */
function worthExploring(
  candidates: readonly Candidate[],
  best: Candidate,
  client: SteeringClient,
  chance: number,
): Candidate | undefined {
  const limitMs = client.place.length === 0 ? Number.POSITIVE_INFINITY : best.predictedMs + EXPLORE_EXCESS_MS;
  const worth = candidates.filter((one) => one !== best && isUntried(one) && one.hopedMs <= limitMs);
  return worth[Math.floor(chance * worth.length)];
}

function cut(ordered: readonly Candidate[]): readonly Candidate[] {
  const nearMs = (ordered[0]?.predictedMs ?? 0) + ABOUT_AS_NEAR_MS;
  return ordered.slice(0, ANSWER_POPS_MAX).filter((one, index) => index < ANSWER_POPS_MIN || one.predictedMs <= nearMs);
}
