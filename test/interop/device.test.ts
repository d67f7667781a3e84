/**
 * A plain WireGuard device as a site: Debian's wireguard-go takes the configuration that the API gave, and a browser's
 * request goes through a whole PoP to an application in its network, its own PoP or another one. Real time: about 10 s.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { DeviceRecord, ResourceRecord } from '../../src/core/link/index.ts';
import { type PopWorld as ControlledPop, ControlWorld } from '../../src/testing/control-world.ts';
import { eventually } from '../../src/testing/eventually.ts';
import { records, TunnelPop } from '../../src/testing/pop-tunnels-world.ts';
import { PORTAL_HOST, PopWorld, PUBLIC } from '../../src/testing/pop-world.ts';
import { missingRequirement, mustHaveTools } from './requirements.ts';
import { WireguardGoPeer } from './wireguard-go-peer.ts';

const missing = missingRequirement(['root', '/dev/net/tun', 'wireguard-go', 'wg', 'wg-quick', 'ip']);
const HOST = `camera.${PORTAL_HOST}`;
/** In the device's network, and beside it: an address that its site does not have. */
const CAMERA = '192.168.77.10';
const STRANGER = '192.168.77.66';

/** Answers with who asks; `/endless` begins an answer and never ends it. */
const APPLICATION = `
  const [, address] = process.argv;
  require('node:http').createServer((request, response) => {
    response.write('camera asked by ' + request.socket.remoteAddress);
    if (request.url !== '/endless') response.end();
  }).listen(8080, address, () => console.log('ready'));`;

/** Says how a TCP connection from an own address to the PoP fares: \`ECONNREFUSED\`, or \`silent\` where nothing comes back. */
const CALLER = `
  const [, localAddress] = process.argv;
  const end = (word) => { console.log(word); process.exit(); };
  const socket = require('node:net').connect({ host: '100.96.0.1', port: 80, localAddress });
  socket.on('error', (error) => end(error.code)).on('connect', () => end('connected'));
  setTimeout(end, 1500, 'silent');`;

describe('a WireGuard device as a site', { skip: missing !== undefined && !mustHaveTools() ? missing : false }, () => {
  const control = new ControlWorld();
  const machine = new WireguardGoPeer();
  const folder = mkdtempSync(join(tmpdir(), 'manis-device-'));
  let tunnels: TunnelPop;
  let farTunnels: TunnelPop;
  let farPop: PopWorld;
  let told: ControlledPop;
  let pop: PopWorld;
  let device: { readonly id: string; readonly address: string };
  let configuration = '';

  before(async () => {
    assert.equal(missing, undefined);
    await machine.start();
    await control.start();
    tunnels = await TunnelPop.open('pop-1', machine.hostAddress, folder);
    farTunnels = await TunnelPop.open('pop-2', machine.hostAddress);
    const { wireguardKey, udpEndpoints } = tunnels.record;
    told = await control.addPop('here', { wireguardKey, udpEndpoints });
    pop = await PopWorld.start({ dialer: tunnels.tunnels });
    farPop = await PopWorld.start({ dialer: farTunnels.tunnels });
    const { id: siteId } = await control.must('POST', '/sites', { name: 'barn' });
    const targets = [{ siteId, url: `http://${CAMERA}:8080` }];
    await control.must('POST', '/resources', { name: 'Camera', host: HOST, targets });
    ({ device, configuration } = await control.must('POST', `/sites/${siteId}/devices`, { name: 'router' }));
    await told.until(() => told.find('device', device.id) !== undefined);
    await publish();
    for (const address of [CAMERA, STRANGER]) machine.addAddress(address);
    await firstLine(APPLICATION, CAMERA);
  });
  after(async () => {
    await pop?.stop();
    await farPop?.stop();
    await tunnels?.tunnels.close();
    await farTunnels?.tunnels.close();
    await control.end();
    await machine.stop();
    rmSync(folder, { recursive: true });
  });

  /** What control published is what the PoP serves from; it knows itself by another id here. */
  async function publish(): Promise<void> {
    const devices = [...(told.state?.ofKind('device') ?? [])].map(
      (record): DeviceRecord => ({ ...record, popId: 'pop-1' }),
    );
    const resources = [...(told.state?.ofKind('resource') ?? [])];
    const open = resources.map((record): ResourceRecord => ({ ...record, policy: PUBLIC }));
    for (const world of [pop, farPop]) world.publishBasics(...devices, ...open);
    await follow(devices);
  }

  async function follow(devices: readonly DeviceRecord[]): Promise<void> {
    const known = records({ devices, pops: [tunnels.record, farTunnels.record] });
    await tunnels.tunnels.follow(known);
    await farTunnels.tunnels.follow(known);
  }

  /** What the PoP answers that the device has no tunnel to, and why. */
  async function farAnswer(): Promise<[number, string]> {
    const { status, body } = await farPop.fetch(HOST, '/', { headers: { accept: 'application/json' } });
    return [status, status === 200 ? body : (JSON.parse(body) as { code: string }).code];
  }

  async function firstLine(script: string, argument: string): Promise<string> {
    const child = machine.spawn(process.execPath, ['-e', script, argument]);
    assert.ok(child.stdout);
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    return text.toString().trim();
  }

  test('before it calls there is no way to it', async () => {
    const { status } = await pop.fetch(HOST, '/');
    assert.equal(status, 503);
    await eventually(() => !farTunnels.tunnels.isPopLost(device.address));
    assert.deepEqual(await farAnswer(), [503, 'no-healthy-target']);
  });

  test('it takes the configuration as it is, and serves', async () => {
    machine.configure(configuration);
    await eventually(() => tunnels.tunnels.state(device.address) === 'up');
    const { status, body } = await pop.fetch(HOST, '/');
    assert.deepEqual([status, body], [200, 'camera asked by 100.96.0.1']);
    const [attached] = tunnels.tunnels.attached();
    assert.deepEqual([attached?.connectorId, attached?.state], [device.id, 'up']);
    assert.ok(attached?.endpoint?.startsWith(`${machine.guestAddress}:`));
    const many = await Promise.all(Array.from({ length: 20 }, () => pop.fetch(HOST, '/')));
    assert.ok(many.every((answer) => answer.status === 200));
  });

  test('another PoP serves it as well', async () => {
    await eventually(() => farTunnels.tunnels.state(device.address) === 'up');
    assert.deepEqual(await farAnswer(), [200, 'camera asked by 100.96.0.1']);
    const many = await Promise.all(Array.from({ length: 20 }, () => farAnswer()));
    assert.ok(many.every(([status]) => status === 200));
    assert.ok(tunnels.tunnels.deviceRelay.opened > 0);
  });

  test('it may call the PoP from addresses of its site, and is not heard from others', async () => {
    assert.equal(await firstLine(CALLER, device.address), 'ECONNREFUSED');
    assert.equal(await firstLine(CALLER, CAMERA), 'ECONNREFUSED');
    assert.equal(await firstLine(CALLER, STRANGER), 'silent');
  });

  test('after a restart of its PoP it is back within seconds, and nobody touched it', async () => {
    const startedMs = performance.now();
    // The PoP in front of it would be another process as well: what it kept open is gone, and the other PoP stays.
    await pop.stop();
    tunnels = await tunnels.restart();
    assert.equal(tunnels.tunnels.state(device.address), 'down');
    pop = await PopWorld.start({ dialer: tunnels.tunnels });
    await publish();
    await eventually(() => tunnels.tunnels.state(device.address) === 'up');
    assert.ok(performance.now() - startedMs < 20_000, 'it did not wait for the next keepalive');
    assert.equal((await pop.fetch(HOST, '/')).status, 200);
    await eventually(() => farTunnels.tunnels.state(device.address) === 'up');
    assert.equal((await farAnswer())[0], 200);
  });

  test('once it is removed, what is open is cut and nothing leads to it', async () => {
    const browser = await pop.connect(HOST);
    browser.on('error', () => undefined).write(`GET /endless HTTP/1.1\r\nHost: ${HOST}:${pop.port}\r\n\r\n`);
    let answered = '';
    browser.on('data', (part: Buffer) => {
      answered += part.toString();
    });
    await eventually(() => answered.includes('camera asked by'));
    const cut = once(
      browser.on('end', () => browser.end()),
      'close',
    );
    await control.must('DELETE', `/devices/${device.id}`);
    await told.until(() => told.find('device', device.id) === undefined);
    await follow([...(told.state?.ofKind('device') ?? [])]);
    await cut;
    assert.ok(!answered.includes('\r\n0\r\n'), 'and not ended as if it were whole');
    assert.equal(tunnels.tunnels.state(device.address), 'down');
    assert.equal((await pop.fetch(HOST, '/')).status, 503);
    assert.equal((await farAnswer())[0], 503);
    assert.equal(await firstLine(CALLER, device.address), 'silent');
  });
});
