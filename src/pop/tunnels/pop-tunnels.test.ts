// A PoP's tunnels and a connector that a test plays, over UDP on the loopback address.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type IpAddress, parseEndpoint, toBase64 } from '../../base/index.ts';
import {
  CONNECTOR_LINK_PORT,
  type ConnectorRecord,
  type SignedDocument,
  type TargetStatus,
} from '../../core/link/index.ts';
import { createClock } from '../../io/clock.ts';
import { createLog } from '../../io/log.ts';
import type { TunnelFailure, TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { createRandom } from '../../io/random.ts';
import { LinkEnd } from '../../testing/link-world.ts';
import { LoopbackNode } from '../../testing/loopback-node.ts';
import { GrantAuthority, siteGrant } from '../../testing/site-grants.ts';
import { DialFailure, type DialFailureCode } from '../dialer.ts';
import type { TargetsListener } from './connector-links.ts';
import { PopTunnels } from './pop-tunnels.ts';

const random = createRandom();
const NOTHING = { connectors: [], pops: [], grants: new Map() };
const authority = new GrantAuthority();
const grantOf = (revision: number): SignedDocument => authority.sign(siteGrant({ version: { epoch: 1, revision } }));

interface World {
  readonly tunnels: PopTunnels;
  readonly popAddress: IpAddress;
  readonly connector: LoopbackNode;
  /** The connector's. */
  readonly privateKey: Uint8Array;
  readonly popKey: Uint8Array;
  /** The connector as the snapshot has it. */
  readonly record: ConnectorRecord;
  connect(port?: number, timeoutMs?: number): ReturnType<PopTunnels['connect']>;
  readonly drained: Promise<[overlayAddress: string, endsInMs: number]>;
}

async function openWorld(t: TestContext, targets?: TargetsListener): Promise<World> {
  // The PoP's key is known before it starts, as the grant names it.
  const privateKey = random.bytes(32);
  const twin = await LoopbackNode.open(privateKey);
  const { publicKey } = twin.device;
  const popAddress = twin.address;
  await twin.driver.close();
  let changed: () => void = () => undefined;
  const heard = Promise.withResolvers<[string, number]>();
  const tunnels = await PopTunnels.open({
    clock: createClock(),
    random,
    popId: 'pop-1',
    software: 'manis/test',
    privateKey,
    listen: { address: '127.0.0.1', port: 0 },
    mtu: 1420,
    log: createLog({ level: 'silent' }),
    report: () => ({ draining: false, load: { connections: 0, capacity: 0, cpu: 0 } }),
    onChange: () => changed(),
    onLost: () => undefined,
    onDraining: (...said) => heard.resolve(said),
    onTargets: (connectorId, status) => targets?.(connectorId, status),
  });
  const connectorKey = random.bytes(32);
  const connector = await LoopbackNode.open(connectorKey);
  t.after(() => Promise.all([tunnels.close(), connector.driver.close()]));
  const record: ConnectorRecord = {
    kind: 'connector',
    id: 'connector-1',
    name: 'one',
    siteId: 'site-1',
    wireguardKey: connector.wireguardKey,
    overlayAddress: connector.address.text,
  };
  const up = new Promise<void>((resolve) => {
    changed = () => tunnels.state(record.overlayAddress) === 'up' && resolve();
  });
  // A key that no tunnel can have stands first: the others must not suffer.
  const bad = { ...record, id: 'connector-0', wireguardKey: toBase64(new Uint8Array(32)) };
  const own = { ...record, id: 'connector-2', wireguardKey: toBase64(publicKey) };
  tunnels.follow({ connectors: [bad, own, record], pops: [], grants: new Map([['site-1', grantOf(1)]]) });
  connector.knows('pop', publicKey, parseEndpoint(`127.0.0.1:${tunnels.port}`));
  await Promise.all([connector.tunnel('pop', 'up'), up]);
  const connect = (port = 5_000, timeoutMs = 5_000) =>
    tunnels.connect({ overlayAddress: record.overlayAddress, port, timeoutMs });
  const keys = { privateKey: connectorKey, popKey: publicKey };
  return { tunnels, popAddress, connector, ...keys, record, connect, drained: heard.promise };
}

/** A stream from the connector to its PoP. */
function toPop({ connector, popAddress }: World, port: number): TunnelSocket {
  return connector.driver.connect(popAddress, port);
}

test('a connector gets the grant of its site when it opens its link, and every later one once', async (t) => {
  const world = await openWorld(t);
  const link = new LinkEnd(toPop(world, CONNECTOR_LINK_PORT));
  link.send({ type: 'hello', software: 'manis/test', have: null });
  assert.deepEqual(await link.next(), { type: 'grant', signed: grantOf(1) });
  const follow = (siteId: string, revision: number) =>
    world.tunnels.follow({ ...NOTHING, connectors: [world.record], grants: new Map([[siteId, grantOf(revision)]]) });
  follow('site-1', 1);
  follow('site-2', 9);
  follow('site-1', 2);
  assert.deepEqual(await link.next(), { type: 'grant', signed: grantOf(2) });
});

test('what a connector says of targets is told, and repeated for a snapshot that knows them only later', async (t) => {
  const heard: [string, readonly TargetStatus[]][] = [];
  let told: () => void = () => undefined;
  const world = await openWorld(t, (connectorId, status) => {
    heard.push([connectorId, status]);
    told();
  });
  const link = new LinkEnd(toPop(world, CONNECTOR_LINK_PORT));
  const status: TargetStatus = { targetId: 'tgt_1', state: 'unhealthy', reason: 'status-503', sinceUnixMs: 5 };
  const came = new Promise<void>((resolve) => {
    told = resolve;
  });
  link.send({ type: 'targets', status: [status] });
  await came;
  world.tunnels.repeatTargets();
  assert.deepEqual(heard, [
    ['connector-1', [status]],
    ['connector-1', [status]],
  ]);
});

for (const port of [CONNECTOR_LINK_PORT + 1, 22, 443]) {
  test(`a connector that tries port ${port} of a PoP is refused`, async (t) => {
    const stream = toPop(await openWorld(t), port);
    const [error] = (await once(stream, 'error')) as [TunnelFailure];
    assert.equal(error.reason, 'refused');
  });
}

test('a connector that is about to stop stays so until it opens another link', async (t) => {
  const world = await openWorld(t);
  const address = world.record.overlayAddress;
  const first = new LinkEnd(toPop(world, CONNECTOR_LINK_PORT));
  await first.next();
  assert.equal(world.tunnels.isDraining(address), false);
  first.send({ type: 'draining', endsInMs: 5_000 });
  assert.deepEqual(await world.drained, [address, 5_000]);
  assert.equal(world.tunnels.isDraining(address), true);
  first.stream.end();
  await first.closed();
  assert.equal(world.tunnels.isDraining(address), true);
  await new LinkEnd(toPop(world, CONNECTOR_LINK_PORT)).next();
  assert.equal(world.tunnels.isDraining(address), false);
});

for (const text of ['nonsense', '{"type":"grant"}', `"${'x'.repeat(70_000)}"`]) {
  test(`a connector that says ${text.slice(0, 20)} loses its link`, async (t) => {
    const link = new LinkEnd(toPop(await openWorld(t), CONNECTOR_LINK_PORT));
    await link.next();
    link.sendText(text);
    await link.closed();
  });
}

test('of two links of one connector the newer stays', async (t) => {
  const world = await openWorld(t);
  const older = new LinkEnd(toPop(world, CONNECTOR_LINK_PORT));
  await older.next();
  const newer = new LinkEnd(toPop(world, CONNECTOR_LINK_PORT));
  assert.ok(await newer.next());
  await older.closed();
  assert.equal(newer.stream.destroyed, false);
});

test('a stream to a target carries bytes both ways', async (t) => {
  const { connector, connect } = await openWorld(t);
  connector.onAttempt = (attempt) => {
    const accepted = connector.driver.accept(attempt);
    accepted?.pipe(accepted);
  };
  const stream = await connect();
  stream.write('hello');
  assert.equal(String((await once(stream, 'data'))[0]), 'hello');
});

const failing: { connector: string; onAttempt: LoopbackNode['onAttempt']; code: DialFailureCode }[] = [
  { connector: 'refuses', onAttempt: (attempt) => attempt.refuse(), code: 'target-refused' },
  { connector: 'cannot reach', onAttempt: (attempt) => attempt.unreachable(), code: 'target-timed-out' },
  { connector: 'does not answer for', onAttempt: () => undefined, code: 'target-timed-out' },
];
for (const { connector: what, onAttempt, code } of failing) {
  test(`a target that its connector ${what} is ${code}`, async (t) => {
    const { connector, connect } = await openWorld(t);
    connector.onAttempt = onAttempt;
    await assert.rejects(connect(5_000, 150), (error) => error instanceof DialFailure && error.code === code);
  });
}

test('silent streams end as soon as a connector that was killed is there again, and live on where it only linked anew', async (t) => {
  const world = await openWorld(t);
  world.connector.onAttempt = (attempt) => void world.connector.driver.accept(attempt);
  const stream = await world.connect();
  const closed = new Promise((resolve) => stream.once('close', resolve));
  await new LinkEnd(toPop(world, CONNECTOR_LINK_PORT)).next();
  await new LinkEnd(toPop(world, CONNECTOR_LINK_PORT)).next();
  assert.equal(stream.destroyed, false);
  // Nothing of its end leaves the machine.
  world.connector.driver.socket?.close();
  const again = await LoopbackNode.open(world.privateKey);
  t.after(() => again.driver.close());
  again.knows('pop', world.popKey, parseEndpoint(`127.0.0.1:${world.tunnels.port}`));
  await again.tunnel('pop', 'up');
  await new LinkEnd(again.driver.connect(world.popAddress, CONNECTOR_LINK_PORT)).next();
  await closed;
});

test('a connector that accepts and resets in one breath is no fatal error', async (t) => {
  const { connector, connect } = await openWorld(t);
  connector.onAttempt = (attempt) => {
    const accepted = connector.driver.accept(attempt);
    // Both leave in one burst once the handshake is over: data makes the PoP see the stream first.
    accepted?.once('connect', () => accepted.destroy());
  };
  for (let i = 0; i < 50; i++) {
    const stream = await connect(6_000 + i).catch(() => undefined);
    if (stream && !stream.closed) await new Promise((resolve) => stream.once('close', resolve));
  }
});

test('no path leads to a connector that is unknown, gone or has another key', async (t) => {
  const { tunnels, record, connect } = await openWorld(t);
  const isNoPath = (error: unknown) => error instanceof DialFailure && error.code === 'no-path';
  await assert.rejects(tunnels.connect({ overlayAddress: 'fd00::1', port: 1, timeoutMs: 100 }), isNoPath);
  await assert.rejects(tunnels.connect({ overlayAddress: 'nonsense', port: 1, timeoutMs: 100 }), isNoPath);
  tunnels.follow({ ...NOTHING, connectors: [{ ...record, wireguardKey: toBase64(random.bytes(32)) }] });
  await assert.rejects(connect(), isNoPath);
  tunnels.follow(NOTHING);
  assert.deepEqual(tunnels.attached(), []);
});

test('a connector that is revoked loses its link, and one that moved gets the grants of its new site', async (t) => {
  const world = await openWorld(t);
  const link = new LinkEnd(toPop(world, CONNECTOR_LINK_PORT));
  await link.next();
  const again = world.connector.tunnel('pop', 'down').then(() => world.connector.tunnel('pop', 'up'));
  world.tunnels.follow(NOTHING);
  world.tunnels.follow({
    pops: [],
    connectors: [{ ...world.record, siteId: 'site-2' }],
    grants: new Map([['site-2', grantOf(7)]]),
  });
  await again;
  const moved = new LinkEnd(toPop(world, CONNECTOR_LINK_PORT));
  assert.deepEqual(await moved.next(), { type: 'grant', signed: grantOf(7) });
});

test('control is told of each tunnel', async (t) => {
  const { tunnels } = await openWorld(t);
  const [attached] = tunnels.attached();
  assert.equal(attached?.connectorId, 'connector-1');
  assert.equal(attached?.state, 'up');
  assert.match(attached?.endpoint ?? '', /^127\.0\.0\.1:\d+$/);
});
