/** A network whose nodes are of several versions: control, two PoPs, a connector and the demo, each from a tree of its own. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasIpv6Loopback, type NetworkPlan, type PlannedPop, planNetwork } from '../../src/cli/up/plan.ts';
import { createClock } from '../../src/io/clock.ts';
import { DRILL_FILE, writeDrill } from '../../src/io/drill-file.ts';
import { SupervisedProcess } from '../../src/io/processes.ts';
import { Visitor } from '../e2e/visitor.ts';
import type { Tree } from './trees.ts';

export type Role = 'control' | 'pop-1' | 'pop-2' | 'connector';
export type Versions = Readonly<Record<Role, Tree>>;

const READY_MS = 60_000;
const STOP_MS = 20_000;
/** For what is to happen by itself: a policy that gets live, a tunnel that comes back. */
const SOON_MS = 40_000;
const EMAIL = 'owner@example.com';
const PASSWORD = 'seven quiet otters at noon';

interface Status {
  readonly version: unknown;
  readonly pops: readonly { readonly name: string; readonly connected: boolean; readonly applied: unknown }[];
  readonly connectors: readonly { readonly tunnels: readonly { readonly state: string }[] }[];
}

export class MixedNetwork {
  readonly plan: NetworkPlan;
  readonly #folder: string;
  readonly #processes = new Map<string, SupervisedProcess>();
  #ca = '';
  #token = '';
  #siteId = '';
  #resourceId = '';
  visitor: Visitor = new Visitor({ ca: '' });

  /** A new network, whose nodes enrol. */
  static start(folder: string, portBase: number, versions: Versions): Promise<MixedNetwork> {
    return MixedNetwork.#open(folder, portBase, (network) => network.#begin(versions));
  }

  /** On data that a network left behind. */
  static resume(folder: string, portBase: number, versions: Versions): Promise<MixedNetwork> {
    return MixedNetwork.#open(folder, portBase, (network) => network.#goOn(versions));
  }

  static async #open(folder: string, portBase: number, begin: (network: MixedNetwork) => Promise<void>) {
    const network = new MixedNetwork(folder, planNetwork(portBase, await hasIpv6Loopback()));
    try {
      await begin(network);
      return network;
    } catch (error) {
      const logs = ['control', 'pop-1', 'pop-2', 'connector'].map((name) => network.logOf(name).slice(-2_000));
      await network.stop();
      throw new Error(`${(error as Error).message}\n${logs.join('\n')}`);
    }
  }

  private constructor(folder: string, plan: NetworkPlan) {
    this.#folder = folder;
    this.plan = plan;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'password'), PASSWORD, { mode: 0o600 });
  }

  get demoUrl(): string {
    return `https://demo.${this.plan.portalHost}:${this.plan.publicPort}/whoami`;
  }

  /** Where the IPv4 addresses of the two PoPs are. */
  get entrances(): readonly [string, string] {
    return [`127.0.0.1:${this.plan.publicPort}`, `127.0.0.1:${this.plan.publicPort + 1}`];
  }

  logOf(name: string): string {
    try {
      return readFileSync(join(this.#folder, `${name}.log`), 'utf8');
    } catch {
      return '';
    }
  }

  /** Stops a node in order and starts it from another tree, on the data that is there. */
  async replace(role: Role, tree: Tree): Promise<void> {
    await this.#processes.get(role)?.stop(STOP_MS);
    await this.#startNode(role, tree, []);
  }

  async kill(role: Role): Promise<void> {
    const process_ = this.#processes.get(role);
    await process_?.stop(0);
  }

  async stop(): Promise<void> {
    for (const one of [...this.#processes.values()].reverse()) await one.stop(STOP_MS);
    this.#processes.clear();
  }

  /** Until every PoP goes by what control knows, and both tunnels are up. */
  async untilComplete(): Promise<void> {
    await this.until('the network is complete', async () => {
      const { version, pops, connectors } = (await this.api('GET', '/status')) as Status;
      const current = JSON.stringify(version);
      const isUpToDate = pops.every(({ connected, applied }) => connected && JSON.stringify(applied) === current);
      const tunnels = connectors.flatMap((one) => one.tunnels).filter(({ state }) => state === 'up');
      return pops.length === 2 && isUpToDate && tunnels.length === 2;
    });
  }

  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const beganMs = performance.now();
    let last: unknown;
    while (performance.now() - beganMs < SOON_MS) {
      try {
        if (await isSo()) return;
      } catch (error) {
        last = error;
      }
      await sleep(100);
    }
    throw new Error(`not within ${SOON_MS} ms: ${what} ${last instanceof Error ? last.message : ''}`);
  }

  /** The status that the demo's page has for the visitor at a PoP. */
  async ask(entrance: string): Promise<number> {
    const { status } = await this.visitor.via(entrance).ask(new URL(this.demoUrl));
    return status;
  }

  /** Cuts the tunnel of the first PoP, or heals it. */
  drill(isCut: boolean): Promise<void> {
    const { udp } = this.plan.pops[0];
    return writeDrill(join(this.#folder, 'connector', DRILL_FILE), isCut ? [`${udp.host}:${udp.port}`] : []);
  }

  setPolicy(policy: object): Promise<unknown> {
    return this.api('PATCH', `/resources/${this.#resourceId}`, { policy });
  }

  async api(method: string, path: string, body?: unknown): Promise<unknown> {
    const { host, port } = this.plan.control;
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const asked = request({ host, port, ca: this.#ca, agent: false, method, path: `/api/v1${path}`, headers });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = await once(asked, 'response');
    let text = '';
    for await (const chunk of answer) text += chunk;
    assert.ok(answer.statusCode < 300, `${method} ${path}: ${answer.statusCode} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async #begin(versions: Versions): Promise<void> {
    await this.#startControl(versions.control);
    const { id } = (await this.api('POST', '/sites', { name: 'home' })) as { id: string };
    this.#siteId = id;
    const { port } = this.plan.demo;
    const demo = { name: 'demo', host: `demo.${this.plan.portalHost}`, policy: SIGNED_IN };
    const targets = [{ siteId: id, url: `http://127.0.0.1:${port}` }];
    const resource = (await this.api('POST', '/resources', { ...demo, targets })) as { id: string };
    this.#resourceId = resource.id;
    await this.#startDemo(versions.connector);
    for (const pop of this.plan.pops) {
      const body = { name: pop.name, location: pop.location };
      const { token } = (await this.api('POST', '/pops/enrolment-tokens', body)) as { token: string };
      await this.#startNode(pop.id as Role, versions[pop.id as Role], this.#enrolment(token));
    }
    const { token } = (await this.api('POST', `/sites/${this.#siteId}/enrolment-tokens`, {})) as { token: string };
    await this.#startNode('connector', versions.connector, this.#enrolment(token));
    await this.#signIn();
  }

  async #goOn(versions: Versions): Promise<void> {
    await this.#startControl(versions.control);
    const { items } = (await this.api('GET', '/resources')) as { items: { id: string }[] };
    this.#resourceId = items[0]?.id ?? '';
    await this.#startDemo(versions.connector);
    for (const role of ['pop-1', 'pop-2', 'connector'] as const) await this.#startNode(role, versions[role], []);
    await this.#signIn();
  }

  async #startControl(tree: Tree): Promise<void> {
    const { caFile } = await this.#startNode('control', tree, []);
    this.#ca = readFileSync(String(caFile), 'utf8');
    this.#token = readFileSync(join(this.#folder, 'control', 'api-token'), 'utf8').trim();
  }

  async #startDemo(tree: Tree): Promise<void> {
    await this.#run('demo', tree, ['demo', '--listen', `127.0.0.1:${this.plan.demo.port}`]);
  }

  async #signIn(): Promise<void> {
    await this.untilComplete();
    this.visitor = new Visitor({ ca: this.#ca, via: this.entrances[0] });
    await this.visitor.signIn(this.demoUrl, EMAIL, PASSWORD);
  }

  #enrolment(token: string): string[] {
    const { host, port } = this.plan.control;
    const ca = join(this.#folder, 'control', 'ca.pem');
    return ['--enrol-url', `https://${host}:${port}`, '--enrol-token', token, '--ca-file', ca];
  }

  #startNode(role: Role, tree: Tree, enrolment: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const pop = this.plan.pops.find(({ id }) => id === role);
    const flags = pop ? popFlags(pop) : role === 'control' ? this.#controlFlags() : ['--name', 'local', '--drills'];
    const udp = role === 'connector' ? ['--udp', '127.0.0.1:0', '--stream-seconds', '3'] : [];
    const dataDir = ['--data-dir', join(this.#folder, role)];
    return this.#run(role, tree, [role.replace(/-\d$/, ''), ...dataDir, ...flags, ...udp, ...enrolment]);
  }

  #controlFlags(): string[] {
    const { control, portalHost, publicPort } = this.plan;
    const admin = ['--admin-email', EMAIL, '--admin-password-file', join(this.#folder, 'password')];
    const place = ['--listen', `${control.host}:${control.port}`, '--portal-host', portalHost];
    return [...place, '--public-port', String(publicPort), ...admin];
  }

  #run(name: string, tree: Tree, args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const child = new SupervisedProcess(
      {
        name,
        args,
        entry: join(tree.folder, 'src', 'cli', 'main.ts'),
        nodeFlags: ['--disable-warning=ExperimentalWarning'],
        logFile: join(this.#folder, `${name}.log`),
      },
      { ready: () => undefined, died: () => undefined },
      createClock(),
    );
    this.#processes.set(name, child);
    return child.start(READY_MS);
  }
}

function popFlags({ https, udp }: PlannedPop): string[] {
  const places = https.flatMap(({ host, port }) => [
    '--https',
    host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
  ]);
  const drain = ['--drain-seconds', '0', '--stream-seconds', '3'];
  return [...places, '--udp', `${udp.host}:${udp.port}`, ...drain];
}

const rule = (then: object) => ({
  rules: [{ id: 'everybody', name: 'Everybody', enabled: true, when: { all: [] }, then }],
});
export const SIGNED_IN = rule({ kind: 'authenticate', anyOf: 'signed-in' });
export const NOBODY = rule({ kind: 'deny' });
