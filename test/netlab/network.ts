// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** A whole Manis network in places of its own: the real programs, started by the real command, enrolled by real tokens. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostProcess } from '../lab/host-process.ts';
import type { TrafficSettings } from '../traffic/client.ts';
import type { PersonSettings } from '../traffic/client-process.ts';
import type { Place } from './place.ts';
import { Program } from './program.ts';

export interface ControlPlan {
  readonly place: Place;
  /** `10.77.1.1:8446`; the API is there as well. */
  readonly listen: string;
  /** `control` where left out. The first one makes the installation, and nodes enrol with it. */
  readonly name?: string;
  /** URL of the PostgreSQL that several control nodes share; a store of its own where left out. */
  readonly store?: string;
  /** Further flags. */
  readonly flags?: readonly string[];
}

export interface PopPlan {
  readonly place: Place;
  /** Also its location: two PoPs of different names are apart. */
  readonly name: string;
  readonly https: readonly string[];
  readonly udp: string;
  readonly announceHttps?: readonly string[];
  readonly announceUdp?: readonly string[];
  /** Further flags. */
  readonly flags?: readonly string[];
}

export interface ConnectorPlan {
  readonly place: Place;
  readonly name: string;
  readonly site: string;
  /** Further flags. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface NetworkStatus {
  readonly version: unknown;
  readonly pops: readonly {
    readonly id: string;
    readonly name: string;
    readonly connected: boolean;
    readonly applied: unknown;
  }[];
  readonly connectors: readonly {
    readonly name: string;
    readonly tunnels: readonly { readonly popId: string; readonly state: string; readonly path: string }[];
  }[];
}

/** Where people go. */
export const PORTAL_HOST = 'manis.test';
export const APP_ORIGIN = 'https://app.manis.test';
export const PERSON = { email: 'owner@example.com', password: 'seven quiet otters at noon' } as const;

const ENTRY = 'src/cli/main.ts';
const READY = /"event":"ready"/;
const POLL_MS = 50;
const SETTLED_TIMEOUT_MS = 120_000;
const SIGNED_IN_PEOPLE = {
  rules: [
    {
      id: 'signed-in',
      name: 'Everybody who has signed in',
      enabled: true,
      when: { all: [] },
      then: { kind: 'authenticate', anyOf: 'signed-in' },
    },
  ],
};

export class ManisNetwork {
  /** By name: `control`, and whatever PoPs and connectors are called. */
  readonly programs = new Map<string, Program>();
  /** What PoPs announce to browsers, in their order. */
  readonly endpoints: string[] = [];
  readonly folder: string;
  readonly #publicPort: number;
  readonly #sites = new Map<string, Promise<string>>();
  #administrator: HostProcess | undefined;
  readonly #people: HostProcess[] = [];
  #cookie: Promise<string> | undefined;
  #control: { readonly folder: string; readonly url: string } | undefined;

  constructor(publicPort = 443) {
    this.folder = mkdtempSync(join(tmpdir(), 'manis-netlab-'));
    this.#publicPort = publicPort;
  }

  get appOrigin(): string {
    return this.#publicPort === 443 ? APP_ORIGIN : `${APP_ORIGIN}:${this.#publicPort}`;
  }

  get ca(): string {
    return readFileSync(this.#caFile, 'utf8');
  }

  program(name: string): Program {
    const found = this.programs.get(name);
    if (!found) throw new Error(`no program is called ${name}`);
    return found;
  }

  async startControl(plan: ControlPlan): Promise<void> {
    const { name = 'control', place, listen, store, flags = [] } = plan;
    const passwordFile = join(this.folder, 'password');
    writeFileSync(passwordFile, PERSON.password, { mode: 0o600 });
    const isFirst = this.#control === undefined;
    this.#control ??= { folder: join(this.folder, name), url: `https://${listen}` };
    await this.#start(name, place, 'control', [
      ...['--listen', listen, '--url', `https://${listen}`],
      ...['--portal-host', PORTAL_HOST, '--public-port', String(this.#publicPort)],
      ...['--admin-email', PERSON.email, '--admin-password-file', passwordFile],
      ...(store === undefined ? [] : ['--store', store]),
      ...flags,
    ]);
    if (!isFirst) return;
    this.#administrator = place.spawnNode('test/netlab/administrator-process.ts');
    const token = readFileSync(join(this.folder, name, 'api-token'), 'utf8').trim();
    await this.#administrator.call('open', { url: this.#controlUrl, token, ca: this.ca });
  }

  /** A call of control's API: `api<Item[]>('list', '/pops')`. */
  api<Answer>(
    method: 'get' | 'list' | 'post' | 'patch' | 'put' | 'remove',
    path: string,
    body?: unknown,
  ): Promise<Answer> {
    if (!this.#administrator) throw new Error('control was not started');
    return this.#administrator.call<Answer>(method, path, ...(body === undefined ? [] : [body]));
  }

  /** Publishes the application at its host, for everybody who signs in. */
  async publish(targets: readonly { readonly site: string; readonly url: string }[]): Promise<void> {
    const made = await Promise.all(targets.map(async ({ site, url }) => ({ siteId: await this.#site(site), url })));
    const host = new URL(APP_ORIGIN).hostname;
    await this.api('post', '/resources', { name: 'app', host, policy: SIGNED_IN_PEOPLE, targets: made });
  }

  async addPop(plan: PopPlan): Promise<Program> {
    const location = { name: plan.name, latitude: 50 + this.endpoints.length, longitude: 5 };
    this.endpoints.push(...(plan.announceHttps ?? plan.https));
    const { token } = await this.api<{ token: string }>('post', '/pops/enrolment-tokens', {
      name: plan.name,
      location,
    });
    const list = (flag: string, values: readonly string[] = []): string[] => values.flatMap((value) => [flag, value]);
    return this.#start(plan.name, plan.place, 'pop', [
      ...list('--https', plan.https),
      ...['--udp', plan.udp],
      ...list('--announce-https', plan.announceHttps),
      ...list('--announce-udp', plan.announceUdp),
      ...(plan.flags ?? []),
      ...this.#enrolment(plan.name, token),
    ]);
  }

  async addConnector(plan: ConnectorPlan): Promise<Program> {
    const siteId = await this.#site(plan.site);
    const { token } = await this.api<{ token: string }>('post', `/sites/${siteId}/enrolment-tokens`, {});
    const flags = ['--name', plan.name, ...(plan.flags ?? []), ...this.#enrolment(plan.name, token)];
    return this.#start(plan.name, plan.place, 'connector', flags, plan.env);
  }

  /** The application as a process; its journal is `journalOf(name)`. */
  async startTarget(place: Place, name: string, listen: string): Promise<Program> {
    const args = ['test/traffic/backend-process.ts', listen, name, this.journalOf(name)];
    const program = new Program({
      ...{ place, name, command: process.execPath, ready: /listening/ },
      args: ['--disable-warning=ExperimentalWarning', ...args],
    });
    this.programs.set(name, program);
    await program.start();
    return program;
  }

  journalOf(target: string): string {
    return join(this.folder, `${target}.journal`);
  }

  status(): Promise<NetworkStatus> {
    return this.api('get', '/status');
  }

  /** Until every PoP is up to date and the tunnels that are asked for are up: `{ 'connector-1': 2 }`, by that path. */
  async settled(tunnels: Readonly<Record<string, number>>, path?: 'udp' | 'tls'): Promise<void> {
    const deadlineMs = performance.now() + SETTLED_TIMEOUT_MS;
    for (;;) {
      const status = await this.status();
      const missing = whatIsMissing(status, tunnels, path);
      if (missing === undefined) return;
      if (performance.now() > deadlineMs) throw new Error(`${missing}: ${JSON.stringify(status)}\n${this.lastWords()}`);
      await sleep(POLL_MS);
    }
  }

  /** A browser at a place, with the addresses in an order of its own. The first one signs in, for all of them. */
  async person(place: Place, endpoints: readonly string[] = this.endpoints): Promise<HostProcess> {
    const started = place.spawnNode('test/traffic/client-process.ts');
    this.#people.push(started);
    const settings = this.#settings(endpoints);
    this.#cookie ??= started.call<string>('signIn', settings);
    await started.call('useCookie', settings, await this.#cookie);
    return started;
  }

  /** Gives people a session of their own, and its id. The first of them signs in by the password. */
  async signInAnew(people: readonly HostProcess[]): Promise<string> {
    const sessions = (): Promise<{ id: string }[]> => this.api('list', '/sessions');
    const before = new Set((await sessions()).map(({ id }) => id));
    const cookie = await people[0]?.call<string>('signIn', this.#settings(this.endpoints));
    const made = (await sessions()).find(({ id }) => !before.has(id));
    if (!made) throw new Error('the sign-in made no session');
    await Promise.all(people.map((person) => person.call('useCookie', null, cookie)));
    return made.id;
  }

  /** What a browser of somebody who has signed in knows. */
  async signedIn(place: Place): Promise<TrafficSettings> {
    const cookie = await this.cookie(place);
    const { appOrigin: origin, endpoints, ca } = this;
    return { origin, endpoints, ca, cookie };
  }

  /** The Cookie field of somebody who has signed in. */
  async cookie(place: Place): Promise<string> {
    if (!this.#cookie) await (await this.person(place)).stop();
    return (await this.#cookie) ?? '';
  }

  /** The last lines of every program, for messages of failed tests. */
  lastWords(): string {
    return [...this.programs.values()].map(({ name, log }) => `--- ${name}\n${log.slice(-2_000)}`).join('\n');
  }

  /** Ends everything that runs, control last, and removes its folder. */
  async close(): Promise<void> {
    const programs = [...this.programs.values()].filter((program) => program.isRunning);
    for (const program of programs) program.thaw();
    await Promise.all(programs.map((program) => program.kill()));
    await Promise.all([this.#administrator, ...this.#people].map((one) => one?.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #settings(endpoints: readonly string[]): PersonSettings {
    return { origin: this.appOrigin, endpoints, ca: this.ca, ...PERSON };
  }

  get #controlUrl(): string {
    return this.#control?.url ?? '';
  }

  get #caFile(): string {
    return join(this.#control?.folder ?? '', 'ca.pem');
  }

  /** The id of a site, which is made where there is none of that name. */
  #site(name: string): Promise<string> {
    const known = this.#sites.get(name);
    if (known !== undefined) return known;
    const made = this.api<{ id: string }>('post', '/sites', { name }).then(({ id }) => id);
    this.#sites.set(name, made);
    return made;
  }

  #enrolment(name: string, token: string): string[] {
    mkdirSync(join(this.folder, name), { mode: 0o700 });
    const tokenFile = join(this.folder, name, 'enrol-token');
    writeFileSync(tokenFile, token, { mode: 0o600 });
    return ['--enrol-url', this.#controlUrl, '--enrol-token-file', tokenFile, '--ca-file', this.#caFile];
  }

  async #start(
    name: string,
    place: Place,
    role: string,
    flags: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Program> {
    const args = [ENTRY, role, '--data-dir', join(this.folder, name), '--log-level', 'info', ...flags];
    const program = new Program({
      ...{ place, name, command: process.execPath, ready: READY },
      args: ['--disable-warning=ExperimentalWarning', ...args],
      env: { NODE_COMPILE_CACHE: join(tmpdir(), `manis-compile-cache-${process.getuid?.() ?? 'user'}`), ...env },
    });
    this.programs.set(name, program);
    await program.start();
    return program;
  }
}

/** Whether a connector's tunnel is up and goes by no other PoP. */
export function isDirect({ state, path }: { readonly state: string; readonly path: string }): boolean {
  return state === 'up' && path !== 'relay';
}

function whatIsMissing(
  status: NetworkStatus,
  tunnels: Readonly<Record<string, number>>,
  path: string | undefined,
): string | undefined {
  const current = JSON.stringify(status.version);
  const late = status.pops.find((pop) => !pop.connected || JSON.stringify(pop.applied) !== current);
  if (late) return `${late.name} is not up to date`;
  for (const [name, wanted] of Object.entries(tunnels)) {
    const found = status.connectors.find((connector) => connector.name === name)?.tunnels ?? [];
    const up = found.filter((tunnel) => isDirect(tunnel) && (path ?? tunnel.path) === tunnel.path).length;
    if (up < wanted) return `${name} has ${up} of ${wanted} tunnels`;
  }
  return undefined;
}
