/**
 * People, as a stream: each block of addresses begins connections at its rate and ends them after a while. Their resolver
 * asks some PoP, which answers with the production `Steering`, and keeps the answer for its lifetime.
 */
import { ANSWER_TTL_SECONDS } from '../src/core/steering/index.ts';
import type { SeededRandom } from '../src/testing/seeded-random.ts';
import { clientsOf } from '../src/testing/steering-clients.ts';
import type { WorldClient } from '../src/testing/steering-world.ts';
import { fractionOf, type Region, regionOf, roundTripMs } from './geography.ts';
import type { SimPop } from './pop.ts';
import type { World } from './world.ts';

const STEP_MS = 1_000;
const SESSION_MS = 30_000;
/** Resolvers that shuffle the addresses of an answer. */
const SHUFFLED_SHARE = 0.15;
/** PoPs whose round trips differ by less are the same to a person. */
export const TIE_MS = 5;
/** PoPs are built for so many times what their place brings them, and for no less than half of the mean. */
const BUILT_FOR = 2;
/** Connections that a block begins in a second. */
const RATE = 5;

export interface SimClient extends WorldClient {
  readonly region: Region;
  readonly index: number;
  answer: readonly SimPop[];
  untilMs: number;
  readonly rttMs: Float64Array;
}

export interface AnswerCounts {
  answers: number;
  /** The first PoP was dead when it was answered. */
  dead: number;
  /** The first PoP was more than `TIE_MS` behind the nearest healthy one. */
  farther: number;
  /** Connections that were begun, and of them those that had to go to another address, and that found none alive. */
  connections: number;
  moved: number;
  failed: number;
}

export class Users {
  readonly clients: readonly SimClient[];
  counts: AnswerCounts = noCounts();
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #surges = new Map<Region, number>();

  constructor(world: World, count: number, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
    this.clients = clientsOf(count, random).map((client, index) => ({
      ...client,
      index,
      region: regionOf(client),
      answer: [],
      untilMs: 0,
      rttMs: Float64Array.from(world.pops, (pop) => roundTripMs(client, pop, fractionOf(index, pop.index))),
    }));
    const fair = this.fairShares();
    const least = sum(fair) / fair.length / 2;
    for (const pop of world.pops) pop.capacity = Math.ceil(BUILT_FOR * Math.max(least, fair[pop.index] as number));
    world.queue.every(STEP_MS, 3_000, () => this.#step());
  }

  surge(region: Region, factor: number): void {
    this.#surges.set(region, factor);
  }

  /** Connections of each PoP if everybody came to the nearest healthy one. */
  fairShares(): number[] {
    const { pops } = this.#world;
    const hasStarted = pops.some(({ isAlive }) => isAlive);
    const usable = pops.filter(({ isAlive, isDraining }) => !hasStarted || (isAlive && !isDraining));
    const shares = pops.map(() => 0);
    for (const client of this.clients) {
      const bestMs = Math.min(...usable.map(({ index }) => client.rttMs[index] as number));
      const nearest = usable.filter(({ index }) => (client.rttMs[index] as number) <= bestMs + TIE_MS);
      const each = (this.#rateOf(client) * SESSION_MS) / 1000 / nearest.length;
      for (const { index } of nearest) shares[index] = (shares[index] as number) + each;
    }
    return shares;
  }

  nearestTo(client: SimClient): SimPop | undefined {
    let best: SimPop | undefined;
    for (const pop of this.#world.pops) {
      const isUsable = pop.isAlive && !pop.isDraining;
      if (isUsable && (!best || (client.rttMs[pop.index] as number) < (client.rttMs[best.index] as number))) best = pop;
    }
    return best;
  }

  resetCounts(): void {
    this.counts = noCounts();
  }

  #rateOf({ region, sessionsPerSecond }: SimClient): number {
    return sessionsPerSecond * RATE * (this.#surges.get(region) ?? 1);
  }

  #step(): true {
    for (const pop of this.#world.pops) pop.connections *= Math.exp(-STEP_MS / SESSION_MS);
    const { nowMs } = this.#world;
    for (const client of this.clients) {
      if (nowMs >= client.untilMs) this.#resolve(client, nowMs);
      const begun = this.#rateOf(client) * (STEP_MS / 1000);
      const second = client.answer.length > 1 ? SHUFFLED_SHARE * begun : 0;
      this.#begin(client, 0, begun - second);
      this.#begin(client, 1, second);
    }
    return true;
  }

  #begin(client: SimClient, first: number, connections: number): void {
    if (connections === 0) return;
    const { answer } = client;
    this.counts.connections += connections;
    const order = [...answer.slice(first), ...answer.slice(0, first)];
    const pop = order.find((one) => one.isAlive);
    if (!pop) {
      this.counts.failed += connections;
      return;
    }
    if (pop !== order[0]) this.counts.moved += connections;
    pop.connections += connections;
    const busyMs = this.#random.chance(0.2) ? 50 * this.#random.fraction() : 4 * this.#random.fraction();
    if (first === 0 || this.#random.chance(SHUFFLED_SHARE)) {
      pop.own.observe(client.prefix, (client.rttMs[pop.index] as number) + busyMs);
    }
  }

  #resolve(client: SimClient, nowMs: number): void {
    const asked = this.#world.pops.filter(({ isAlive }) => isAlive);
    if (asked.length === 0) return;
    const answered = this.#random.pick(asked).answer(client, this.#random.fraction());
    client.answer = answered.map(({ id }) => this.#world.popById(id));
    client.untilMs = nowMs + ANSWER_TTL_SECONDS * 1000 * (0.9 + 0.2 * this.#random.fraction());
    const [first] = client.answer;
    this.counts.answers++;
    if (!first?.isAlive) this.counts.dead++;
    else {
      const bestMs = client.rttMs[this.nearestTo(client)?.index ?? first.index] as number;
      if ((client.rttMs[first.index] as number) > bestMs + TIE_MS) this.counts.farther++;
    }
  }
}

function noCounts(): AnswerCounts {
  return { answers: 0, dead: 0, farther: 0, connections: 0, moved: 0, failed: 0 };
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
