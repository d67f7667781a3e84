/**
 * A world of clients, resolvers and PoPs under a virtual clock, which runs the production core: every PoP that answers
 * DNS has its own `Steering` and `LivenessJudge`, fed by reports that are as old and as small as real ones.
 *
 * The truth that steering does not know: where in its country a client is, the detours of its routes, its access network.
 */
import {
  type ClientPlace,
  type Coordinates,
  greatCircleKm,
  LivenessJudge,
  PeerPrefixRtts,
  type PeerState,
  PrefixRtts,
  type SteeredPop,
  Steering,
} from '../core/steering/index.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface WorldPop extends Coordinates {
  readonly id: string;
  readonly capacity: number;
}

/** Many people behind one prefix and one resolver. */
export interface WorldClient extends Coordinates {
  readonly prefix: string;
  /** What a geographic database says of it. */
  readonly place: ClientPlace;
  /** Sessions that it begins in a second of ordinary time. */
  readonly sessionsPerSecond: number;
  /** Round trip of its access network. */
  readonly accessMs: number;
}

export interface WorldOptions {
  readonly pops: readonly WorldPop[];
  readonly clients: readonly WorldClient[];
  readonly random: SeededRandom;
  /** Mean time that a session keeps its connection. */
  readonly sessionMs: number;
  /** Multiplies the sessions of a client; 1 in ordinary times. */
  readonly surge?: (client: WorldClient, nowMs: number) => number;
}

export interface AnswerScore {
  answers: number;
  /** The first PoP is the nearest healthy one, or no more than `TIE_MS` behind it. */
  nearest: number;
  /** Not one millisecond behind. */
  strictlyNearest: number;
}

/** Two PoPs whose true round trips differ by less are the same to a person. */
const TIE_MS = 5;
const STEP_MS = 1_000;
const CACHE_MS = 20_000;
/** How old the reports are that PoPs decide by. */
const REPORT_AGE_MS = 2_000;
const DETECTION_MS = 1_500;
/** PoPs whose DNS is asked; more of them would say the same. */
const ANSWERING_POPS = 4;
/** Resolvers that shuffle the addresses of an answer. */
const SHUFFLED_SHARE = 0.15;

interface Pop extends WorldPop {
  connections: number;
  readonly own: PrefixRtts;
  reported: number;
  aliveMs: number;
  isAlive: boolean;
  isDraining: boolean;
}

interface Answering {
  readonly pop: Pop;
  readonly judge: LivenessJudge;
  readonly peers: PeerPrefixRtts;
  readonly steering: Steering;
}

interface Cached {
  until: number;
  pops: readonly SteeredPop[];
}

export class SteeringWorld {
  readonly #options: WorldOptions;
  readonly #pops: Map<string, Pop>;
  readonly #answering: readonly Answering[];
  readonly #caches = new Map<WorldClient, Cached>();
  /** Ends of sessions, by the second. */
  readonly #ends = new Map<number, Map<Pop, number>>();
  readonly #trueRtts = new Map<WorldClient, Map<string, number>>();
  nowMs = 0;
  score: AnswerScore = newScore();
  /** Longest time for which a PoP was above 90 % of its capacity while another was under 60 %. */
  overloadMs = 0;
  peakUtilisation = 0;
  #overloadedForMs = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    const fresh = { connections: 0, reported: 0, aliveMs: 0, isAlive: true, isDraining: false };
    this.#pops = new Map(options.pops.map((pop) => [pop.id, { ...pop, ...fresh, own: new PrefixRtts() }]));
    this.#answering = [...this.#pops.values()].slice(0, ANSWERING_POPS).map((pop) => {
      const peers = new PeerPrefixRtts();
      return { pop, peers, judge: new LivenessJudge(), steering: new Steering({ self: pop.id, own: pop.own, peers }) };
    });
  }

  kill(id: string): void {
    this.#change(id, { isAlive: false, aliveMs: this.nowMs, connections: 0 });
    for (const ends of this.#ends.values()) ends.delete(this.#pop(id));
  }

  revive(id: string): void {
    this.#change(id, { isAlive: true, aliveMs: this.nowMs });
  }

  drain(id: string): void {
    this.#change(id, { isDraining: true });
  }

  utilisationOf(id: string): number {
    const { connections, capacity } = this.#pop(id);
    return connections / capacity;
  }

  /** Begins to count anew: what came before was warming up. */
  resetScore(): void {
    this.score = newScore();
    this.overloadMs = 0;
    this.peakUtilisation = 0;
  }

  runFor(durationMs: number): void {
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs; ) this.#step();
  }

  #step(): void {
    this.nowMs += STEP_MS;
    for (const [pop, count] of this.#ends.get(this.nowMs) ?? []) pop.connections -= count;
    this.#ends.delete(this.nowMs);
    if (this.nowMs % REPORT_AGE_MS === 0) this.#report();
    for (const answering of this.#answering) if (answering.pop.isAlive) this.#update(answering);
    for (const client of this.#options.clients) this.#sessions(client);
    this.#watchLoad();
  }

  #report(): void {
    for (const pop of this.#pops.values()) {
      if (!pop.isAlive) continue;
      pop.reported = pop.connections;
      const claims = pop.own.nextReport();
      for (const { pop: other, peers } of this.#answering) if (other !== pop) peers.take(pop.id, claims);
    }
  }

  #update({ pop: self, judge, steering }: Answering): void {
    const pops = [...this.#pops.values()];
    const heard = (pop: Pop) => (pop.isAlive ? true : this.nowMs - pop.aliveMs < DETECTION_MS);
    const control = new Set(pops.filter(heard).map(({ id }) => id));
    const peers = pops
      .filter((pop) => pop !== self)
      .map(
        (pop): PeerState => ({ popId: pop.id, tunnel: heard(pop) ? 'up' : 'down', report: this.#reportOf(control) }),
      );
    const verdicts = judge.judge({ self: self.id, pops: pops.map(({ id }) => id), peers, control }, this.nowMs);
    steering.update(
      pops.map(({ id, latitude, longitude, isDraining, reported, capacity }) => ({
        ...{ id, latitude, longitude, draining: isDraining, ipv4: [id], ipv6: [] },
        liveness: verdicts.get(id) ?? 'unknown',
        load: { connections: id === self.id ? self.connections : reported, capacity, cpu: 0.1 },
      })),
      this.nowMs,
    );
  }

  #reportOf(hears: ReadonlySet<string>): NonNullable<PeerState['report']> {
    return { receivedMs: this.nowMs, hears: [...hears] };
  }

  #sessions(client: WorldClient): void {
    const { random, surge } = this.#options;
    const expected = client.sessionsPerSecond * (surge?.(client, this.nowMs) ?? 1) * (STEP_MS / 1000);
    const count = Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0);
    for (let i = 0; i < count; i++) this.#session(client);
  }

  #session(client: WorldClient): void {
    const { random, sessionMs } = this.#options;
    const answered = this.#resolve(client);
    const order = random.chance(SHUFFLED_SHARE) ? [...answered].reverse() : answered;
    const pop = order.map(({ id }) => this.#pop(id)).find(({ isAlive }) => isAlive);
    if (!pop) return;
    pop.connections++;
    const busyMs = random.chance(0.2) ? 50 * random.fraction() : 4 * random.fraction();
    pop.own.observe(client.prefix, this.#trueRttMs(client, pop) + busyMs);
    const lastsMs = Math.ceil((-Math.log(1 - random.fraction()) * sessionMs) / STEP_MS) * STEP_MS;
    const ends = this.#ends.get(this.nowMs + lastsMs) ?? new Map<Pop, number>();
    this.#ends.set(this.nowMs + lastsMs, ends.set(pop, (ends.get(pop) ?? 0) + 1));
  }

  #resolve(client: WorldClient): readonly SteeredPop[] {
    const { random } = this.#options;
    const cached = this.#caches.get(client);
    if (cached && cached.until > this.nowMs) return cached.pops;
    const { steering } = random.pick(this.#answering.filter(({ pop }) => pop.isAlive));
    const pops = steering.choose(client, 'ipv4', random.fraction());
    this.#caches.set(client, { pops, until: this.nowMs + CACHE_MS });
    const [first] = pops;
    if (first) this.#judge(client, first.id);
    return pops;
  }

  #judge(client: WorldClient, firstId: string): void {
    const healthy = [...this.#pops.values()].filter((pop) => pop.isAlive && !pop.isDraining);
    const bestMs = Math.min(...healthy.map((pop) => this.#trueRttMs(client, pop)));
    const first = this.#pop(firstId);
    const behindMs = healthy.includes(first) ? this.#trueRttMs(client, first) - bestMs : Number.POSITIVE_INFINITY;
    this.score.answers++;
    if (behindMs <= TIE_MS) this.score.nearest++;
    if (behindMs === 0) this.score.strictlyNearest++;
  }

  /** Detours from 1.2 to 2 times the great circle, always the same for a client and a PoP. */
  #trueRttMs(client: WorldClient, pop: WorldPop): number {
    const known = this.#trueRtts.get(client) ?? new Map<string, number>();
    this.#trueRtts.set(client, known);
    let rttMs = known.get(pop.id);
    if (rttMs === undefined) {
      rttMs = 1 + client.accessMs + greatCircleKm(client, pop) * 0.01 * (1.2 + 0.8 * this.#options.random.fraction());
      known.set(pop.id, rttMs);
    }
    return rttMs;
  }

  #watchLoad(): void {
    const used = [...this.#pops.values()].filter((pop) => pop.isAlive && !pop.isDraining);
    const utilisations = used.map(({ connections, capacity }) => connections / capacity);
    const [highest, lowest] = [Math.max(...utilisations), Math.min(...utilisations)];
    this.peakUtilisation = Math.max(this.peakUtilisation, highest);
    this.#overloadedForMs = highest > 0.9 && lowest < 0.6 ? this.#overloadedForMs + STEP_MS : 0;
    this.overloadMs = Math.max(this.overloadMs, this.#overloadedForMs);
  }

  #pop(id: string): Pop {
    const pop = this.#pops.get(id);
    if (!pop) throw new Error(`no PoP ${id}`);
    return pop;
  }

  #change(id: string, changes: Partial<Pop>): void {
    Object.assign(this.#pop(id), changes);
  }
}

function newScore(): AnswerScore {
  return { answers: 0, nearest: 0, strictlyNearest: 0 };
}
