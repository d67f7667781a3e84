/** heavy: a third PoP joins the local network by one command, serves the portal, and leaves by one command. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkStatus } from '../../src/cli/api/status.ts';
import type { Finding } from '../../src/core/doctor/judge.ts';
import type { Measurements } from '../../src/core/doctor/measurements.ts';
import { freePortBase, MANIS, manis, Network, remove, temporaryFolder } from './network.ts';

/** Promised to whoever adds a PoP. */
const JOINED_WITHIN_MS = 30_000;

describe('manis pop join TOKEN', () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'network');
  let network: Network;
  let pop: ChildProcess | undefined;

  before(async () => {
    network = await Network.start(['--data-dir', dataDir, '--port-base', String(await freePortBase())]);
  });
  after(async () => {
    if (pop?.exitCode === null) {
      pop.kill('SIGTERM');
      await once(pop, 'exit');
    }
    await network?.stop();
    remove(folder);
  });

  const run = (...args: string[]): string => manis(dataDir, ...args);
  const status = (): NetworkStatus => JSON.parse(run('status', '--json'));
  const berlin = () => status().pops.find(({ name }) => name === 'Berlin');

  test('the line that "pop add" prints is all that the new machine needs', async () => {
    const printed = run('pop', 'add', 'Berlin', '--latitude', '52.5', '--longitude', '13.4');
    const token = /manis pop join (\S+)/.exec(printed)?.[1] ?? '';
    const base = await freePortBase();
    const places = ['--data-dir', join(folder, 'berlin'), '--https', `127.0.0.1:${base}`, '--udp', `127.0.0.1:${base}`];
    // Nobody asks its name server, whose answers it would otherwise wait for before it stops.
    pop = spawn('node', [MANIS, 'pop', 'join', token, ...places, '--drain-seconds', '0'], { stdio: 'ignore' });
    const startedMs = performance.now();
    while (JSON.stringify(berlin()?.applied) !== JSON.stringify(status().version)) {
      assert.ok(performance.now() - startedMs < JOINED_WITHIN_MS, JSON.stringify(status()));
      await sleep(200);
    }
    assert.equal(await portalStatus(base), 302, 'it leads to the sign-in page');
  });

  test('"doctor" sees every way from the connector to the PoPs, and measures it', () => {
    const {
      status: code,
      stdout,
      stderr,
    } = spawnSync('node', [MANIS, 'doctor', '--json', '--data-dir', join(dataDir, 'connector')], { encoding: 'utf8' });
    assert.equal(code, 0, stderr + stdout);
    const { measurements, findings } = JSON.parse(stdout) as { measurements: Measurements; findings: Finding[] };
    assert.deepEqual(
      findings.filter(({ weight }) => weight === 'bad'),
      [],
    );
    assert.ok(measurements.pops.length >= 2);
    for (const { name, udp, tls } of measurements.pops) {
      assert.ok(
        udp.every(({ answered, rttMs }) => answered > 0 && rttMs !== undefined),
        name,
      );
      assert.ok(
        tls.every(({ outcome, bytesPerSecond }) => outcome === 'ok' && (bytesPerSecond ?? 0) > 0),
        JSON.stringify(tls),
      );
    }
  });

  test('a half-copied token is refused in one line', () => {
    const { status: code, stderr } = spawnSync('node', [MANIS, 'pop', 'join', 'mnp_abc.x'], { encoding: 'utf8' });
    assert.equal(code, 2);
    assert.match(stderr, /the token is not one, or not all of one/);
  });

  test('"pop remove" takes it out', async () => {
    run('pop', 'remove', 'Berlin');
    assert.equal(berlin(), undefined);
  });

  /** With the certificate of the installation's CA, as the browser sees it. */
  function portalStatus(port: number): Promise<number | undefined> {
    const { hostname } = new URL(network.ready.dashboard);
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          host: '127.0.0.1',
          port,
          servername: hostname,
          ca: network.ca,
          headers: { host: hostname, accept: 'text/html' },
        },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      asked.on('error', reject);
      asked.end();
    });
  }
});
