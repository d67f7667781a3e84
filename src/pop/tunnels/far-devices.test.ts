// Two whole PoPs, and a plain WireGuard device that has its tunnel to the first; over UDP on the loopback address.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { fromBase64, type IpAddress, parseEndpoint, parseIpAddress, utf8 } from '../../base/index.ts';
import { DEVICE_RELAY_PORT, type DeviceRecord, encodeDeviceStreamRequest } from '../../core/link/index.ts';
import type { TunnelFailure, TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { eventually } from '../../testing/eventually.ts';
import { LoopbackDevice } from '../../testing/loopback-device.ts';
import { LoopbackNode, readAll } from '../../testing/loopback-node.ts';
import { dials, playedConnector, playedPop, records, TunnelPop } from '../../testing/pop-tunnels-world.ts';
import { DialFailure } from '../dialer.ts';

const OWN = '100.96.1.0';
const CAMERA = '192.168.1.10';
const TARGETS = [{ id: 'target-1', address: CAMERA, port: 8080 }];
/** More than all buffers on the way hold. */
const MANY_BYTES = 24 * 1024 * 1024;
const publicKeyOf = (pop: TunnelPop) => fromBase64(pop.record.wireguardKey) as Uint8Array;

class World {
  readonly device: LoopbackDevice;
  readonly near: TunnelPop;
  readonly far: TunnelPop;
  readonly record: DeviceRecord;

  constructor(device: LoopbackDevice, near: TunnelPop, far: TunnelPop) {
    [this.device, this.near, this.far] = [device, near, far];
    this.record = device.record('device-1', 'pop-1', TARGETS);
  }

  /** @param isAttached whether the device has called its PoP. */
  static async open(t: TestContext, isAttached = true): Promise<World> {
    const device = await LoopbackDevice.open({ own: OWN, behind: [CAMERA] });
    const [near, far] = await Promise.all([TunnelPop.open('pop-1'), TunnelPop.open('pop-2')]);
    t.after(() => Promise.all([near.tunnels.close(), far.tunnels.close(), device.driver.close()]));
    const world = new World(device, near, far);
    await world.follow();
    await eventually(() => !far.tunnels.isPopLost(OWN));
    if (!isAttached) return world;
    device.dials(publicKeyOf(near), parseEndpoint(`127.0.0.1:${near.tunnels.port}`) ?? assert.fail());
    await eventually(() => far.tunnels.state(OWN) === 'up');
    return world;
  }

  follow(devices: readonly DeviceRecord[] = [this.record]): Promise<unknown> {
    const known = records({ devices, pops: [this.near.record, this.far.record] });
    return Promise.all([this.near.tunnels.follow(known), this.far.tunnels.follow(known)]);
  }

  connect(port = 8080, behind = CAMERA) {
    return this.far.tunnels.connect({ overlayAddress: OWN, behind, port, timeoutMs: 20_000 });
  }

  /** A stream from the far PoP, and its end behind the device. */
  async open(): Promise<[TunnelSocket, TunnelSocket]> {
    const [near, target] = await Promise.all([this.connect(), this.device.nextStream()]);
    return [near as TunnelSocket, target];
  }
}

const fails = (code: string) => (error: unknown) => error instanceof DialFailure && error.code === code;

test('a PoP serves a device whose tunnel goes to another one, with half close, both ways', async (t) => {
  const world = await World.open(t);
  assert.ok(world.far.tunnels.isRelayed(OWN), 'it costs more than a direct way');
  assert.ok(!world.near.tunnels.isRelayed(OWN));
  assert.deepEqual(world.far.tunnels.attached(), [], 'control hears of it from its own PoP');
  const [client, target] = await world.open();
  assert.equal(target.connection.local.address.text, CAMERA);
  assert.equal(target.remoteAddress, '100.96.0.1');
  const asked = readAll(target);
  client.end('question');
  assert.equal(await asked, 'question');
  const answered = readAll(client);
  target.end('answer');
  assert.equal(await answered, 'answer');
});

test('much is carried whole, and whoever reads slowly is waited for', async (t) => {
  const world = await World.open(t);
  const [client, target] = await world.open();
  const block = Buffer.alloc(64 * 1024, 'x');
  let written = 0;
  let stoppedMs = Number.POSITIVE_INFINITY;
  const pump = (): void => {
    while (written < MANY_BYTES && !target.destroyed) {
      written += block.length;
      stoppedMs = performance.now();
      if (!target.write(block)) return void target.once('drain', pump);
    }
    target.end();
  };
  pump();
  await eventually(() => performance.now() - stoppedMs > 200);
  assert.ok(written < MANY_BYTES, 'nothing piles up for a reader that does not read');
  let read = 0;
  for await (const chunk of client) read += (chunk as Buffer).length;
  assert.equal(read, MANY_BYTES);
});

test('a reset goes through, whoever makes it', async (t) => {
  const world = await World.open(t);
  const [client, target] = await world.open();
  const broken = once(client, 'error') as Promise<[TunnelFailure]>;
  target.destroy();
  assert.equal((await broken)[0].reason, 'reset');
  const [second, other] = await world.open();
  const gone = once(other, 'error') as Promise<[TunnelFailure]>;
  second.destroy();
  assert.equal((await gone)[0].reason, 'reset');
});

test('what is behind no device, or refused there, says so', async (t) => {
  const world = await World.open(t);
  await assert.rejects(world.connect(8081), fails('no-path'), 'no target has this port');
  await assert.rejects(world.connect(8080, '192.168.1.11'), fails('no-path'), 'no target has this address');
  await assert.rejects(world.connect(), fails('target-refused'), 'the camera refuses');
});

test('before the device calls its PoP, and once it is removed, nothing leads to it', async (t) => {
  const world = await World.open(t, false);
  assert.equal(world.far.tunnels.state(OWN), 'down');
  await assert.rejects(world.connect(), fails('no-path'));
  const { near } = world;
  world.device.dials(publicKeyOf(near), parseEndpoint(`127.0.0.1:${near.tunnels.port}`) ?? assert.fail());
  await eventually(() => world.far.tunnels.state(OWN) === 'up');
  // Its own PoP hears of it first: the other one still thinks that there is a way.
  const known = records({ devices: [], pops: [near.record, world.far.record] });
  await near.tunnels.follow(known);
  await assert.rejects(world.connect(), fails('no-path'));
  await eventually(() => world.far.tunnels.state(OWN) === 'down');
  assert.deepEqual(world.far.lost, [OWN], 'whoever waits for an answer through it hears of that');
  await world.far.tunnels.follow(known);
  assert.equal(world.far.tunnels.isPopLost(OWN), false);
});

test('when the PoP of the device is lost, that is the reason, and streams that open hear it at once', async (t) => {
  const world = await World.open(t);
  const attempted = new Promise<void>((resolve) => {
    // It never answers.
    world.device.onAttempt = () => resolve();
  });
  const opening = world.connect();
  const failed = assert.rejects(opening, (error) => error instanceof DialFailure);
  await attempted;
  await world.near.tunnels.close();
  await eventually(() => world.far.tunnels.isPopLost(OWN));
  await failed;
  assert.equal(world.far.tunnels.state(OWN), 'down');
  await assert.rejects(world.connect(), fails('pop-lost'));
});

test('connectors may not ask for streams to devices', async (t) => {
  const { near, record } = await World.open(t);
  const connector = await LoopbackNode.open();
  t.after(() => connector.driver.close());
  await near.tunnels.follow(
    records({ connectors: [playedConnector('connector-1', connector)], devices: [record], pops: [near.record] }),
  );
  dials(connector, near, publicKeyOf(near));
  await connector.tunnel('pop-1', 'up');
  const stream = connector.driver.connect(addressOf(near), DEVICE_RELAY_PORT);
  const [error] = (await once(stream, 'error')) as [TunnelFailure];
  assert.equal(error.reason, 'refused');
});

test('a PoP that asks for nonsense is cut, and that is counted', async (t) => {
  const { near, record } = await World.open(t);
  const liar = await LoopbackNode.open();
  t.after(() => liar.driver.close());
  await near.tunnels.follow(records({ devices: [record], pops: [near.record, playedPop('pop-3', liar)] }));
  dials(liar, near, publicKeyOf(near));
  await liar.tunnel('pop-1', 'up');
  const request = { deviceId: 'device-2', address: parseIpAddress(CAMERA) as IpAddress, port: 8080 };
  const cases = [
    { bytes: Uint8Array.of(9, 9), reason: 'malformed' },
    { bytes: Uint8Array.of(1, 2, 0xff, 0xff, 1, 1, 1, 1, 0, 80), reason: 'malformed' },
    { bytes: encodeDeviceStreamRequest(request), reason: 'not-known' },
  ] as const;
  for (const { bytes, reason } of cases) {
    const { refusals } = near.tunnels.deviceRelay;
    const before = refusals.get(reason) ?? 0;
    const stream = liar.driver.connect(addressOf(near), DEVICE_RELAY_PORT).on('error', () => undefined);
    stream.write(bytes);
    stream.write(utf8('GET / HTTP/1.1\r\n\r\n'));
    stream.resume().on('end', () => stream.end());
    await new Promise((resolve) => stream.once('close', resolve));
    assert.equal(refusals.get(reason), before + 1, reason);
  }
});

function addressOf({ record }: TunnelPop): IpAddress {
  return parseIpAddress(record.overlayAddress) ?? assert.fail(record.overlayAddress);
}
