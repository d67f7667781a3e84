/** Plain WireGuard devices by the API: what PoPs learn of them, and the configuration that a machine takes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { toBase64 } from '../base/index.ts';
import { makeWireguardKeys } from '../io/wireguard-keys.ts';
import { ControlWorld, type PopWorld } from '../testing/control-world.ts';

const world = new ControlWorld();
let pop: PopWorld;
let other: PopWorld;
let siteId = '';
let resourceId = '';

before(async () => {
  await world.start();
  pop = await world.addPop('ams', { udpEndpoints: ['192.0.2.1:51820'] });
  other = await world.addPop('fra', { udpEndpoints: ['[2001:db8::1]:51820', '192.0.2.2:51820'] });
  siteId = (await world.must('POST', '/sites', { name: 'barn' })).id;
  resourceId = (await world.must('POST', '/resources', { name: 'Camera', host: 'camera.manis.localhost' })).id;
});
after(() => world.end());

const add = (body: object, site = siteId) => world.api('POST', `/sites/${site}/devices`, body);
const must = async (body: object) =>
  (await world.must('POST', `/sites/${siteId}/devices`, body)) as {
    device: Record<string, string>;
    configuration: string;
  };
const addTarget = (url: string) => world.api('POST', `/resources/${resourceId}/targets`, { siteId, url });

test('a device gets keys, an address, a PoP and a whole configuration, and PoPs learn what is behind it', async () => {
  const target = (await addTarget('http://192.168.7.10:8080')).body;
  const { device, configuration } = await must({ name: 'router', popId: pop.enrolled.popId });
  const popKey = pop.find('pop', pop.enrolled.popId)?.wireguardKey;
  const lines = configuration.split('\n');
  const privateKey = lines.find((line) => line.startsWith('PrivateKey'))?.slice('PrivateKey = '.length) ?? '';
  assert.match(privateKey, /^[A-Za-z0-9+/]{43}=$/);
  assert.deepEqual(lines, [
    '# router: a WireGuard device of Manis, with its tunnel to ams',
    '[Interface]',
    `PrivateKey = ${privateKey}`,
    `Address = ${device['address']}/32`,
    'MTU = 1280',
    '',
    '[Peer]',
    `PublicKey = ${popKey}`,
    'Endpoint = 192.0.2.1:51820',
    'AllowedIPs = 100.96.0.1/32',
    'PersistentKeepalive = 25',
    '',
  ]);
  const id = device['id'] ?? '';
  await pop.until(() => pop.find('device', id) !== undefined);
  assert.deepEqual(pop.find('device', id), {
    ...{ kind: 'device', id, name: 'router', siteId, wireguardKey: device['wireguardKey'] },
    ...{ overlayAddress: device['address'], popId: pop.enrolled.popId },
    targets: [{ id: target.id, address: '192.168.7.10', port: 8080 }],
  });
  const everything = JSON.stringify([
    await world.must('GET', '/audit'),
    await world.must('GET', `/devices/${id}/configuration`),
    [...(pop.state?.records.values() ?? [])],
  ]);
  assert.ok(!everything.includes(privateKey), 'the private key is told once, and kept nowhere');
});

test('who has keys keeps the private one; without a word the PoP with the fewest devices is taken', async () => {
  const { publicKey } = makeWireguardKeys();
  const { device, configuration } = await must({ name: 'own', publicKey });
  assert.equal(device['popId'], other.enrolled.popId);
  assert.equal(device['wireguardKey'], publicKey);
  assert.match(configuration, /^PrivateKey = <the private key of this device>$/m);
  assert.match(configuration, /^Endpoint = \[2001:db8::1\]:51820$/m);
  const shown = await world.must('GET', `/devices/${device['id']}/configuration`);
  assert.equal(shown.configuration, configuration);
});

test('addresses are given again once they are free, and never twice', async () => {
  const devices = [await must({ name: 'a' }), await must({ name: 'b' }), await must({ name: 'c' })].map(
    (made) => made.device,
  );
  assert.equal(new Set(devices.map((device) => device['address'])).size, 3);
  const [, middle] = devices;
  await world.must('DELETE', `/devices/${middle?.['id']}`);
  assert.equal((await must({ name: 'd' })).device['address'], middle?.['address']);
  const listed = await world.must('GET', `/sites/${siteId}/devices`);
  assert.deepEqual(listed, await world.must('GET', '/devices'));
});

test('a site with a device has targets by address alone', async () => {
  const table: [url: string, status: number][] = [
    ['http://192.168.7.11', 201],
    ['http://nas.local:80', 409],
    ['http://127.0.0.1:80', 409],
    ['http://[fd00::1]:80', 409],
    ['http://100.96.0.1:80', 409],
  ];
  let targetId = '';
  for (const [url, status] of table) {
    const answer = await addTarget(url);
    assert.equal(answer.status, status, url);
    if (status === 201) targetId = answer.body.id;
    else assert.equal(answer.body.code, 'target-needs-address');
  }
  const renamed = await world.api('PATCH', `/targets/${targetId}`, { url: 'http://nas.local' });
  assert.equal(renamed.body.code, 'target-needs-address');
  assert.equal((await world.must('GET', `/targets/${targetId}`)).url, 'http://192.168.7.11:80');
  const office = (await world.must('POST', '/sites', { name: 'office' })).id;
  await world.must('POST', `/resources/${resourceId}/targets`, { siteId: office, url: 'http://nas.local' });
  assert.equal((await add({ name: 'late' }, office)).body.code, 'target-needs-address');
});

test('what cannot be is refused with a reason', async () => {
  const taken = pop.find('pop', pop.enrolled.popId)?.wireguardKey;
  const table: [body: object, status: number, code: string][] = [
    [{ name: '' }, 400, 'request-invalid'],
    [{ name: 'x', publicKey: 'short' }, 400, 'device-key-invalid'],
    [{ name: 'x', publicKey: toBase64(new Uint8Array(32)) }, 400, 'device-key-invalid'],
    [{ name: 'x', publicKey: taken }, 409, 'device-key-taken'],
    [{ name: 'x', popId: 'pop_none' }, 400, 'pop-unknown'],
  ];
  for (const [body, status, code] of table) {
    const answer = await add(body);
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(body));
  }
  assert.equal((await add({ name: 'x' }, 'sit_none')).status, 404);
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/configuration'],
  ] as const)
    assert.equal((await world.api(method, `/devices/dev_none${path}`)).status, 404);
});

test('the status says when a device made its last handshake', async () => {
  const { device } = await must({ name: 'seen', popId: pop.enrolled.popId });
  const id = device['id'] ?? '';
  const shown = async () => (await world.must('GET', '/status')).devices.find((one: { id: string }) => one.id === id);
  assert.deepEqual(await shown(), {
    ...{ id, name: 'seen', siteId, popId: pop.enrolled.popId, address: device['address'] },
    ...{ state: 'down', lastHandshakeUnixMs: null, endpoint: null },
  });
  const told = { connectorId: id, state: 'up', path: 'udp', relayPopId: null, rttMs: null } as const;
  pop.client.send({ type: 'status', connectors: [{ ...told, sinceUnixMs: 7_000, endpoint: '192.0.2.9:1' }] });
  for (;;) {
    const { state, lastHandshakeUnixMs, endpoint } = await shown();
    if (state === 'down') continue;
    assert.deepEqual([state, lastHandshakeUnixMs, endpoint], ['up', 7_000, '192.0.2.9:1']);
    break;
  }
});

test('a device moves to another PoP, is left without one when that goes, and is gone when it is removed', async () => {
  const { device } = await must({ name: 'mover', popId: pop.enrolled.popId });
  const id = device['id'] ?? '';
  const moved = await world.must('PATCH', `/devices/${id}`, { popId: other.enrolled.popId });
  assert.equal(moved.device.popId, other.enrolled.popId);
  assert.match(moved.configuration, /2001:db8::1/);
  await pop.until(() => pop.find('device', id)?.popId === other.enrolled.popId);
  await world.must('DELETE', `/pops/${other.enrolled.popId}`);
  assert.equal((await world.must('GET', `/devices/${id}`)).popId, null);
  assert.equal((await world.api('GET', `/devices/${id}/configuration`)).body.code, 'device-no-pop');
  await pop.until(() => pop.find('device', id)?.popId === undefined);
  await world.must('DELETE', `/devices/${id}`);
  await pop.until(() => pop.find('device', id) === undefined);
});
