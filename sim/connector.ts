/** A connector without its sockets: `PopChoice` and `PopWords` as they are, tied together as `src/connector/tunnels.ts` does. */
import { CHOICE_INTERVAL_MS, DEFAULT_TUNNELS, LINK_RETRY_MS } from '../src/connector/constants.ts';
import { PopWords } from '../src/connector/pop-words.ts';
import type { HeardPopsNews } from '../src/core/link/index.ts';
import { PopChoice, type TunnelNow } from '../src/core/reach/index.ts';
import type { Place, Region } from './geography.ts';
import type { LinkEnd } from './links.ts';
import type { SimNode } from './network.ts';
import type { SimPop } from './pop.ts';
import { Traffic } from './traffic.ts';
import type { TunnelEnd } from './tunnel-end.ts';
import type { World } from './world.ts';

/** While nothing changes, the choice is asked so much less often than in production: it would say the same. */
const QUIET_TICKS = 4;

export class SimConnector implements SimNode {
  readonly index: number;
  readonly id: string;
  readonly city: string;
  readonly region: Region;
  readonly latitude: number;
  readonly longitude: number;
  readonly accessMs: number;
  readonly traffic = new Traffic();
  readonly tunnels = new Map<number, TunnelEnd>();
  isAlive = false;
  readonly #world: World;
  #choice: PopChoice;
  #words = new PopWords();
  #links = new Map<number, LinkEnd>();
  #dialled: ReadonlySet<string> = new Set();
  #ticks = 0;
  #isTicking = false;

  constructor(world: World, index: number, id: string, place: Place) {
    this.#world = world;
    this.index = index;
    this.id = id;
    ({ city: this.city, region: this.region, latitude: this.latitude, longitude: this.longitude } = place);
    this.accessMs = place.accessMs;
    this.#choice = this.#newChoice();
  }

  /** Tunnels that it wants at once. */
  get wanted(): number {
    return Math.min(DEFAULT_TUNNELS, this.#world.pops.length);
  }

  start(): void {
    this.isAlive = true;
    const choice = this.#newChoice();
    this.#choice = choice;
    this.#words = new PopWords();
    this.#words.follow(this.#world.popIds);
    this.#links = new Map();
    this.#dialled = new Set();
    choice.follow(this.#world.choosable, this.#world.nowMs);
    const firstMs = this.#world.nowMs + CHOICE_INTERVAL_MS;
    this.#world.queue.every(CHOICE_INTERVAL_MS, firstMs, () => {
      if (this.#choice !== choice || !this.isAlive) return false;
      const isQuiet = this.#dialled.size === this.wanted && this.#countServing() === this.wanted;
      if (!isQuiet || ++this.#ticks % QUIET_TICKS === 0) this.#tick();
      return true;
    });
    this.#tick();
  }

  kill(): void {
    this.isAlive = false;
    for (const link of this.#links.values()) link.vanish();
    this.#world.tunnels.forget(this);
  }

  tunnelChanged(end: TunnelEnd): void {
    if (end.state === 'down') this.#tunnelDown(end.peer.index);
    this.#tick();
  }

  /** PoPs that it keeps, and whose tunnel and link work as it believes. */
  serving(): SimPop[] {
    return this.#world.popsOf(this.tunnels.keys()).filter((pop) => this.#serves(pop));
  }

  #countServing(): number {
    let count = 0;
    for (const index of this.tunnels.keys()) if (this.#serves(this.#world.pops[index] as SimPop)) count++;
    return count;
  }

  #serves(pop: SimPop): boolean {
    const isOpen = this.#links.get(pop.index)?.state === 'open';
    return isOpen && this.tunnels.get(pop.index)?.state === 'up' && this.#choice.isKept(pop.id);
  }

  #tick(): void {
    // Hanging up tells of no change, but dialling may: one look at a time, as the program's are.
    if (this.#isTicking || !this.isAlive) return;
    this.#isTicking = true;
    const { nowMs } = this.#world;
    const now = new Map<string, TunnelNow>();
    for (const [index, end] of this.tunnels) now.set(end.peer.id, this.#now(index, end));
    this.#choice.observe(now, nowMs);
    const dialled = this.#choice.poll(nowMs);
    for (let news = this.#choice.nextNews(); news; news = this.#choice.nextNews()) this.#world.choiceNews++;
    for (const [index, end] of [...this.tunnels]) {
      if (!this.#choice.isKept(end.peer.id)) this.#tunnelDown(index);
      else if (end.state === 'up') this.#tunnelUp(index);
    }
    this.#dial(dialled);
    this.#isTicking = false;
  }

  #now(index: number, end: TunnelEnd): TunnelNow {
    const { rttMs, loss } = end.health;
    return { state: end.state, rttMs, loss, linkOpen: this.#links.get(index)?.state === 'open', busy: false };
  }

  #dial(dialled: ReadonlySet<string>): void {
    for (const id of this.#dialled) {
      if (dialled.has(id)) continue;
      const pop = this.#world.popById(id);
      this.#tunnelDown(pop.index);
      this.#world.tunnels.hangUp(this, pop);
    }
    const before = this.#dialled;
    this.#dialled = dialled;
    for (const id of dialled) if (!before.has(id)) this.#world.tunnels.dial(this, this.#world.popById(id));
  }

  #tunnelUp(index: number): void {
    if (this.#links.has(index)) return;
    const choice = this.#choice;
    const link = this.#world.links.open(this, this.#world.pops[index] as SimPop, {
      opened: () => {
        link.send({ kind: 'link', chars: 90, message: 'hello' });
        this.#tick();
      },
      line: (message) => this.#heard(index, message as HeardPopsNews),
      closed: () => {
        this.#linkClosed(index);
        this.#world.queue.after(LINK_RETRY_MS, () => {
          if (this.#choice !== choice || this.#links.get(index) !== link) return;
          this.#links.delete(index);
          if (this.tunnels.get(index)?.state === 'up') this.#tunnelUp(index);
        });
      },
    });
    this.#links.set(index, link);
  }

  #tunnelDown(index: number): void {
    const link = this.#links.get(index);
    if (!link) return;
    this.#links.delete(index);
    link.end();
    this.#linkClosed(index);
  }

  #linkClosed(index: number): void {
    this.#words.forget((this.#world.pops[index] as SimPop).id);
    this.#wordsChanged();
  }

  #heard(index: number, news: HeardPopsNews): void {
    if (this.#words.take((this.#world.pops[index] as SimPop).id, news)) this.#world.refusals++;
    this.#wordsChanged();
  }

  #wordsChanged(): void {
    for (const popId of this.#choice.heard(this.#words.merged(), this.#words.lonely(), this.#world.nowMs)) {
      this.#world.tunnels.ask(this.tunnels.get(this.#world.popById(popId).index));
    }
    this.#words.takeChanged();
  }

  #newChoice(): PopChoice {
    return new PopChoice({ count: DEFAULT_TUNNELS, connectorId: this.id, random: this.#world.random });
  }
}
