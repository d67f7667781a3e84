import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { toBase64Url } from '../base/index.ts';
import { type LinkRecord, TICKET_SPAN_MS, ticketSpanAt } from '../core/link/index.ts';
import { issue } from '../testing/client-pki.ts';
import { APP_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';

const OTHER_HOST = 'other.manis.localhost';
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
type Version = (typeof VERSIONS)[number];

describe('session tickets', () => {
  const worlds: PopWorld[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'manis-tickets-'));

  const secretOf = (world: PopWorld, fill: number, spans = 0): LinkRecord => ({
    kind: 'ticketSecret',
    id: String(ticketSpanAt(world.clock.unixMs()) + spans),
    secret: toBase64Url(new Uint8Array(32).fill(fill)),
  });
  before(async () => {
    for (let i = 0; i < 2; i++) {
      const world = await PopWorld.start();
      worlds.push(world);
      const port = await world.listen(createServer((_request, response) => response.end('hello')));
      world.publishBasics(
        secretOf(world, 1),
        resource(port, { id: 'app', host: APP_HOST, policy: PUBLIC }),
        resource(port, { id: 'other', host: OTHER_HOST, policy: PUBLIC }),
      );
    }
  });
  after(async () => {
    for (const world of worlds) await world.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const [first, second] = [() => worlds[0] as PopWorld, () => worlds[1] as PopWorld];
  const portOf = (world: PopWorld): number => world.pop.https[0]?.port ?? assert.fail();

  /** A request on a connection of its own; gives whether it resumed, and the ticket that came. */
  async function ask(world: PopWorld, version: Version, session?: Buffer, host = APP_HOST) {
    const tickets: Buffer[] = [];
    const options = { host: '127.0.0.1', port: portOf(world), servername: host, rejectUnauthorized: false };
    const socket: TLSSocket = connect({
      ...options,
      minVersion: version,
      maxVersion: version,
      ...(session && { session }),
    });
    socket.on('session', (ticket) => tickets.push(ticket));
    let resumed = false;
    socket.on('secureConnect', () => {
      resumed = socket.isSessionReused();
    });
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    assert.match(text, /^HTTP\/1\.1 200 /);
    return { resumed, ticket: tickets.at(-1) };
  }

  for (const version of VERSIONS) {
    test(`of one PoP are taken by another (${version})`, async () => {
      const begun = await ask(first(), version);
      assert.equal(begun.resumed, false);
      assert.equal((await ask(second(), version, begun.ticket)).resumed, true);
    });

    test(`of one host are nothing to another, whatever a client tries (${version})`, async () => {
      const file = join(folder, version);
      const flag = version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3';
      const begun = await openssl(portOf(first()), APP_HOST, flag, '-sess_out', file);
      assert.match(begun, /^New, /m);
      assert.match(await openssl(portOf(second()), APP_HOST, flag, '-sess_in', file), /^Reused, /m);
      assert.match(await openssl(portOf(second()), OTHER_HOST, flag, '-sess_in', file), /^New, /m);
    });

    test(`have another key in the next span of time, and then none that is older (${version})`, async () => {
      const begun = await ask(first(), version);
      second().clock.advance(TICKET_SPAN_MS);
      assert.equal((await ask(second(), version, begun.ticket)).resumed, false);
      first().clock.advance(TICKET_SPAN_MS);
      const next = await ask(first(), version);
      assert.equal((await ask(second(), version, next.ticket)).resumed, true, 'from the last secret there is');
    });

    test(`are not given where clients are asked for certificates (${version})`, async () => {
      const authority = await issue(first().clock.unixMs(), { name: 'Devices', isAuthority: true });
      const begun = await ask(first(), version);
      for (const world of worlds) world.publish(asking(authority.certificatePem, 'app'));
      const asked = await ask(first(), version);
      assert.equal((await ask(second(), version, asked.ticket)).resumed, false);
      assert.equal((await ask(second(), version, begun.ticket)).resumed, false, 'an older one is no way around it');
      const elsewhere = await ask(first(), version, undefined, OTHER_HOST);
      assert.equal((await ask(second(), version, elsewhere.ticket, OTHER_HOST)).resumed, true);
      for (const world of worlds) world.publish(asking(authority.certificatePem));
    });
  }

  const asking = (certificatePem: string, ...resourceIds: readonly string[]): LinkRecord => ({
    ...{ kind: 'clientAuthority', id: 'authority', name: 'Devices', resourceIds, certificatePem },
    ...{ fingerprints: [], revokedSerials: [] },
  });

  function openssl(port: number, host: string, ...more: readonly string[]): Promise<string> {
    const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', host, ...more], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
      // With TLS 1.3 tickets come behind the answer.
      if (text.includes('hello')) child.stdin.end();
    });
    child.stdin.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    return new Promise((done) => child.once('close', () => done(text)));
  }
});

describe('what a server speaks', () => {
  let world: PopWorld;
  before(async () => {
    world = await PopWorld.start();
    world.publishBasics();
  });
  after(() => world.stop());

  const offers: [string, object, string][] = [
    ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, 'refused'],
    ['RSA key exchange', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }, 'refused'],
    ['CBC', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256' }, 'refused'],
    ['DHE', { maxVersion: 'TLSv1.2', ciphers: 'DHE-RSA-AES128-GCM-SHA256' }, 'refused'],
    [
      'ChaCha20 before AES',
      { ciphers: 'TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256' },
      'TLS_CHACHA20_POLY1305_SHA256',
    ],
    ['ECDHE and AES with TLS 1.2', { maxVersion: 'TLSv1.2' }, 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ];
  for (const [name, offer, expected] of offers)
    test(`to a client of ${name}: ${expected}`, async () => {
      const port = world.pop.https[0]?.port ?? assert.fail();
      const socket = connect({ host: '127.0.0.1', port, servername: APP_HOST, rejectUnauthorized: false, ...offer });
      const found = await new Promise<string>((done) => {
        socket.once('secureConnect', () => done(socket.getCipher().name));
        socket.once('error', () => done('refused'));
      });
      socket.destroy();
      assert.equal(found, expected);
    });
});
