/**
 * A PoP without its sockets: tables and judges are the production ones, and what ties them together does what
 * `src/pop/tunnels` does with real streams and timers.
 */
import type { HeardPop, HeardPopsNews, PopReport } from '../src/core/link/index.ts';
import {
  heardPeers,
  ReachAnnouncer,
  type ReachableEntry,
  type ReachChange,
  type Relay,
  ReportAnnouncer,
  utilisationOf,
} from '../src/core/reach/index.ts';
import type { PrefixRtts, SteeredPop, SteeringClient } from '../src/core/steering/index.ts';
import type { SnapshotView } from '../src/pop/snapshot-view.ts';
import {
  MESH_RETRY_MS,
  NEWS_DELAY_MS,
  PREFIXES_EVERY_REPORTS,
  REPORT_INTERVAL_MS,
} from '../src/pop/tunnels/constants.ts';
import { newsSpacingMs } from '../src/pop/tunnels/news-spacing.ts';
import type { Place, Region } from './geography.ts';
import type { LinkEnd } from './links.ts';
import type { SimNode } from './network.ts';
import { charsOf, charsOfReport, type MeshMessage, Mind, type Neighbour } from './pop-mind.ts';
import { Traffic } from './traffic.ts';
import type { TunnelEnd } from './tunnel-end.ts';
import type { World } from './world.ts';

export class SimPop implements SimNode {
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
  isDraining = false;
  /** Of people. */
  connections = 0;
  capacity = 1;
  readonly keepsTable: boolean;
  readonly #world: World;
  #mind: Mind;

  /** `keepsTable`: whether it keeps the table of ways, which can be looked at. */
  constructor(world: World, index: number, id: string, place: Place, keepsTable: boolean) {
    this.#world = world;
    this.keepsTable = keepsTable;
    this.index = index;
    this.id = id;
    ({ city: this.city, region: this.region, latitude: this.latitude, longitude: this.longitude } = place);
    this.accessMs = place.accessMs;
    this.#mind = new Mind(id, false);
  }

  get own(): PrefixRtts {
    return this.#mind.own;
  }

  start(): void {
    const mind = new Mind(this.id, this.keepsTable);
    this.#mind = mind;
    this.isAlive = true;
    this.isDraining = false;
    const others = this.#world.pops.filter((pop) => pop !== this);
    mind.view.follow(new Set(others.map(({ id }) => id)), this.#world.nowMs);
    mind.reach.follow(this.#world.connectorIds);
    for (const pop of others) {
      const opens = this.index < pop.index;
      mind.neighbours.set(pop.index, {
        pop,
        opens,
        link: undefined,
        attacheds: 0,
        reports: new ReportAnnouncer(),
        isFresh: false,
      });
      if (opens) this.#world.tunnels.dial(this, pop);
    }
    const firstMs = this.#world.nowMs + REPORT_INTERVAL_MS * this.#world.random.fraction();
    this.#world.queue.every(REPORT_INTERVAL_MS, firstMs, () => this.#mind === mind && this.isAlive && this.#tick());
  }

  kill(): void {
    this.isAlive = false;
    for (const { link } of this.#mind.neighbours.values()) link?.vanish();
    for (const link of this.#mind.connectorLinks.values()) link.vanish();
    this.#world.tunnels.forget(this);
    this.connections = 0;
  }

  /** Control's word on whom it hears. */
  controlHears(popIds: readonly string[]): void {
    this.#mind.facts.controlHears(popIds, this.#world.nowMs);
  }

  tunnelChanged(end: TunnelEnd): void {
    const neighbour = this.#mind.neighbours.get(end.peer.index);
    if (neighbour) this.#meshTunnelChanged(neighbour, end);
    else if (end.state === 'down') {
      this.#detach(end.peer.index);
      // As `ConnectorPeers.renew`: the connector may have forgotten the session too.
      this.#world.tunnels.hangUp(this, end.peer);
    }
    this.#tellSoon();
  }

  accept(link: LinkEnd): boolean {
    const { peer } = link;
    const neighbour = this.#mind.neighbours.get(peer.index);
    if (neighbour) {
      if (neighbour.opens) return false;
      this.#begin(neighbour, link);
      return true;
    }
    this.#mind.connectorLinks.get(peer.index)?.vanish();
    this.#mind.connectorLinks.set(peer.index, link);
    link.events = { line: () => undefined, closed: () => this.#detach(peer.index) };
    this.#tellSoon();
    const { said } = this.#mind.heard;
    if (said.pops.length > 0) this.#sayHeard([link], said);
    return true;
  }

  /** PoPs through which a connector can be reached, as it believes, the best first. */
  relaysTo(connectorId: string): Relay[] {
    return this.#mind.reach.relaysTo(connectorId).filter(({ id }) => this.#hears(this.#world.popById(id)));
  }

  answer(client: SteeringClient, chance: number): readonly SteeredPop[] {
    return this.#mind.steering.choose(client, 'ipv4', chance);
  }

  isAttached(connectorIndex: number): boolean {
    return this.#mind.connectorLinks.has(connectorIndex) && this.tunnels.get(connectorIndex)?.state === 'up';
  }

  #hears(pop: SimPop): boolean {
    const state = this.tunnels.get(pop.index)?.state;
    return state === 'up' || state === 'suspect';
  }

  #meshTunnelChanged(neighbour: Neighbour, { state }: TunnelEnd): void {
    const mind = this.#mind;
    const { pop, opens } = neighbour;
    mind.view.tunnel(pop.id, state, undefined);
    const isHeard = state === 'up' || state === 'suspect';
    if (!isHeard) {
      neighbour.link?.end();
      neighbour.link = undefined;
      mind.reach.forget(pop.id);
      mind.reach.takeChanged();
    } else if (opens && !neighbour.link) this.#open(neighbour);
  }

  #open(neighbour: Neighbour): void {
    const link = this.#world.links.open(this, neighbour.pop, { line: () => undefined, closed: () => undefined });
    this.#begin(neighbour, link);
  }

  #begin(neighbour: Neighbour, link: LinkEnd): void {
    const mind = this.#mind;
    const { pop } = neighbour;
    neighbour.link?.vanish();
    mind.reach.opened(pop.id);
    mind.view.opened(pop.id);
    neighbour.link = link;
    neighbour.attacheds = 0;
    neighbour.reports = new ReportAnnouncer();
    const lost = () => {
      if (neighbour.link !== link) return;
      neighbour.link = undefined;
      if (neighbour.opens)
        this.#world.queue.after(neighbour.isFresh ? 0 : MESH_RETRY_MS, () => this.#openAgain(mind, neighbour));
      neighbour.isFresh = false;
    };
    link.events = {
      line: (message) => {
        neighbour.isFresh = true;
        if (this.#takesWord(pop, message as MeshMessage)) return;
        this.#world.refusals++;
        mind.reach.forget(pop.id);
        link.end();
        lost();
      },
      closed: lost,
    };
    for (const change of new ReachAnnouncer().update(this.#attached())) this.#sayChange(neighbour, change);
    this.#sayReport(neighbour, this.#report(false));
  }

  #openAgain(mind: Mind, neighbour: Neighbour): void {
    if (this.#mind === mind && this.isAlive && !neighbour.link && this.#hears(neighbour.pop)) this.#open(neighbour);
  }

  /** False where the table refuses it: the link is closed then. */
  #takesWord(pop: SimPop, message: MeshMessage): boolean {
    const { reach, view } = this.#mind;
    if (message.type === 'report') return view.take(pop.id, message.sequence, message, this.#world.nowMs) === undefined;
    const refusal = reach.take(pop.id, message);
    reach.takeChanged();
    return refusal === undefined;
  }

  /** What happens once a second. */
  #tick(): true {
    const mind = this.#mind;
    for (const { pop } of mind.neighbours.values()) {
      const tunnel = this.tunnels.get(pop.index);
      mind.view.tunnel(pop.id, tunnel?.state ?? 'unproven', tunnel?.health.rttMs);
    }
    const attached = this.#attached();
    const report = this.#report(mind.ticks++ % PREFIXES_EVERY_REPORTS === 0);
    this.#sayNews(attached);
    for (const neighbour of mind.neighbours.values()) this.#sayReport(neighbour, report);
    const heard = mind.heard.update(this.#heard(), this.#world.nowMs);
    if (heard) this.#sayHeard([...mind.connectorLinks.values()], heard);
    const own = { draining: this.isDraining, load: this.#load() };
    mind.steering.update(
      mind.facts.pops(this.#world.view as SnapshotView, own, mind.view, this.#world.nowMs),
      this.#world.nowMs,
    );
    return true;
  }

  #attached(): ReachableEntry[] {
    const entries: ReachableEntry[] = [];
    for (const index of this.#mind.connectorLinks.keys()) {
      const tunnel = this.tunnels.get(index);
      if (tunnel?.state !== 'up') continue;
      entries.push({ id: tunnel.peer.id, rttMs: tunnel.health.rttMs ?? null, draining: false });
    }
    return entries;
  }

  #report(tellsPrefixes: boolean): PopReport {
    const { view, own } = this.#mind;
    const prefixes = tellsPrefixes ? own.nextReport() : [];
    return { draining: this.isDraining, load: this.#load(), hears: view.hears(), prefixes };
  }

  #load() {
    return { connections: Math.round(this.connections), capacity: this.capacity, cpu: 0.1 };
  }

  /** As `Mesh.heard` puts it together. */
  #heard(): HeardPop[] {
    const load = this.#load();
    const { reach, view, connectorLinks } = this.#mind;
    const state = { draining: this.isDraining, utilisation: utilisationOf(load), tunnels: connectorLinks.size };
    const own = { popId: this.id, rttMs: 0, ...state };
    return [own, ...heardPeers(view.peers(this.#world.nowMs), reach)];
  }

  #sayNews(attached: readonly ReachableEntry[]): void {
    const { announcer, neighbours } = this.#mind;
    for (const change of announcer.update(attached)) {
      const chars = charsOf(change);
      for (const neighbour of neighbours.values())
        if (neighbour.attacheds > 0) this.#sayChange(neighbour, change, chars);
    }
  }

  /** The first over a link is whole. */
  #sayChange(neighbour: Neighbour, { whole, put, remove }: ReachChange, chars = charsOf({ put, remove })): void {
    const message: MeshMessage = {
      type: 'attached',
      total: this.#mind.connectorLinks.size,
      sequence: ++neighbour.attacheds,
      whole: whole && neighbour.attacheds === 1,
      put,
      remove,
    };
    neighbour.link?.send({ kind: 'attached', chars, message });
  }

  #sayReport(neighbour: Neighbour, report: PopReport): void {
    if (!neighbour.link || neighbour.link.state === 'closed') return;
    const message: MeshMessage = { type: 'report', ...neighbour.reports.next(report) };
    neighbour.link.send({ kind: 'report', chars: charsOfReport(message), message });
  }

  #sayHeard(links: readonly LinkEnd[], news: HeardPopsNews): void {
    const message = { type: 'reach', ...news };
    const chars = JSON.stringify(message).length;
    for (const link of links) link.send({ kind: 'reach', chars, message });
  }

  #detach(connectorIndex: number): void {
    this.#mind.connectorLinks.get(connectorIndex)?.vanish();
    if (this.#mind.connectorLinks.delete(connectorIndex)) this.#tellSoon();
  }

  /** Many tunnels change together; what follows from it is told once. */
  #tellSoon(): void {
    const mind = this.#mind;
    if (mind.isTelling) return;
    mind.isTelling = true;
    const delayMs = Math.max(NEWS_DELAY_MS, mind.toldAtMs + newsSpacingMs(mind.neighbours.size) - this.#world.nowMs);
    this.#world.queue.after(delayMs, () => {
      mind.isTelling = false;
      mind.toldAtMs = this.#world.nowMs;
      if (this.#mind !== mind || !this.isAlive) return;
      this.#sayNews(this.#attached());
    });
  }
}
