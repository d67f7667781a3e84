// Checks of targets behind a device, whose tunnel a test plays with connections of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { DeviceRecord, GrantedTarget, TargetStatus } from '../../core/link/index.ts';
import type { TargetCheck } from '../../core/routing/index.ts';
import { createClock } from '../../io/clock.ts';
import { createLog } from '../../io/log.ts';
import { createRandom } from '../../io/random.ts';
import { GrantAuthority, siteGrant } from '../../testing/site-grants.ts';
import { DialFailure, type DialFailureCode } from '../dialer.ts';
import { DeviceChecks } from './device-checks.ts';

const OWN = '100.96.1.0';
const CAMERA = '192.168.1.10';
const authority = new GrantAuthority();
const timing = {
  ...{ intervalMs: 60_000, unhealthyIntervalMs: 100, timeoutMs: 5_000 },
  ...{ healthyThreshold: 1, unhealthyThreshold: 1 },
};
const tcp: TargetCheck = { kind: 'tcp', ...timing };
const http: TargetCheck = {
  ...{ kind: 'http', ...timing, method: 'GET', path: '/', host: 'camera', headers: {} },
  expected: [{ from: 200, to: 299 }],
};

class World {
  readonly dialled: string[] = [];
  readonly checks: DeviceChecks;
  port = 0;
  status = 200;
  /** How the next dials fail; empty: they do not. */
  readonly failures: DialFailureCode[] = [];
  readonly #told: TargetStatus[] = [];
  #heard: () => void = () => undefined;

  static async open(t: TestContext): Promise<World> {
    const world = new World();
    const backend = createServer((_, response) => response.writeHead(world.status).end());
    await once(backend.listen(0, '127.0.0.1'), 'listening');
    world.port = (backend.address() as AddressInfo).port;
    t.after(() => {
      world.checks.close();
      backend.close();
    });
    return world;
  }

  private constructor() {
    this.checks = new DeviceChecks({
      ...{ clock: createClock(), random: createRandom(), log: createLog({ level: 'silent' }), popId: 'pop-1' },
      tunnels: {
        state: () => 'up',
        connect: async ({ overlayAddress, behind, port }) => {
          this.dialled.push(`${overlayAddress} ${behind}:${port}`);
          const code = this.failures.shift();
          if (code) throw new DialFailure(code, code);
          const socket = connect(port, '127.0.0.1');
          await once(socket, 'connect');
          return socket;
        },
      },
      onTargets: (deviceId, status) => {
        assert.equal(deviceId, 'device-1');
        this.#told.push(...status);
        this.#heard();
      },
    });
  }

  follow(check: TargetCheck, change: Partial<DeviceRecord> = {}): void {
    const { port } = this;
    const record: DeviceRecord = {
      ...{ kind: 'device', id: 'device-1', name: 'router', siteId: 'site-1', wireguardKey: '', overlayAddress: OWN },
      ...{ popId: 'pop-1', targets: [{ id: 'camera', address: CAMERA, port }], ...change },
    };
    const targets: GrantedTarget[] = [
      { id: 'camera', overlayPort: 20_000, host: CAMERA, port, check },
      { id: 'unchecked', overlayPort: 20_001, host: CAMERA, port },
      { id: 'elsewhere', overlayPort: 20_002, host: '192.168.1.99', port, check },
    ];
    this.checks.follow([record], new Map([['site-1', authority.sign(siteGrant({ targets }))]]));
  }

  /** The next word, as `target state reason`. */
  async told(): Promise<string> {
    while (this.#told.length === 0) await new Promise<void>((resolve) => (this.#heard = resolve));
    const { targetId, state, reason } = this.#told.shift() as TargetStatus;
    return `${targetId} ${state} ${reason}`;
  }
}

test('what the grant asks for is checked through the device, and nothing else', async (t) => {
  const world = await World.open(t);
  world.follow(http);
  assert.equal(await world.told(), 'camera healthy ok');
  assert.deepEqual(world.dialled, [`${OWN} ${CAMERA}:${world.port}`]);
  world.checks.repeat();
  assert.equal(await world.told(), 'camera healthy ok');
});

const outcomes: [how: string, failures: DialFailureCode[], status: number, said: string][] = [
  ['answers wrongly', [], 503, 'camera unhealthy status-503'],
  ['refuses', ['target-refused'], 200, 'camera unhealthy connect-refused'],
  ['resets', ['reset'], 200, 'camera unhealthy connect-refused'],
  ['is silent', ['target-timed-out'], 200, 'camera unhealthy timed-out'],
  ['cannot be reached', ['target-unreachable'], 200, 'camera unhealthy unreachable'],
  ['has no tunnel for a while', ['no-path', 'no-path', 'no-path'], 200, 'camera healthy ok'],
];
for (const [how, failures, status, said] of outcomes)
  test(`a target that ${how}: ${said}`, async (t) => {
    const world = await World.open(t);
    world.failures.push(...failures);
    world.status = status;
    world.follow(http);
    assert.equal(await world.told(), said);
  });

test('where the tunnel goes to another PoP, its checks end and what was said is taken back', async (t) => {
  const world = await World.open(t);
  world.follow(tcp);
  assert.equal(await world.told(), 'camera healthy ok');
  world.follow(tcp, { popId: 'pop-2' });
  assert.equal(await world.told(), 'camera unknown not-checked');
  world.checks.repeat();
  assert.equal(world.dialled.length, 1);
});
