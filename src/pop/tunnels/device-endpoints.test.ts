import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Endpoint, fromBase64, parseEndpoint } from '../../base/index.ts';
import type { DeviceRecord } from '../../core/link/index.ts';
import { createLog } from '../../io/log.ts';
import { sealedFile } from '../../io/sealed-file.ts';
import { eventually } from '../../testing/eventually.ts';
import { LoopbackDevice } from '../../testing/loopback-device.ts';
import { records, TunnelPop } from '../../testing/pop-tunnels-world.ts';
import { DeviceEndpoints } from './device-endpoints.ts';

const SECRET = new Uint8Array(32).fill(7);
const OWN = '100.96.1.0';
const log = createLog({ level: 'silent' });
const endpoint = (text: string): Endpoint => parseEndpoint(text) ?? assert.fail(text);

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'manis-devices-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function record(id: string): DeviceRecord {
  const common = { kind: 'device', name: id, siteId: 'site-1', targets: [] } as const;
  return { ...common, id, wireguardKey: `key-of-${id}`, overlayAddress: OWN, popId: 'pop-1' };
}

test('where devices are is kept, until they are elsewhere or gone', async (t) => {
  const file = sealedFile(join(folder(t), 'devices.sealed'), SECRET, 'devices');
  const lastOf = async (id: string) => (await new DeviceEndpoints(file, log).lastOf(record(id)))?.port;
  const first = new DeviceEndpoints(file, log);
  assert.equal(await first.lastOf(record('one')), undefined);
  await first.keep([
    { record: record('one'), endpoint: endpoint('192.0.2.1:1111') },
    { record: record('two'), endpoint: endpoint('[2001:db8::1]:2222') },
    { record: record('silent'), endpoint: undefined },
  ]);
  assert.deepEqual([await lastOf('one'), await lastOf('two'), await lastOf('silent')], [1111, 2222, undefined]);
  const second = new DeviceEndpoints(file, log);
  await second.keep([
    { record: record('one'), endpoint: undefined },
    { record: record('two'), endpoint: endpoint('192.0.2.9:9999') },
  ]);
  assert.deepEqual(
    [await lastOf('one'), await lastOf('two')],
    [1111, 9999],
    'one was not heard yet: it is where it was',
  );
  await second.keep([{ record: record('two'), endpoint: endpoint('192.0.2.9:9999') }]);
  assert.equal(await lastOf('one'), undefined);
});

test('a file that is damaged, or none at all, costs nothing but haste', async (t) => {
  const path = join(folder(t), 'devices.sealed');
  writeFileSync(path, 'damaged');
  const damaged = new DeviceEndpoints(sealedFile(path, SECRET, 'devices'), log);
  assert.equal(await damaged.lastOf(record('one')), undefined);
  await damaged.keep([{ record: record('one'), endpoint: endpoint('192.0.2.1:1111') }]);
  const none = new DeviceEndpoints(undefined, log);
  await none.keep([{ record: record('one'), endpoint: endpoint('192.0.2.1:1111') }]);
  assert.equal(await none.lastOf(record('one')), undefined);
});

test('a PoP that starts again calls its device, which does not know of it', async (t) => {
  const device = await LoopbackDevice.open({ own: OWN, behind: [] });
  let pop = await TunnelPop.open('pop-1', '127.0.0.1', folder(t));
  t.after(() => Promise.all([pop.tunnels.close(), device.driver.close()]));
  const known = records({ devices: [device.record('device-1', 'pop-1', [])] });
  await pop.tunnels.follow(known);
  device.dials(fromBase64(pop.record.wireguardKey) as Uint8Array, endpoint(`127.0.0.1:${pop.tunnels.port}`));
  await eventually(() => pop.tunnels.state(OWN) === 'up');
  pop = await pop.restart();
  assert.equal(pop.tunnels.state(OWN), 'down');
  const startedMs = performance.now();
  await pop.tunnels.follow(known);
  await eventually(() => pop.tunnels.state(OWN) === 'up');
  assert.ok(performance.now() - startedMs < 20_000, 'before its keepalive: it was called');
});
