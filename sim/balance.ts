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
  const ways = world.pops
    .filter(({ isAlive }) => isAlive)
    .map((pop) => ({ pop, rttMs: 2 * world.network.oneWayMs(connector, pop) }))
    .sort((a, b) => a.rttMs - b.rttMs);
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

/** The first, and those that it is not clearly better than. */
function equalsOf<Way extends { readonly rttMs: number }>(sorted: readonly Way[]): Way[] {
  const bestMs = sorted[0]?.rttMs ?? 0;
  return sorted.filter(({ rttMs }) => bestMs + Math.max(BETTER_BY_MS, rttMs * BETTER_BY_SHARE) > rttMs);
}
