/** PoPs, connectors and people under one virtual clock. Everything follows from the seed. */
import type { ChoicePop } from '../src/core/reach/index.ts';
import type { SnapshotView } from '../src/pop/snapshot-view.ts';
import { SeededRandom } from '../src/testing/seeded-random.ts';
import { SimConnector } from './connector.ts';
import { EventQueue } from './event-queue.ts';
import { connectorPlaces, popPlaces } from './geography.ts';
import { type LinkEnd, Links } from './links.ts';
import { Network } from './network.ts';
import { SimPop } from './pop.ts';
import { Tunnels } from './tunnels.ts';
import { Users } from './users.ts';

export interface WorldSize {
  readonly pops: number;
  readonly connectors: number;
  readonly seed: number;
}

/** Prefixes of clients for each PoP. */
const CLIENTS_PER_POP = 60;
/** PoPs of a large world that keep tables of ways; fewer than twice as many PoPs all do. */
const TABLES = 16;
const CONTROL_SAYS_MS = 4_000;
/** How long control takes to notice that the link of a PoP is dead. */
const CONTROL_NOTICES_MS = 5_000;

export class World {
  readonly queue = new EventQueue();
  readonly random: SeededRandom;
  readonly network: Network;
  readonly tunnels: Tunnels;
  readonly links: Links;
  readonly pops: readonly SimPop[];
  readonly connectors: readonly SimConnector[];
  readonly users: Users;
  readonly popIds: ReadonlySet<string>;
  readonly connectorIds: ReadonlySet<string>;
  readonly choosable: readonly ChoicePop[];
  /** What PoPs and steering see of a snapshot. */
  readonly view: Pick<SnapshotView, never>;
  /** Messages that a production table refused. */
  refusals = 0;
  /** Choices that connectors made: PoPs taken and given up. */
  choiceNews = 0;
  readonly #popById: ReadonlyMap<string, SimPop>;
  readonly #diedAtMs = new Map<SimPop, number>();

  constructor({ pops, connectors, seed }: WorldSize) {
    this.random = new SeededRandom(seed);
    this.network = new Network(this.queue, new SeededRandom(seed + 1));
    this.tunnels = new Tunnels(this.network);
    this.links = new Links(this.network, this.tunnels);
    this.links.accept = (end: LinkEnd) => end.node instanceof SimPop && end.node.accept(end);
    this.pops = popPlaces(pops).map((place, index) => {
      const keepsTable = index % Math.max(1, Math.floor(pops / TABLES)) === 0;
      return new SimPop(this, index, idOf('pop', index), place, keepsTable);
    });
    const places = connectorPlaces(connectors, this.random);
    this.connectors = places.map((place, index) => new SimConnector(this, pops + index, idOf('con', index), place));
    this.popIds = new Set(this.pops.map(({ id }) => id));
    this.connectorIds = new Set(this.connectors.map(({ id }) => id));
    this.#popById = new Map(this.pops.map((pop) => [pop.id, pop]));
    this.choosable = this.pops.map(({ id, city, latitude, longitude }) => ({ id, place: city, latitude, longitude }));
    this.view = viewOf(this.pops);
    this.users = new Users(this, pops * CLIENTS_PER_POP, new SeededRandom(seed + 2));
    this.queue.every(CONTROL_SAYS_MS, 0, () => this.#controlSays());
  }

  get nowMs(): number {
    return this.queue.nowMs;
  }

  popById(id: string): SimPop {
    return this.#popById.get(id) as SimPop;
  }

  popsOf(indexes: Iterable<number>): SimPop[] {
    return [...indexes].map((index) => this.pops[index] as SimPop);
  }

  runUntil(untilMs: number): void {
    while (this.nowMs < untilMs) {
      this.queue.step();
      this.tunnels.poll(this.nowMs);
    }
  }

  kill(pops: Iterable<SimPop>): void {
    for (const pop of pops) {
      pop.kill();
      this.#diedAtMs.set(pop, this.nowMs);
    }
    this.queue.after(CONTROL_NOTICES_MS, () => this.#controlSays());
  }

  revive(pops: Iterable<SimPop>): void {
    for (const pop of pops) pop.start();
    this.#controlSays();
  }

  #controlSays(): true {
    const hears = (pop: SimPop) =>
      pop.isAlive || this.nowMs - (this.#diedAtMs.get(pop) ?? -Infinity) < CONTROL_NOTICES_MS;
    const heard = this.pops.filter(hears).map(({ id }) => id);
    for (const pop of this.pops) if (pop.isAlive) pop.controlHears(heard);
    return true;
  }
}

/** As long as real ones. */
function idOf(prefix: string, index: number): string {
  return `${prefix}_01kb0000000000000000${index.toString(10).padStart(6, '0')}`;
}

/** The few fields of a snapshot that `PopFacts` reads. */
function viewOf(pops: readonly SimPop[]): Pick<SnapshotView, never> {
  const records = pops.map(({ id, index, latitude, longitude, city }) => ({
    ...{ kind: 'pop', id, location: { name: city, latitude, longitude } },
    httpsEndpoints: [`20.0.${index >> 8}.${index & 255}:443`],
  }));
  return { state: { ofKind: () => records }, installation: { publicPort: 443 } };
}
