/** A connector's choice of PoPs under a virtual clock, against PoPs that are a round trip and a switch. */
import { type ChoiceNews, type ChoicePop, PopChoice, type TunnelNow } from '../core/reach/index.ts';
import type { SeededRandom } from './seeded-random.ts';

const TICK_MS = 250;
/** Silence after which a tunnel is down, as heartbeats find out. */
const DOWN_AFTER_MS = 1_500;

export interface SimulatedPop extends ChoicePop {
  rttMs: number;
  loss: number;
  isAlive: boolean;
  draining: boolean;
  utilisation: number;
  tunnels: number;
}

interface Tunnel {
  readonly sinceMs: number;
  upSinceMs: number | undefined;
  deadSinceMs: number | undefined;
}

export class ChoiceWorld {
  nowMs = 5_000;
  readonly pops: SimulatedPop[] = [];
  readonly choice: PopChoice;
  readonly news: (ChoiceNews & { readonly atMs: number })[] = [];
  /** Tunnels that carry a stream. */
  readonly busy = new Set<string>();
  /** Most tunnels at once, and most that were started within one second. */
  mostTunnels = 0;
  readonly dialledAtMs: number[] = [];
  /** Whether the PoPs that serve say that they hear this one. */
  othersHear: (pop: SimulatedPop) => boolean = ({ isAlive }) => isAlive;
  /** Called after each step. */
  check: () => void = () => undefined;
  readonly #tunnels = new Map<string, Tunnel>();

  constructor(random: SeededRandom, count: number, connectorId = 'connector-1') {
    this.choice = new PopChoice({ count, connectorId, random });
  }

  /** `a@x=20` is the PoP `a` in the location `x`, 20 ms away. */
  add(...texts: string[]): void {
    for (const text of texts) {
      const [, id = '', place = '', rtt = '1'] = /^(\w+)@(\w+)=(\d+)$/.exec(text) ?? [];
      this.addPop({ id, place, latitude: 0, longitude: 0, rttMs: Number(rtt) });
    }
    this.follow();
  }

  addPop(pop: ChoicePop & { readonly rttMs: number }): void {
    this.pops.push({ ...pop, loss: 0, isAlive: true, draining: false, utilisation: 0, tunnels: 0 });
  }

  follow(): void {
    this.choice.follow(this.pops, this.nowMs);
  }

  pop(id: string): SimulatedPop {
    const found = this.pops.find((pop) => pop.id === id);
    if (!found) throw new RangeError(`there is no PoP ${id}`);
    return found;
  }

  /** The PoPs whose tunnel is up and whose link is open, and that are not about to be left. */
  get serving(): string[] {
    return this.pops.filter(({ id }) => this.choice.isKept(id) && this.isUp(id)).map(({ id }) => id);
  }

  isUp(id: string): boolean {
    const tunnel = this.#tunnels.get(id);
    return tunnel?.upSinceMs !== undefined && this.#stateOf(tunnel) === 'up';
  }

  run(forMs: number): void {
    for (const untilMs = this.nowMs + forMs; this.nowMs < untilMs; ) {
      this.nowMs = Math.min(this.nowMs + TICK_MS, untilMs);
      this.step();
    }
  }

  step(): void {
    for (const id of this.#tunnels.keys()) if (!this.pops.some((pop) => pop.id === id)) this.#tunnels.delete(id);
    for (const [id, tunnel] of this.#tunnels) this.#advance(this.pop(id), tunnel);
    this.#tellWords();
    this.choice.observe(new Map([...this.#tunnels].map(([id, tunnel]) => [id, this.#now(id, tunnel)])), this.nowMs);
    const wanted = this.choice.poll(this.nowMs);
    for (const id of this.#tunnels.keys()) if (!wanted.has(id)) this.#tunnels.delete(id);
    for (const id of wanted) {
      if (this.#tunnels.has(id)) continue;
      this.#tunnels.set(id, { sinceMs: this.nowMs, upSinceMs: undefined, deadSinceMs: undefined });
      this.dialledAtMs.push(this.nowMs);
    }
    this.mostTunnels = Math.max(this.mostTunnels, this.#tunnels.size);
    for (let one = this.choice.nextNews(); one; one = this.choice.nextNews())
      this.news.push({ ...one, atMs: this.nowMs });
    this.check();
  }

  #advance(pop: SimulatedPop, tunnel: Tunnel): void {
    if (!pop.isAlive) {
      tunnel.deadSinceMs ??= this.nowMs;
      return;
    }
    tunnel.deadSinceMs = undefined;
    if (this.nowMs - tunnel.sinceMs >= 2 * pop.rttMs) tunnel.upSinceMs ??= this.nowMs;
  }

  #tellWords(): void {
    if (this.serving.length === 0) return;
    const words = this.pops
      .filter(this.othersHear)
      .map(({ id, draining, utilisation, tunnels }) => ({ popId: id, rttMs: 1, draining, utilisation, tunnels }));
    this.choice.heard(words, new Set(), this.nowMs);
  }

  #stateOf({ upSinceMs, deadSinceMs }: Tunnel): TunnelNow['state'] {
    if (deadSinceMs !== undefined && this.nowMs - deadSinceMs >= DOWN_AFTER_MS) return 'down';
    if (upSinceMs === undefined) return 'unproven';
    return deadSinceMs === undefined ? 'up' : 'suspect';
  }

  #now(id: string, tunnel: Tunnel): TunnelNow {
    const pop = this.pop(id);
    const linkOpen = tunnel.upSinceMs !== undefined && this.nowMs - tunnel.upSinceMs >= pop.rttMs;
    return { state: this.#stateOf(tunnel), rttMs: pop.rttMs, loss: pop.loss, linkOpen, busy: this.busy.has(id) };
  }
}
