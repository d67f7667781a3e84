/** How evenly connectors and people are spread, against what their places ask for. */
import { BETTER_BY_MS, BETTER_BY_SHARE } from '../src/core/reach/constants.ts';
import type { SimConnector } from './connector.ts';
import type { SimPop } from './pop.ts';
import { sum } from './users.ts';
import type { World } from './world.ts';

/**
 * The most that a PoP has, as a multiple of its fair share. What a PoP has little of may be many times its share and hurt
 * nobody, so a share counts as half of the mean at least.
 */
export function imbalance(has: readonly number[], fair: readonly number[], pops: readonly SimPop[]): number {
  const alive = pops.filter(({ isAlive }) => isAlive);
  const least = sum(alive.map(({ index }) => fair[index] as number)) / alive.length / 2;
  return Math.max(...alive.map(({ index }) => (has[index] as number) / Math.max(least, fair[index] as number)));
}

export function connectorImbalance(world: World): number {
  const has = world.pops.map(() => 0);
  const fair = world.pops.map(() => 0);
  for (const connector of world.connectors) {
    for (const pop of connector.serving()) has[pop.index] = (has[pop.index] as number) + 1;
    addFairShare(world, connector, fair);
  }
  return imbalance(has, fair, world.pops);
}

/** Rounds in which each connector is put where fewest are; after these few nothing changes any more. */
const EVENING_ROUNDS = 8;

/**
 * What the fullest PoP has, as a multiple of what the fullest has in the most even spread that round trips allow: PoPs that
 * are about as near to many take from those that are near to few. That is what connectors try to come to; their fair share
 * is what their places would give to PoPs.
 */
export function fullestOfEven(world: World): number {
  const has = world.pops.map(() => 0);
  const even = world.pops.map(() => 0);
  const choices = world.connectors.map((connector) => pairsOf(world, connector));
  for (const connector of world.connectors) {
    for (const pop of connector.serving()) has[pop.index] = (has[pop.index] as number) + 1;
  }
  const chosen: number[][] = choices.map(() => []);
  for (let round = 0; round < EVENING_ROUNDS; round++) {
    choices.forEach((pairs, index) => {
      for (const pop of chosen[index] as number[]) even[pop] = (even[pop] as number) - 1;
      chosen[index] = emptiest(pairs, even);
      for (const pop of chosen[index]) even[pop] = (even[pop] as number) + 1;
    });
  }
  return Math.max(...has) / Math.max(...even);
}

function emptiest(pairs: readonly number[][], loads: readonly number[]): number[] {
  const loadOf = (pair: readonly number[]) => sum(pair.map((pop) => loads[pop] as number));
  let [best, least] = [[] as number[], Number.POSITIVE_INFINITY];
  for (const pair of pairs) {
    const load = loadOf(pair);
    if (load < least) [best, least] = [pair, load];
  }
  return best;
}

/** PoPs, by index, that a connector could have its tunnels to and not want to move. */
function pairsOf(world: World, connector: SimConnector): number[][] {
  const ways = waysOf(world, connector);
  return equalsOf(ways).flatMap(({ pop: first }) => {
    if (connector.wanted < 2) return [[first.index]];
    const seconds = equalsOf(ways.filter(({ pop }) => pop !== first && pop.city !== first.city));
    return seconds.map(({ pop }) => [first.index, pop.index]);
  });
}

export function userImbalance({ pops, users }: World): number {
  return imbalance(
    pops.map(({ connections }) => connections),
    users.fairShares(),
    pops,
  );
}

/**
 * One tunnel to the nearest location and one to the next, each shared equally by the PoPs that are about as near: no
 * connector would move from one of them to another.
 */
function addFairShare(world: World, connector: SimConnector, fair: number[]): void {
  const ways = waysOf(world, connector);
  const first = equalsOf(ways);
  const weights = new Map(first.map(({ pop }) => [pop, 1 / first.length]));
  const count = connector.wanted - 1;
  for (const { pop } of first) {
    const equals = equalsOf(ways.filter((way) => way.pop !== pop && way.pop.city !== pop.city));
    for (const way of equals) {
      weights.set(way.pop, (weights.get(way.pop) ?? 0) + count / first.length / equals.length);
    }
  }
  for (const [pop, weight] of weights) fair[pop.index] = (fair[pop.index] as number) + weight;
}

/** PoPs that live, the nearest first. */
function waysOf({ pops, network }: World, connector: SimConnector): { readonly pop: SimPop; readonly rttMs: number }[] {
  return pops
    .filter(({ isAlive }) => isAlive)
    .map((pop) => ({ pop, rttMs: 2 * network.oneWayMs(connector, pop) }))
    .sort((a, b) => a.rttMs - b.rttMs);
}

/** The first, and those that it is not clearly better than. */
function equalsOf<Way extends { readonly rttMs: number }>(sorted: readonly Way[]): Way[] {
  const bestMs = sorted[0]?.rttMs ?? 0;
  return sorted.filter(({ rttMs }) => bestMs + Math.max(BETTER_BY_MS, rttMs * BETTER_BY_SHARE) > rttMs);
}
