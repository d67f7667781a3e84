/** The local network: folders, processes in their order, and what they are told. */
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, Failure } from '../../base/index.ts';
import { ensureFolder, OWNER_ONLY, readJson, readText, replaceFile } from '../../io/files.ts';
import { type ProcessExit, SupervisedProcess } from '../../io/processes.ts';
import { ControlApi } from '../api/control-api.ts';
import { formatListen } from '../config/setting.ts';
import type { Announcer } from './announce.ts';
import {
  NETWORK_READY_MS,
  PROCESS_READY_MS,
  PROCESS_STOP_MS,
  READY_POLL_MS,
  SLOW_START_MS,
  STREAM_SECONDS,
} from './constants.ts';
import {
  type AppTarget,
  controlUrl,
  freeDnsPlaces,
  metricsPlace,
  type NetworkPlan,
  type PlannedPop,
  portalOrigin,
} from './plan.ts';
import { connectorToken, popToken, provideApp, provideSite, whatIsMissing } from './provision.ts';

export interface LocalNetworkOptions {
  /** Absolute. */
  readonly dataDir: string;
  readonly plan: NetworkPlan;
  readonly app: AppTarget;
  readonly adminEmail: string;
  readonly adminPasswordFile?: string;
  readonly logLevel: string;
  readonly announce: Announcer;
  /** Of the processes: without settings, which they get as flags. */
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
}

/** What control says of itself to its parent. */
interface ControlDetails {
  readonly caFile: string;
  readonly adminEmail: string;
  readonly setupUrl: string | null;
}

/** TypeScript in a repository, JavaScript in a package: what this file is. */
const ENTRY = join(import.meta.dirname, '..', `main${extname(import.meta.filename)}`);
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning'];

export class LocalNetwork {
  readonly #options: LocalNetworkOptions;
  /** In the order in which they are started. */
  readonly #processes: SupervisedProcess[] = [];
  #control: ControlDetails = { caFile: '', adminEmail: '', setupUrl: null };
  #isReady = false;
  #isStopping = false;

  constructor(options: LocalNetworkOptions) {
    this.#options = options;
  }

  /** Starts everything; rejects with what went wrong, and nothing is left running then. */
  async start(): Promise<void> {
    try {
      await this.#startAll();
      this.#isReady = true;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops everything, the PoPs first, so that what is open through them can finish, and control last. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const kind of ['pop', 'connector', 'demo', 'control']) {
      const ofKind = this.#processes.filter((one) => one.name.startsWith(kind));
      await Promise.all(ofKind.map((one) => one.stop(PROCESS_STOP_MS)));
    }
  }

  get control(): ControlDetails {
    return this.#control;
  }

  pidOf(name: string): number | undefined {
    return this.#processes.find((one) => one.name === name)?.pid;
  }

  async #startAll(): Promise<void> {
    const { dataDir, plan, app, announce } = this.#options;
    await ensureFolder(join(dataDir, 'logs'), 0o700);
    const demo = app.name === 'demo' ? this.#run('demo', ['--listen', formatListen(plan.demo)]) : undefined;
    this.#control = (await this.#runControl()) as unknown as ControlDetails;
    announce({ event: 'step', name: 'control', detail: controlUrl(plan) });
    const api = await this.#openApi();
    try {
      const siteId = await provideSite(api);
      await provideApp(api, plan, siteId, app);
      const pops = Promise.all(plan.pops.map((pop) => this.#runPop(api, pop)));
      // What a connector learns when it enrols are the PoPs of that moment; later ones it hears of through a tunnel.
      if (!(await this.#isEnrolled('connector', 'connector.json'))) await pops;
      await Promise.all([pops, this.#runConnector(api, siteId), demo]);
      if (demo) announce({ event: 'step', name: 'demo application', detail: `http://${formatListen(plan.demo)}` });
      await this.#untilComplete(api);
      announce({
        event: 'step',
        name: 'tunnels',
        detail: `WireGuard to ${plan.pops.map((pop) => pop.name).join(' and ')}`,
      });
    } finally {
      api.close();
    }
  }

  async #runControl(): Promise<unknown> {
    const { plan, adminEmail, adminPasswordFile, logLevel } = this.#options;
    return this.#run('control', [
      ...['--listen', formatListen(plan.control), '--portal-host', plan.portalHost],
      ...['--dns-zone', plan.portalHost, '--metrics', await metricsPlace(plan.metrics.control)],
      ...['--public-port', String(plan.publicPort), '--admin-email', adminEmail, '--log-level', logLevel],
      ...(adminPasswordFile === undefined ? [] : ['--admin-password-file', adminPasswordFile]),
    ]);
  }

  async #runPop(api: ControlApi, pop: PlannedPop): Promise<void> {
    const enrolment = await this.#enrolment(pop.id, 'pop.json', () => popToken(api, pop));
    const places = (flag: string, listens: readonly { host: string; port: number }[]) =>
      listens.flatMap((listen) => [flag, formatListen(listen)]);
    await this.#run(pop.id, [
      ...places('--https', pop.https),
      ...places('--http', pop.http),
      ...places('--dns', await freeDnsPlaces(pop)),
      // Both PoPs are on this machine: each listens for such resources at the address that it is reached at first.
      ...pop.https.slice(0, 1).flatMap(({ host }) => ['--stream-hosts', host]),
      ...['--udp', formatListen(pop.udp), '--log-level', this.#options.logLevel],
      ...['--drain-seconds', '0', '--stream-seconds', String(STREAM_SECONDS)],
      ...['--metrics', await metricsPlace(pop.metrics)],
      ...enrolment,
    ]);
    const detail = pop.https.map(formatListen).join(', ');
    this.#options.announce({ event: 'step', name: `PoP ${pop.name}`, detail });
  }

  async #runConnector(api: ControlApi, siteId: string): Promise<void> {
    const enrolment = await this.#enrolment('connector', 'connector.json', () => connectorToken(api, siteId));
    const { plan, logLevel } = this.#options;
    await this.#run('connector', [
      ...['--name', 'local', '--drills', '--udp', '127.0.0.1:0', '--log-level', logLevel],
      ...['--stream-seconds', String(STREAM_SECONDS)],
      ...['--metrics', await metricsPlace(plan.metrics.connector)],
      ...enrolment,
    ]);
    this.#options.announce({ event: 'step', name: 'connector', detail: `to ${formatListen(this.#options.app)}` });
  }

  /** Flags that a node needs at its first start. The token goes through a file: arguments can be seen by everybody. */
  async #enrolment(node: string, enrolledFile: string, makeToken: () => Promise<string>): Promise<string[]> {
    const { dataDir, plan } = this.#options;
    const folder = join(dataDir, node);
    if (await this.#isEnrolled(node, enrolledFile)) return [];
    await ensureFolder(folder, 0o700);
    const tokenFile = join(folder, 'enrol-token');
    await replaceFile(tokenFile, await makeToken(), OWNER_ONLY);
    return ['--enrol-url', controlUrl(plan), '--enrol-token-file', tokenFile, '--ca-file', this.#control.caFile];
  }

  async #isEnrolled(node: string, enrolledFile: string): Promise<boolean> {
    return (await readJson(join(this.#options.dataDir, node, enrolledFile))) !== undefined;
  }

  #run(name: string, args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const { dataDir, clock, environment } = this.#options;
    const folder = name === 'demo' ? [] : ['--data-dir', join(dataDir, name)];
    const child = new SupervisedProcess(
      {
        name,
        entry: ENTRY,
        args: [name.replace(/-\d+$/, ''), ...folder, ...args],
        nodeFlags: NODE_FLAGS,
        environment,
        logFile: join(dataDir, 'logs', `${name}.log`),
      },
      {
        ready: (pid, details) => this.#cameBack(name, pid, details),
        died: (exit, restartInMs) => this.#died(name, exit, restartInMs),
      },
      clock,
    );
    this.#processes.push(child);
    const slow = setTimeout(() => this.#isSlow(name), SLOW_START_MS);
    return child.start(PROCESS_READY_MS).finally(() => clearTimeout(slow));
  }

  #isSlow(name: string): void {
    const text = `${this.#titleOf(name)} is still starting; this machine is slow or busy ...`;
    this.#options.announce({ event: 'note', text });
  }

  #cameBack(name: string, pid: number, details: Readonly<Record<string, unknown>>): void {
    if (!this.#isReady) return;
    const { announce } = this.#options;
    announce({ event: 'process-back', name, title: this.#titleOf(name), pid });
    if (name !== 'control') return;
    this.#control = details as unknown as ControlDetails;
    // The link of before died with the process that made it.
    const { adminEmail: email, setupUrl } = this.#control;
    if (setupUrl !== null) announce({ event: 'set-up', email, setupUrl });
  }

  #died(name: string, exit: ProcessExit, restartInMs: number): void {
    if (this.#isStopping) return;
    this.#options.announce({ event: 'process-died', name, title: this.#titleOf(name), exit, restartInMs });
  }

  /** How people know a process: `PoP Amsterdam`. */
  #titleOf(name: string): string {
    if (name === 'demo') return 'demo application';
    const pop = this.#options.plan.pops.find(({ id }) => id === name);
    return pop ? `PoP ${pop.name}` : name;
  }

  async #openApi(): Promise<ControlApi> {
    const { dataDir, plan } = this.#options;
    const token = (await readText(join(dataDir, 'control', 'api-token')))?.trim();
    const ca = await readText(this.#control.caFile);
    if (!token || !ca)
      throw new Failure('api-token-missing', `${dataDir}/control holds no api-token; start with another --data-dir`);
    return new ControlApi({ url: new URL(controlUrl(plan)), token, ca });
  }

  async #untilComplete(api: ControlApi): Promise<void> {
    const { clock, plan, dataDir } = this.#options;
    const deadlineMs = clock.nowMs() + NETWORK_READY_MS;
    for (;;) {
      const missing = await whatIsMissing(api, plan);
      if (missing === undefined) return;
      if (clock.nowMs() > deadlineMs) {
        throw new Failure(
          'network-incomplete',
          `${portalOrigin(plan)} is not complete: ${missing}; see ${dataDir}/logs`,
        );
      }
      await sleep(READY_POLL_MS);
    }
  }
}
