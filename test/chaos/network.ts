/** The network that chaos strikes: in namespaces where this process may make them, else on loopback. */
import { readFileSync } from 'node:fs';
import { freePortBase } from '../e2e/network.ts';
import { missingRequirement } from '../interop/requirements.ts';
import { Lab } from '../lab/lab.ts';
import { POSTGRES_REQUIREMENTS, PostgresServer } from '../lab/postgres-server.ts';
import type { Fault } from '../netlab/firewall.ts';
import { Internet, type Line, type Site } from '../netlab/internet.ts';
import { ManisNetwork } from '../netlab/network.ts';
import { type Place, THIS_MACHINE } from '../netlab/place.ts';
import type { Cast } from './schedule.ts';

/** Makes what the connectors dial in place of a target: a middle-box that does harm, to see that harm is seen. */
export type InFrontOfTarget = (place: Place, target: string) => Promise<string>;

export interface ChaosNetwork {
  readonly network: ManisNetwork;
  readonly cast: Cast;
  readonly popOf: ReadonlyMap<string, string>;
  /** The store of the control nodes; undefined where this machine has no PostgreSQL. */
  readonly postgres: PostgresServer | undefined;
  readonly people: Place;
  /** Faults of the network, by the names of those that they are between. */
  readonly part: (one: string, other: string, protocol?: string) => Fault;
  close(): Promise<void>;
}

const POPS = ['pop-1', 'pop-2', 'pop-3'] as const;
const CONNECTORS = ['connector-1', 'connector-2'] as const;
const CONTROLS = ['control-1', 'control-2'] as const;
const TARGETS = ['target-1', 'target-2'] as const;
/** Drains of seconds instead of a minute: a run has one of each within its first minute. */
const CONNECTOR_FLAGS = ['--stream-seconds', '4'] as const;
const POP_FLAGS = ['--drain-seconds', '1', ...CONNECTOR_FLAGS] as const;
export const SITE = 'site';
export const POSTGRES = 'postgres';

/** Where each program is, and how it is reached. */
interface Ground {
  readonly publicPort: number;
  readonly people: Place;
  place(name: string): Place;
  address(name: string, what: 'https' | 'udp' | 'control' | 'target'): string;
  part: ChaosNetwork['part'];
  close(): Promise<void>;
}

export async function openChaosNetwork(hasNamespaces: boolean, inFront?: InFrontOfTarget): Promise<ChaosNetwork> {
  const hasPostgres = missingRequirement(POSTGRES_REQUIREMENTS) === undefined;
  const postgres = hasPostgres ? await PostgresServer.start() : undefined;
  const ground = hasNamespaces ? namespaces() : await loopback();
  const network = new ManisNetwork(ground.publicPort);
  const close = async (): Promise<void> => {
    await network.close();
    await ground.close();
    await postgres?.remove();
  };
  try {
    await startControls(network, ground, postgres);
    await build(network, ground, inFront);
  } catch (error) {
    await close();
    throw error;
  }
  const popOf = new Map(POPS.map((name) => [ground.address(name, 'https'), name] as const));
  const control = postgres ? CONTROLS : CONTROLS.slice(0, 1);
  const names = {
    ...{ pop: POPS, connector: CONNECTORS, target: TARGETS, control, site: [SITE] },
    postgres: postgres ? [POSTGRES] : [],
  };
  return { network, cast: { names, hasNamespaces }, popOf, postgres, people: ground.people, part: ground.part, close };
}

/** Two over one PostgreSQL, or one with a store of its own. */
async function startControls(network: ManisNetwork, ground: Ground, postgres?: PostgresServer): Promise<void> {
  const store = postgres?.url(await postgres.createDatabase());
  for (const name of store ? CONTROLS : CONTROLS.slice(0, 1)) {
    const listen = ground.address(name, 'control');
    await network.startControl({ place: ground.place(name), name, listen, ...(store && { store }) });
  }
}

async function build(network: ManisNetwork, ground: Ground, inFront: InFrontOfTarget | undefined): Promise<void> {
  const targets = TARGETS.map(async (name) => {
    const [place, listen] = [ground.place(name), ground.address(name, 'target')];
    await network.startTarget(place, name, listen);
    return { site: 'home', url: `http://${inFront ? await inFront(place, listen) : listen}` };
  });
  await network.publish(await Promise.all(targets));
  const pops = POPS.map((name) => {
    const [https, udp] = [ground.address(name, 'https'), ground.address(name, 'udp')];
    return network.addPop({ place: ground.place(name), name, https: [https], udp, flags: POP_FLAGS });
  });
  await Promise.all(pops);
  await Promise.all(
    CONNECTORS.map((name) =>
      network.addConnector({ place: ground.place(name), name, site: 'home', flags: CONNECTOR_FLAGS }),
    ),
  );
  await network.settled(Object.fromEntries(CONNECTORS.map((name) => [name, 2])));
}

/** Ids of writes that a target has noted. */
export function journalOf(network: ManisNetwork, target: string): number[] {
  try {
    return readFileSync(network.journalOf(target), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function namespaces(): Ground {
  const lab = Lab.open(['nft', 'conntrack']);
  const internet = new Internet(lab);
  const site = internet.site('preserving');
  const lines = new Map<string, Line>([[SITE, site.line]]);
  const lineOf = (name: string): Line => {
    const known = lines.get(name);
    if (known) return known;
    const made = routerOf(name, internet, site).attach();
    lines.set(name, made);
    return made;
  };
  const ports = { https: 443, udp: 51820, control: 8446, target: 8080 };
  return {
    publicPort: ports.https,
    people: internet.attach().host,
    place: (name) => lineOf(name).host,
    address: (name, what) => `${lineOf(name).end.address}:${ports[what]}`,
    part: (one, other, protocol) =>
      one === other ? internet.dropUdp(lineOf(one)) : internet.part(lineOf(one), lineOf(other), protocol),
    close: () => lab.close(),
  };
}

function routerOf(name: string, internet: Internet, site: Site): Internet | Site {
  return name.startsWith('connector') || name.startsWith('target') ? site : internet;
}

async function loopback(): Promise<Ground> {
  const base = await freePortBase();
  const ports: Readonly<Record<string, number>> = {
    ...Object.fromEntries([...POPS, ...CONTROLS, ...TARGETS].map((name, i) => [name, base + i])),
  };
  return {
    publicPort: base,
    people: THIS_MACHINE,
    place: () => THIS_MACHINE,
    address: (name) => `127.0.0.1:${ports[name]}`,
    part: () => {
      throw new Error('loopback cannot be parted');
    },
    close: async () => undefined,
  };
}
