/**
 * The world of most scenarios: some PoPs with public addresses, control elsewhere, one site behind a NAT with one or
 * two connectors and the application, and people.
 */
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustHaveTools } from '../interop/requirements.ts';
import type { Host } from '../lab/host.ts';
import type { HostProcess } from '../lab/host-process.ts';
import { Lab, LabUnavailable } from '../lab/lab.ts';
import { Internet, type Line, type NatKind, type Site } from './internet.ts';
import { isDirect, ManisNetwork, PORTAL_HOST } from './network.ts';
import type { Program } from './program.ts';

export interface WorldPlan {
  readonly pops: number;
  readonly connectors: number;
  readonly nat?: NatKind;
  readonly family?: 'ipv4' | 'ipv6';
  /** Tunnels that each connector keeps. */
  readonly tunnels?: number;
  /** Before any program of the site starts. */
  readonly prepare?: (internet: Internet, site: Site) => void;
  /** Every PoP answers DNS for the portal's host and those under it. */
  readonly hasDns?: boolean;
  /** Further flags of the PoPs. */
  readonly popFlags?: readonly string[];
  /** Of the connectors' processes. */
  readonly connectorEnv?: Readonly<Record<string, string>>;
  /** Where connectors are told to send WireGuard datagrams, where it is not the PoP itself. */
  readonly announceUdp?: (popAddress: string, attach: () => { host: Host; address: string }) => Promise<string>;
}

export interface WorldNode {
  readonly line: Line;
  readonly program: Program;
}

export interface WorldPop extends WorldNode {
  /** Where browsers reach it. */
  readonly endpoint: string;
  readonly address: string;
}

export const WORLD_REQUIREMENTS = ['nft', 'conntrack'] as const;
export const UDP_PORT = 51820;
const TARGET_PORT = 8080;
const DNS_PORT = 53;
const MEASURING_TRIES = 50;
const MEASURING_PAUSE_MS = 100;

export class World {
  readonly lab: Lab;
  readonly internet: Internet;
  readonly site: Site;
  readonly network: ManisNetwork;
  readonly pops: WorldPop[] = [];
  readonly connectors: WorldNode[] = [];
  readonly #plan: WorldPlan;
  readonly #people: Line;
  control!: Line;
  target!: WorldNode;

  static async open(plan: WorldPlan): Promise<World> {
    const lab = Lab.open(WORLD_REQUIREMENTS);
    const world = new World(lab, plan);
    try {
      await world.#build();
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  private constructor(lab: Lab, plan: WorldPlan) {
    this.lab = lab;
    this.#plan = plan;
    this.network = new ManisNetwork();
    this.internet = new Internet(lab);
    this.site = this.internet.site(plan.nat ?? 'preserving');
    this.#people = this.internet.attach();
  }

  /** A person on the internet who has signed in, and who prefers the PoPs in the order of their numbers. */
  person(pops: readonly number[] = this.pops.map((_, i) => i)): Promise<HostProcess> {
    return this.network.person(
      this.#people.host,
      pops.map((i) => this.pop(i).endpoint),
    );
  }

  pop(index: number): WorldPop {
    return found(this.pops[index]);
  }

  connector(index: number): WorldNode {
    return found(this.connectors[index]);
  }

  get peopleHost(): Host {
    return this.#people.host;
  }

  /** Until every connector has its tunnels, by that path where one is asked for. */
  settled(path?: 'udp' | 'tls'): Promise<void> {
    const { tunnels = 2, pops } = this.#plan;
    const wanted = Math.min(tunnels, pops);
    return this.network.settled(Object.fromEntries(this.connectors.map(({ program }) => [program.name, wanted])), path);
  }

  /** The number of a PoP to which a connector has no tunnel, if there is one within a while. */
  async withoutTunnel(connector: string): Promise<number> {
    for (let tries = 0; tries < MEASURING_TRIES; tries++) {
      const { pops, connectors } = await this.network.status();
      const { tunnels } = found(connectors.find(({ name }) => name === connector));
      const up = new Set(tunnels.filter(isDirect).map(({ popId }) => popId));
      const away = pops.find(({ id }) => !up.has(id));
      if (away) return this.pops.findIndex(({ program }) => program.name === away.name);
      await sleep(MEASURING_PAUSE_MS);
    }
    // It may keep one more for a while where it has just moved: then any PoP will do.
    return this.pops.length - 1;
  }

  /** Heals every fault of the network and starts what does not run. */
  async restore(): Promise<void> {
    this.internet.firewall.healAll();
    this.site.firewall.healAll();
    for (const program of this.network.programs.values()) if (!program.isRunning) await program.start();
    await this.settled('udp');
  }

  async close(): Promise<void> {
    await this.network.close();
    await this.lab.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #build(): Promise<void> {
    const { network, internet, site } = this;
    this.control = internet.attach();
    await network.startControl({
      ...{ place: this.control.host, listen: at(this.#addressOf(this.control), 8446) },
      ...(this.#plan.hasDns && { flags: ['--dns-zone', PORTAL_HOST] }),
    });
    const target = site.attach();
    const listen = at(this.#addressOf(target), TARGET_PORT);
    this.target = { line: target, program: await network.startTarget(target.host, 'target', listen) };
    await network.publish([{ site: 'home', url: `http://${listen}` }]);
    await Promise.all(Array.from({ length: this.#plan.pops }, (_, i) => this.#addPop(`pop-${i + 1}`)));
    this.pops.sort((a, b) => (a.program.name < b.program.name ? -1 : 1));
    this.#plan.prepare?.(internet, site);
    await Promise.all(
      Array.from({ length: this.#plan.connectors }, (_, i) => this.#addConnector(`connector-${i + 1}`)),
    );
    this.connectors.sort((a, b) => (a.program.name < b.program.name ? -1 : 1));
    await this.settled();
  }

  async #addPop(name: string): Promise<void> {
    const line = this.internet.attach();
    const address = this.#addressOf(line);
    const endpoint = at(address, 443);
    const place = line.host;
    const announced = await this.#plan.announceUdp?.(address, () => {
      const relay = this.internet.attach();
      return { host: relay.host, address: this.#addressOf(relay) };
    });
    const program = await this.network.addPop({
      ...{ place, name, https: [endpoint], udp: at(address, UDP_PORT) },
      ...(announced !== undefined && { announceUdp: [announced] }),
      flags: [...(this.#plan.popFlags ?? []), ...(this.#plan.hasDns ? ['--dns', at(address, DNS_PORT)] : [])],
    });
    this.pops.push({ line, program, endpoint, address });
  }

  async #addConnector(name: string): Promise<void> {
    const line = this.site.attach();
    const { tunnels, connectorEnv: env } = this.#plan;
    const flags = [
      ...(tunnels === undefined ? [] : ['--tunnels', String(tunnels)]),
      ...(this.#plan.family === 'ipv6' ? ['--udp', '[::]:0'] : []),
    ];
    const program = await this.network.addConnector({
      place: line.host,
      name,
      site: 'home',
      flags,
      ...(env && { env }),
    });
    this.connectors.push({ line, program });
  }

  #addressOf({ end }: Line): string {
    return this.#plan.family === 'ipv6' ? end.address6 : end.address;
  }
}

/** A world for a test, or undefined where this machine cannot carry one: the test is skipped, and fails in CI. */
export async function worldFor(t: Pick<TestContext, 'skip'>, plan: WorldPlan): Promise<World | undefined> {
  try {
    return await World.open(plan);
  } catch (error) {
    if (!(error instanceof LabUnavailable)) throw error;
    if (mustHaveTools()) throw new Error(`${error.message}; in CI nothing is skipped`);
    t.skip(error.message);
    return undefined;
  }
}

/** One world for several tests, opened by the first that needs it. */
export class SharedWorld {
  readonly #plan: WorldPlan;
  #world: Promise<World | undefined> | undefined;

  constructor(plan: WorldPlan) {
    this.#plan = plan;
  }

  async open(t: Pick<TestContext, 'skip'>): Promise<World | undefined> {
    this.#world ??= worldFor({ skip: () => undefined }, this.#plan);
    const world = await this.#world;
    if (!world) await worldFor(t, this.#plan);
    return world;
  }

  async close(): Promise<void> {
    const world = await this.#world?.catch(() => undefined);
    await world?.close();
  }
}

function at(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('there is no such node');
  return value;
}
