/** heavy: the user's own application, and what crosses the wire on its way. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { requireTools } from '../interop/requirements.ts';
import { udpPayloads } from './capture-file.ts';
import { freePortBase, Network, remove, temporaryFolder } from './network.ts';
import { Visitor } from './visitor.ts';

const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'admin@manis.localhost';
/** Stands in every answer of the application, and must stand nowhere on the wire between PoP and connector. */
const MARKER = 'marker-of-the-private-application-7f3a91';
/** WireGuard messages begin with their type and three zeros; data is type 4 (section 5.4.6 of the paper). */
const HANDSHAKE_INITIATION = 1;
const TRANSPORT_DATA = 4;

describe('an application of your own', { timeout: 120_000 }, () => {
  const folder = temporaryFolder();
  let server: Server;
  let network: Network;
  let visitor: Visitor;
  let app = '';

  before(async () => {
    server = createServer((request, response) => {
      const host = request.headers.host;
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.end(`${MARKER} ${request.url} ${host} ${request.headers['remote-email']}\n`.repeat(500));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const flags = ['--app', url, '--admin-password-file', passwordFile, '--data-dir', join(folder, 'data')];
    network = await Network.start(['--port-base', String(await freePortBase()), ...flags]);
    app = network.ready.apps[0]?.url ?? '';
    visitor = new Visitor({ ca: network.ca });
  });
  after(async () => {
    await network?.stop();
    server.close();
    server.closeAllConnections();
    remove(folder);
  });

  test('is published in place of the demo', () => {
    assert.deepEqual(
      network.ready.apps.map((one) => one.name),
      ['app'],
    );
    assert.match(app, /^https:\/\/app\.manis\.localhost:\d+$/);
    assert.equal(network.ready.demo, null);
  });

  test('is refused before and shown after signing in', async () => {
    assert.doesNotMatch((await visitor.open(app)).text, new RegExp(MARKER));
    const answer = await visitor.signIn(`${app}/some/page?x=1`, EMAIL, PASSWORD);
    assert.equal(answer.status, 200);
    assert.ok(
      answer.text.startsWith(`${MARKER} /some/page?x=1 ${new URL(app).host} ${EMAIL}\n`),
      answer.text.slice(0, 200),
    );
  });

  test('crosses the wire as WireGuard alone', async (context) => {
    if (!requireTools(context, ['root', 'tcpdump'])) return;
    const file = join(folder, 'capture.pcap');
    const ports = network.ready.pops.map((pop) => Number(pop.udp.split(':').at(-1)));
    const filter = ports.map((port) => `udp port ${port}`).join(' or ');
    const tcpdump = spawn('tcpdump', ['-i', 'lo', '-U', '-s', '0', '-B', '16384', '-w', file, filter], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await once(tcpdump.stderr, 'data');
    for (let i = 0; i < 20; i++) assert.match((await visitor.ask(new URL(app))).text, new RegExp(MARKER));
    tcpdump.kill('SIGINT');
    await once(tcpdump, 'exit');

    const payloads = udpPayloads(readFileSync(file));
    const types = new Map<number, number>();
    for (const payload of payloads) types.set(payload[0] ?? 0, (types.get(payload[0] ?? 0) ?? 0) + 1);
    assert.ok((types.get(TRANSPORT_DATA) ?? 0) >= 40, `data messages: ${types.get(TRANSPORT_DATA)}`);
    for (const payload of payloads) {
      const type = payload[0] ?? 0;
      assert.ok(type >= HANDSHAKE_INITIATION && type <= TRANSPORT_DATA, `a datagram begins with ${type}`);
      assert.deepEqual([...payload.subarray(1, 4)], [0, 0, 0]);
      assert.equal(payload.indexOf(MARKER), -1, 'the application stands on the wire in clear');
    }
  });

  test('that goes away gives a page that says so, and comes back by itself', async () => {
    const { port } = server.address() as AddressInfo;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    const gone = await visitor.ask(new URL(app));
    assert.equal(gone.status, 502);
    assert.doesNotMatch(gone.text, /ECONNREFUSED|127\.0\.0\.1/);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    assert.equal((await visitor.ask(new URL(app))).status, 200);
  });
});
