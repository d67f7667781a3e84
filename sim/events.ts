/** What happens to the world, one after the other, and how long each is watched. */
import type { Region } from './geography.ts';
import type { SimPop } from './pop.ts';
import type { World } from './world.ts';

export interface SimEvent {
  readonly name: string;
  readonly forMs: number;
  /** Begins it; gives the PoPs that are lost at once. */
  begin(world: World): Iterable<SimPop>;
}

const SECOND_MS = 1_000;
/** Everything starts within this time: as after a power cut, or an upgrade of the whole. */
const HERD_MS = 500;
const BACK_AFTER_MS = 2_000;
const SURGE = 2.2;
/** A stop waits for twice the lifetime of an answer in production; connectors move in a quarter of it. */
const DRAIN_MS = 12_000;
const NONE: readonly SimPop[] = [];

/** By the names that the command line knows them by, in the order in which they happen. */
export const EVENT_NAMES = ['start', 'idle', 'kill', 'restart', 'region', 'parted', 'rolling', 'surge'] as const;
export type EventName = (typeof EVENT_NAMES)[number];

/** The events that were asked for, as many as the time has room for. Everything starts with the start. */
export function plan(
  world: World,
  minutes: number,
  wanted: readonly EventName[] = EVENT_NAMES,
  restMs = 0,
): SimEvent[] {
  const wholeMs = minutes * 60 * SECOND_MS;
  const all: Readonly<Record<EventName, SimEvent>> = {
    start: start(Math.min(60 * SECOND_MS, 0.4 * wholeMs)),
    idle: { name: 'idle', forMs: restMs || Math.min(60 * SECOND_MS, 0.1 * wholeMs), begin: () => NONE },
    kill: popKilled(15),
    restart: connectorsRestarted(15),
    region: outage(),
    parted: partition(),
    rolling: rolling(world),
    surge: surge(),
  };
  let leftMs = wholeMs;
  return EVENT_NAMES.filter((name) => name === 'start' || wanted.includes(name)).flatMap((name) => {
    const event = all[name];
    if (event.forMs > leftMs) return [];
    leftMs -= event.forMs;
    return [event];
  });
}

function start(forMs: number): SimEvent {
  return {
    name: 'everything starts at once',
    forMs,
    begin(world) {
      const { queue, random } = world;
      for (const node of [...world.pops, ...world.connectors])
        queue.after(HERD_MS * random.fraction(), () => node.start());
      return NONE;
    },
  };
}

function popKilled(seconds: number): SimEvent {
  return {
    name: 'one PoP killed, for good',
    forMs: seconds * SECOND_MS,
    begin(world) {
      const pop = fullest(world);
      world.kill([pop]);
      return [pop];
    },
  };
}

function connectorsRestarted(seconds: number): SimEvent {
  return {
    name: '10 % of connectors restarted',
    forMs: seconds * SECOND_MS,
    begin(world) {
      for (const connector of world.connectors) {
        if (!world.random.chance(0.1)) continue;
        connector.kill();
        world.queue.after(BACK_AFTER_MS, () => connector.start());
      }
      return NONE;
    },
  };
}

function outage(): SimEvent {
  return {
    name: 'a region lost for 1 min',
    forMs: 100 * SECOND_MS,
    begin(world) {
      const lost = inRegion(world, 'europe');
      world.kill(lost);
      world.queue.after(60 * SECOND_MS, () => world.revive(lost));
      return lost;
    },
  };
}

function partition(): SimEvent {
  return {
    name: 'two regions parted for 30 s',
    forMs: 60 * SECOND_MS,
    begin(world) {
      world.network.cut('europe', 'america');
      world.queue.after(30 * SECOND_MS, () => world.network.mend());
      return NONE;
    },
  };
}

/** Each drains, stops, and is back two seconds later; several at a time where there are many. */
function rolling(world: World): SimEvent {
  const atOnce = Math.max(1, Math.ceil(world.pops.length / 10));
  const stepMs = DRAIN_MS + BACK_AFTER_MS + SECOND_MS;
  const steps = Math.ceil(world.pops.length / atOnce);
  return {
    name: 'all PoPs restarted in turn',
    forMs: steps * stepMs + 10 * SECOND_MS,
    begin() {
      for (let step = 0; step < steps; step++) {
        world.queue.after(step * stepMs, () => {
          // Not neighbours: PoPs of one city are a multiple of the number of cities apart.
          const restarted = world.pops.filter(({ index, isAlive }) => isAlive && index % steps === step);
          for (const pop of restarted) pop.isDraining = true;
          world.queue.after(DRAIN_MS, () => world.kill(restarted));
          world.queue.after(DRAIN_MS + BACK_AFTER_MS, () => world.revive(restarted));
        });
      }
      return NONE;
    },
  };
}

function surge(): SimEvent {
  return {
    name: `${SURGE} times the users in one region`,
    forMs: 50 * SECOND_MS,
    begin({ users }) {
      users.surge('europe', SURGE);
      return NONE;
    },
  };
}

function inRegion({ pops }: World, region: Region): SimPop[] {
  return pops.filter((pop) => pop.region === region && pop.isAlive);
}

function fullest({ pops }: World): SimPop {
  return pops.reduce((fullestPop, pop) => (pop.tunnels.size > fullestPop.tunnels.size ? pop : fullestPop));
}
