/** heavy: every node is restarted in good order, one after another, under load: nobody sees a failed request. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkStatus } from '../../src/cli/api/status.ts';
import { freePortBase, MANIS, manis, Network, remove, temporaryFolder } from './network.ts';
import { Visitor } from './visitor.ts';

const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'owner@example.com';
const WORKERS = 6;

/**
 * Asks as a browser does that knows every address of a name: connections are kept, and what found no connection, or
 * one that the server had just closed, is asked at the next address. An answer that breaks is a failure.
 */
class Load {
  requests = 0;
  retries = 0;
  readonly failures: string[] = [];
  readonly #agents: readonly { readonly place: string; readonly agent: Agent }[];
  readonly #options: RequestOptions;
  #isOver = false;
  #workers: Promise<void>[] = [];

  constructor(url: URL, places: readonly string[], ca: string, cookie: string) {
    this.#agents = places.map((place) => ({ place, agent: new Agent({ keepAlive: true }) }));
    this.#options = { ca, servername: url.hostname, path: url.pathname, headers: { host: url.host, cookie } };
  }

  start(): void {
    this.#workers = Array.from({ length: WORKERS }, (_, index) => this.#work(index));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#workers);
    for (const { agent } of this.#agents) agent.destroy();
  }

  async #work(first: number): Promise<void> {
    for (let turn = first; !this.#isOver; turn++) {
      this.requests++;
      await this.#askAnywhere(turn);
      await sleep(10);
    }
  }

  async #askAnywhere(turn: number): Promise<void> {
    const refusals: string[] = [];
    for (let tries = 0; tries < this.#agents.length + 1; tries++) {
      const outcome = await this.#ask(turn + tries);
      if (outcome === 'served') return;
      if (!outcome.startsWith('retry')) return void this.failures.push(outcome);
      refusals.push(outcome);
      this.retries++;
    }
    this.failures.push(refusals.join(', then '));
  }

  #ask(turn: number): Promise<string> {
    const { place, agent } = this.#agents[turn % this.#agents.length] as { place: string; agent: Agent };
    const [, host = '', port] = /^\[?([^\]]+)\]?:(\d+)$/.exec(place) ?? [];
    return new Promise((resolve) => {
      let isConnected = false;
      const asked = request({ ...this.#options, host, port: Number(port), agent, timeout: 20_000 });
      asked.once('socket', (socket) => {
        if (asked.reusedSocket) isConnected = true;
        else
          socket.once('secureConnect', () => {
            isConnected = true;
          });
      });
      asked.once('timeout', () => asked.destroy(new Error('no answer in time')));
      asked.once('error', (error: NodeJS.ErrnoException) => {
        const mayRetry = !isConnected || (asked.reusedSocket && error.code === 'ECONNRESET');
        resolve(`${mayRetry ? 'retry' : 'failed'} ${place} ${error.code ?? error.message}`);
      });
      asked.once('response', (answer) => {
        answer.once('error', (error) => resolve(`broken ${place} ${error.message}`));
        answer.once('end', () =>
          resolve(answer.statusCode === 200 ? 'served' : `${place} answered ${answer.statusCode}`),
        );
        answer.resume();
      });
      asked.end();
    });
  }
}

describe('a rolling restart', { timeout: 300_000 }, () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'network');
  const second = join(folder, 'second');
  let network: Network;
  let replica: ChildProcess;
  let load: Load;

  before(async () => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    const flags = ['--admin-email', EMAIL, '--admin-password-file', passwordFile];
    network = await Network.start(['--data-dir', dataDir, '--port-base', String(await freePortBase()), ...flags]);
    const token = /manis connector join (\S+)/.exec(run('connector', 'add'))?.[1] ?? '';
    replica = startReplica(['join', token]);
    await untilTunnels(2);
    const demo = new URL(`${network.ready.apps[0]?.url}/whoami`);
    const visitor = new Visitor({ ca: network.ca });
    await visitor.signIn(demo.href, EMAIL, PASSWORD);
    const places = network.ready.pops.flatMap(({ httpsEndpoints }) => httpsEndpoints[0] ?? []);
    load = new Load(demo, places, network.ca, visitor.cookieHeader(demo.host));
    load.start();
  });
  after(async () => {
    await load?.stop();
    if (replica?.exitCode === null) {
      replica.kill('SIGTERM');
      await once(replica, 'exit');
    }
    await network?.stop();
    remove(folder);
  });

  const run = (...args: string[]): string => manis(dataDir, ...args);
  const startReplica = (args: readonly string[]): ChildProcess =>
    spawn(
      'node',
      [MANIS, 'connector', ...args, '--data-dir', second, '--udp', '127.0.0.1:0', '--stream-seconds', '8'],
      {
        stdio: 'ignore',
      },
    );

  /** Every connector has a tunnel to every PoP, and control hears all. */
  async function untilTunnels(connectors: number): Promise<void> {
    for (;;) {
      const status: NetworkStatus = JSON.parse(run('status', '--json'));
      const up = status.connectors.map(({ tunnels }) => tunnels.filter(({ state }) => state === 'up').length);
      const isWhole = status.pops.every(({ connected, draining }) => connected && !draining);
      if (isWhole && up.length === connectors && up.every((count) => count === status.pops.length)) return;
      await sleep(200);
    }
  }

  const pids = () => ({
    'pop-1': network.ready.pops[0]?.pid ?? 0,
    'pop-2': network.ready.pops[1]?.pid ?? 0,
    connector: network.ready.connector.pid,
    control: network.ready.control.pid,
  });

  for (const name of ['pop-1', 'pop-2', 'connector', 'control'] as const)
    test(`${name} is restarted and no request fails`, async () => {
      const before = load.requests;
      const mark = network.said;
      process.kill(pids()[name], 'SIGTERM');
      const died = await network.nextEvent(
        mark,
        (event) => event.event === 'process-died' && event.name === name,
        60_000,
      );
      assert.equal('exit' in died && died.exit.code, 0, 'it ended by itself');
      await network.nextEvent(mark, (event) => event.event === 'process-back' && event.name === name, 60_000);
      await untilTunnels(2);
      await sleep(500);
      assert.deepEqual(load.failures, []);
      assert.ok(load.requests > before);
    });

  test('the other connector is restarted and no request fails', async () => {
    replica.kill('SIGTERM');
    const [code] = await once(replica, 'exit');
    assert.equal(code, 0);
    replica = startReplica([]);
    await untilTunnels(2);
    assert.deepEqual(load.failures, []);
  });

  test('a PoP is drained and resumed by command, and no request fails', async () => {
    run('pop', 'drain', network.ready.pops[0]?.name ?? '');
    assert.match(run('status'), /draining/);
    await sleep(1_500);
    run('pop', 'resume', network.ready.pops[0]?.name ?? '');
    assert.deepEqual(load.failures, []);
    assert.ok(load.requests > 100, `${load.requests} requests, ${load.retries} tried elsewhere`);
    assert.ok(readFileSync(join(dataDir, 'logs', 'pop-1.log'), 'utf8').includes('"phase":"closing"'));
  });
});
