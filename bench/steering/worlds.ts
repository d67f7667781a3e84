/** The worlds that are measured: where PoPs stand, who asks, what happens. */
import { SeededRandom } from '../../src/testing/seeded-random.ts';
import { clientsOf, mostCommonCities, popsAt } from '../../src/testing/steering-clients.ts';
import { SteeringWorld, type WorldOptions } from '../../src/testing/steering-world.ts';

const SEED = 20261125;
const CLIENTS = 2_000;
const SESSION_MS = 30_000;
const NO_LIMIT = 1e9;
const EUROPE = ['DE', 'NL', 'AT', 'CH', 'FR', 'GB', 'BE', 'PL', 'CZ'];
const AMERICA = ['newyork', 'losangeles', 'dallas', 'seattle', 'miami'];
const OUTAGE_MS = 150_000;

export interface Nearness {
  readonly name: string;
  /** Of answers: the nearest healthy PoP, or one at most 5 ms behind it, comes first. */
  readonly nearest: number;
  /** The same before anything was measured: by distance alone. */
  readonly untaught: number;
}

interface World {
  readonly name: string;
  readonly cities: readonly string[];
  readonly countries?: readonly string[];
  /** Time in which PoPs measure, before it counts. */
  readonly learningMs: number;
  readonly dies?: string;
}

const MINUTE_MS = 60_000;
const WORLDS: readonly World[] = [
  { name: '2 PoPs', cities: mostCommonCities(2), learningMs: 30 * MINUTE_MS },
  { name: '3 PoPs', cities: mostCommonCities(3), learningMs: 30 * MINUTE_MS },
  { name: '10 PoPs', cities: mostCommonCities(10), learningMs: 60 * MINUTE_MS },
  { name: '50 PoPs', cities: mostCommonCities(50), learningMs: 120 * MINUTE_MS },
  { name: '5 PoPs in one country', cities: AMERICA, countries: ['US'], learningMs: 60 * MINUTE_MS },
  { name: '10 PoPs, one dies', cities: mostCommonCities(10), learningMs: 60 * MINUTE_MS, dies: 'frankfurt' },
];

export function measureNearness(say: (line: string) => void): Nearness[] {
  return WORLDS.map((one) => {
    const world = build(one.cities, NO_LIMIT, one);
    world.runFor(MINUTE_MS);
    const untaught = shareOf(world);
    world.runFor(one.learningMs);
    world.resetScore();
    if (one.dies) world.kill(one.dies);
    world.runFor(5 * MINUTE_MS);
    const nearest = shareOf(world);
    const strict = world.score.strictlyNearest / world.score.answers;
    say(
      `${one.name}: ${percent(untaught)} by distance, ${percent(nearest)} once measured (${percent(strict)} to the ms)`,
    );
    return { name: one.name, nearest, untaught };
  });
}

/** Longest time in seconds that a PoP was above 90 % of its capacity while another was under 60 %, over all worlds. */
export function measureOverload(say: (line: string) => void): number {
  const surging = (factor: number, overMs: number) => (_client: unknown, nowMs: number) =>
    nowMs < OUTAGE_MS ? 1 : 1 + (factor - 1) * Math.min(1, (nowMs - OUTAGE_MS) / overMs);
  const worlds: readonly { name: string; capacity: number; surge?: WorldOptions['surge']; dies?: string }[] = [
    { name: 'all clients near one PoP', capacity: 0.8 },
    { name: 'twice the load within a minute', capacity: 1.5, surge: surging(2.2, MINUTE_MS) },
    { name: 'twice the load at once', capacity: 1.5, surge: surging(2.2, 1) },
    { name: 'the fullest PoP dies', capacity: 0.8, dies: 'amsterdam' },
  ];
  let worstMs = 0;
  for (const sessionMs of [10_000, 30_000, 120_000]) {
    for (const one of worlds) {
      const cities = one.dies ? ['amsterdam', 'frankfurt', 'newyork'] : ['amsterdam', 'newyork', 'singapore'];
      const world = build(cities, connectionsIn(sessionMs) * one.capacity, { ...one, countries: EUROPE, sessionMs });
      world.runFor(OUTAGE_MS - 10_000);
      world.resetScore();
      if (one.dies) world.kill(one.dies);
      world.runFor(10 * MINUTE_MS);
      const [overload, peak] = [world.overloadMs / 1000, percent(world.peakUtilisation)];
      say(`${one.name}, sessions of ${sessionMs / 1000} s: ${overload} s too full beside room, peak ${peak}`);
      worstMs = Math.max(worstMs, world.overloadMs);
    }
  }
  return worstMs / 1000;
}

interface Circumstances {
  readonly countries?: readonly string[] | undefined;
  readonly sessionMs?: number;
  readonly surge?: WorldOptions['surge'];
}

function build(cities: readonly string[], capacity: number, circumstances: Circumstances): SteeringWorld {
  const { countries, sessionMs = SESSION_MS, surge } = circumstances;
  const random = new SeededRandom(SEED);
  const clients = clientsOf(CLIENTS, random, countries);
  return new SteeringWorld({ pops: popsAt(cities, capacity), clients, random, sessionMs, ...(surge && { surge }) });
}

/** What all clients hold together in ordinary times: 0.05 sessions a second each. */
const connectionsIn = (sessionMs: number): number => CLIENTS * 0.05 * (sessionMs / 1000);

const shareOf = ({ score }: SteeringWorld): number => score.nearest / score.answers;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
