/**
 * Sees what is true, and how long it takes until nodes act on it: for each connector, for each PoP's way to each of some
 * connectors, and for each PoP's answer to some clients, the time for which it was not as it should be.
 */
import type { SimConnector } from './connector.ts';
import type { SimPop } from './pop.ts';
import type { SimClient } from './users.ts';
import type { World } from './world.ts';

const LOOK_MS = 100;
/** To look at ways and answers is work, and answers change once a second. */
const WAY_LOOKS_MS = 200;
const ANSWER_LOOKS_MS = 500;
/** After an event everything is looked at this closely; then so much less often. */
const CLOSELY_MS = 20_000;
const SELDOM = 10;
const WATCHED_CONNECTORS = 120;
/** Ways that are looked at: fewer connectors where there are many PoPs. */
const WATCHED_WAYS = 4_000;
/** Of more connectors than this, each is looked at half as often. */
const MANY_CONNECTORS = 2_000;
/** Answers that are looked at, to 30 clients where PoPs are few: each is a choice among all PoPs. */
const WATCHED_ANSWERS = 20_000;
const WATCHED_CLIENTS = 30;
const ASKED_POPS = 30;

export interface Durations {
  /** Of what was broken and is well again, in ms. */
  readonly healed: number[];
  /** Of what is broken still. */
  readonly open: number[];
}

/** How long each of many things was not as it should be. */
class Breaks {
  readonly #brokenSince = new Map<number, number>();
  #healed: number[] = [];

  look(name: number, isWell: boolean, nowMs: number): void {
    const since = this.#brokenSince.get(name);
    if (!isWell) {
      if (since === undefined) this.#brokenSince.set(name, nowMs);
    } else if (since !== undefined) {
      this.#brokenSince.delete(name);
      this.#healed.push(nowMs - since);
    }
  }

  drop(name: number): void {
    this.#brokenSince.delete(name);
  }

  /** What happened since this was asked last. What is broken still goes on. */
  take(nowMs: number): Durations {
    const healed = this.#healed;
    this.#healed = [];
    return { healed, open: [...this.#brokenSince.values()].map((since) => nowMs - since) };
  }
}

export class Watch {
  readonly #world: World;
  readonly #connectors = new Breaks();
  readonly #ways = new Breaks();
  readonly #answers = new Breaks();
  readonly #watched: readonly SimConnector[];
  readonly #knowing: readonly SimPop[];
  /** PoPs that can be reached, by region. */
  readonly #usable = new Map<string, number>();
  #beganMs = 0;
  #clients: readonly SimClient[] = [];
  #asked: readonly SimPop[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#knowing = world.pops.filter(({ keepsTable }) => keepsTable);
    const watched = Math.min(WATCHED_CONNECTORS, Math.ceil(WATCHED_WAYS / this.#knowing.length));
    const step = Math.max(1, Math.floor(world.connectors.length / watched));
    this.#watched = world.connectors.filter((_, index) => index % step === 0);
    world.queue.every(LOOK_MS, LOOK_MS, () => this.#look());
  }

  /** Of the answers, those to clients of the PoPs that are about to be lost are watched, or some where none is. */
  begin(lost: ReadonlySet<SimPop>): void {
    this.#beganMs = this.#world.nowMs;
    const { clients } = this.#world.users;
    const concerned = clients.filter((client) => lost.has(this.#world.users.nearestTo(client) as SimPop));
    const { pops } = this.#world;
    const side = Math.ceil(Math.sqrt(WATCHED_ANSWERS / pops.length));
    this.#clients = evenly(concerned.length > 0 ? concerned : clients, Math.min(WATCHED_CLIENTS, side));
    this.#asked = evenly(
      pops.filter((pop) => !lost.has(pop)),
      Math.min(ASKED_POPS, side),
    );
  }

  take(): { readonly connectors: Durations; readonly ways: Durations; readonly answers: Durations } {
    const { nowMs } = this.#world;
    return {
      connectors: this.#connectors.take(nowMs),
      ways: this.#ways.take(nowMs),
      answers: this.#answers.take(nowMs),
    };
  }

  #look(): true {
    const { nowMs } = this.#world;
    const often = nowMs - this.#beganMs < CLOSELY_MS ? 1 : SELDOM;
    const lookMs = LOOK_MS * (this.#world.connectors.length > MANY_CONNECTORS ? 2 : 1);
    if (nowMs % (often * lookMs) === 0) this.#lookAtConnectors(nowMs);
    if (nowMs % (often * WAY_LOOKS_MS) === 0) this.#lookAtWays(nowMs);
    if (nowMs % (often * ANSWER_LOOKS_MS) === 0) this.#lookAtAnswers(nowMs);
    return true;
  }

  #lookAtConnectors(nowMs: number): void {
    this.#usable.clear();
    for (const connector of this.#world.connectors) {
      if (!connector.isAlive) this.#connectors.drop(connector.index);
      else this.#connectors.look(connector.index, this.#served(connector) >= this.#due(connector), nowMs);
    }
  }

  #lookAtWays(nowMs: number): void {
    for (const connector of this.#watched) {
      const relays = connector.isAlive ? connector.serving().filter((pop) => this.#works(pop, connector)) : [];
      for (const pop of this.#knowing) {
        const name = this.#nameOf(pop, connector.index);
        if (relays.length === 0 || !pop.isAlive) this.#ways.drop(name);
        else this.#ways.look(name, relays.includes(pop) || this.#knowsWay(pop, connector, relays), nowMs);
      }
    }
  }

  /** Tunnels that it counts on and that work in truth. */
  #served(connector: SimConnector): number {
    let count = 0;
    for (const pop of connector.serving()) if (this.#works(pop, connector)) count++;
    return count;
  }

  #due(connector: SimConnector): number {
    const { region, wanted } = connector;
    let usable = this.#usable.get(region);
    if (usable === undefined) {
      usable = this.#world.pops.filter((pop) => pop.isAlive && this.#world.network.passes(pop, connector)).length;
      this.#usable.set(region, usable);
    }
    return Math.min(wanted, usable);
  }

  #works(pop: SimPop, connector: SimConnector): boolean {
    return pop.isAlive && pop.isAttached(connector.index) && this.#world.network.passes(pop, connector);
  }

  /** Whether the first way that a PoP believes in is one. */
  #knowsWay(pop: SimPop, connector: SimConnector, relays: readonly SimPop[]): boolean {
    const { network } = this.#world;
    const [first] = pop.relaysTo(connector.id);
    const relay = first && this.#world.popById(first.id);
    if (relay && relays.includes(relay) && network.passes(pop, relay)) return true;
    // Where a partition leaves no way at all, none can be known.
    return !relays.some((one) => network.passes(pop, one));
  }

  #nameOf(pop: SimPop, index: number): number {
    return pop.index * 2 ** 32 + index;
  }

  #lookAtAnswers(nowMs: number): void {
    for (const pop of this.#asked) {
      for (const client of this.#clients) {
        const name = this.#nameOf(pop, client.index);
        const first = pop.isAlive ? pop.answer(client, 1)[0] : undefined;
        if (!pop.isAlive) this.#answers.drop(name);
        else this.#answers.look(name, first !== undefined && this.#world.popById(first.id).isAlive, nowMs);
      }
    }
  }
}

function evenly<Value>(values: readonly Value[], count: number): Value[] {
  const step = Math.max(1, values.length / count);
  return Array.from(
    { length: Math.min(count, values.length) },
    (_, index) => values[Math.floor(index * step)] as Value,
  );
}
