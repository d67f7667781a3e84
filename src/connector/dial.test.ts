// Streams from a PoP through a real tunnel to backends on the loopback address.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { GrantedTarget, SiteGrant } from '../core/link/index.ts';
import { createLog } from '../io/log.ts';
import type { TunnelFailure } from '../io/overlay/tunnel-socket.ts';
import { type LoopbackNode, openPair, readAll } from '../testing/loopback-node.ts';
import { type DialCounters, Dialer } from './dial.ts';
import { grantedTcp } from './granted.ts';

interface World {
  readonly pop: LoopbackNode;
  readonly connector: LoopbackNode;
  readonly dialer: Dialer;
}

async function openWorld(t: TestContext, targets: readonly GrantedTarget[]): Promise<World> {
  const { near: pop, far: connector } = await openPair(t);
  const lookup = (port: number) => grantedTcp({ targets } as unknown as SiteGrant, port);
  const dialer = new Dialer(lookup, createLog({ level: 'silent' }));
  connector.onAttempt = (attempt) => dialer.dial(connector.driver, attempt);
  t.after(() => dialer.close());
  return { pop, connector, dialer };
}

async function echoPort(t: TestContext): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket));
  t.after(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

const target = (host: string, port: number): GrantedTarget => ({ id: 'target-1', overlayPort: 5_000, host, port });

test('a stream to a port that is granted reaches its target', async (t) => {
  const { pop, connector, dialer } = await openWorld(t, [target('127.0.0.1', await echoPort(t))]);
  const stream = pop.driver.connect(connector.address, 5_000);
  stream.end('hello');
  assert.equal(await readAll(stream), 'hello');
  assert.deepEqual(dialer.counters, { dialled: 1, refused: 0, timedOut: 0, notGranted: 0 });
});

const failing: {
  what: string;
  host: string;
  port: () => Promise<number>;
  to: number;
  reason: TunnelFailure['reason'];
  counted: keyof DialCounters;
}[] = [
  {
    what: 'a port that is not granted',
    host: '127.0.0.1',
    port: closedPort,
    to: 5_001,
    reason: 'refused',
    counted: 'notGranted',
  },
  {
    what: 'a target that does not listen',
    host: '127.0.0.1',
    port: closedPort,
    to: 5_000,
    reason: 'refused',
    counted: 'refused',
  },
  {
    what: 'a target whose name nobody has',
    host: 'target.invalid',
    port: async () => 80,
    to: 5_000,
    reason: 'unreachable',
    counted: 'timedOut',
  },
];
for (const { what, host, port, to, reason, counted } of failing) {
  test(`the PoP hears of ${what}: ${reason}`, async (t) => {
    const { pop, connector, dialer } = await openWorld(t, [target(host, await port())]);
    const stream = pop.driver.connect(connector.address, to);
    const [error] = (await once(stream, 'error')) as [TunnelFailure];
    assert.equal(error.reason, reason);
    assert.equal(dialer.counters[counted], 1);
    assert.equal(dialer.counters.dialled, 0);
  });
}

test('a dialer that is closed breaks its streams, and the PoP hears of it', async (t) => {
  const { pop, connector, dialer } = await openWorld(t, [target('127.0.0.1', await echoPort(t))]);
  const stream = pop.driver.connect(connector.address, 5_000);
  stream.write('hello');
  await once(stream, 'data');
  const broken = once(stream, 'error') as Promise<[TunnelFailure]>;
  dialer.close();
  await connector.driver.close();
  assert.equal((await broken)[0].reason, 'reset');
});

test('a stream that its PoP gives up meanwhile leaves no connection to the target', async (t) => {
  const sockets: unknown[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
  t.after(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { pop, connector, dialer } = await openWorld(t, [target('127.0.0.1', (server.address() as AddressInfo).port)]);
  const dialled = once(server, 'connection');
  connector.onAttempt = (attempt) => {
    stream.destroy();
    dialer.dial(connector.driver, attempt);
  };
  const stream = pop.driver.connect(connector.address, 5_000);
  const [socket] = await dialled;
  await new Promise((resolve) => socket.resume().once('close', resolve));
});

test('a stream to a unix socket of this machine', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'manis-dial-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'app.sock');
  const server = createServer((socket) => void socket.on('error', () => undefined).end('from a socket'));
  await once(server.listen(path), 'listening');
  t.after(() => void server.close());
  const { pop, connector, dialer } = await openWorld(t, [{ ...target(path, 1), transport: 'unix' }]);
  assert.equal(await readAll(pop.driver.connect(connector.address, 5_000)), 'from a socket');
  assert.equal(dialer.counters.dialled, 1);
});
