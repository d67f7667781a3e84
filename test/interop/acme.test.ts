// heavy: from a host that is new to a certificate that every PoP serves, against Debian's pebble, with faults.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { fromBase64Url, toBase64, toBase64Url } from '../../src/base/index.ts';
import type { PopEnrolmentResponse } from '../../src/core/link/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { loadIdentity } from '../../src/io/identity.ts';
import { LinkClient } from '../../src/io/link-client.ts';
import { createSigningPort } from '../../src/io/link-crypto.ts';
import { createLog } from '../../src/io/log.ts';
import { createRandom } from '../../src/io/random.ts';
import { NodeSessionCrypto } from '../../src/io/session-crypto.ts';
import { type RunningPop, startPop } from '../../src/pop/start-pop.ts';
import { ControlWorld } from '../../src/testing/control-world.ts';
import { freePort } from '../../src/testing/free-ports.ts';
import { LoopbackDialer, PUBLIC } from '../../src/testing/pop-world.ts';
import { PEBBLE_REQUIREMENTS, Pebble, type PebbleOptions } from '../lab/pebble.ts';
import { POSTGRES_REQUIREMENTS, PostgresServer } from '../lab/postgres-server.ts';
import { missingRequirement, mustHaveTools } from './requirements.ts';

const missing = missingRequirement(PEBBLE_REQUIREMENTS);
if (missing !== undefined && mustHaveTools()) throw new Error(`${missing}; in CI nothing is skipped`);
const withoutPostgres = missingRequirement(POSTGRES_REQUIREMENTS);

const PORTAL_HOST = 'manis.localhost';
const ADDRESSES = ['127.0.0.2', '127.0.0.3'] as const;
const crypto = new NodeSessionCrypto();
const clock = createClock();
const random = createRandom();

interface Ports {
  readonly https: number;
  readonly http: number;
  readonly dns: number;
}

/** A whole PoP that enrols with control and links with it. */
async function startRealPop(
  world: ControlWorld,
  address: string,
  ports: Ports,
  cleanups: (() => unknown)[],
): Promise<RunningPop> {
  const dataDir = mkdtempSync(join(tmpdir(), 'manis-acme-pop-'));
  const identity = await loadIdentity(dataDir);
  const location = { name: 'Here', latitude: 0, longitude: 0 };
  const { token } = await world.must('POST', '/pops/enrolment-tokens', { name: address, location });
  const answer = await world.call('POST', '/enrol/v1/pop', {
    token,
    wireguardKey: toBase64(random.bytes(32)),
    signingKey: toBase64Url(identity.signer.publicKey),
    udpEndpoints: [`${address}:51820`],
    httpsEndpoints: [`${address}:${ports.https}`],
  });
  const { popId, rootKey: rootKeyText, linkUrls: urls } = answer.body as PopEnrolmentResponse;
  const rootKey = fromBase64Url(rootKeyText) ?? new Uint8Array();
  const own = { draining: false, load: { connections: 0, capacity: 1, cpu: 0 } };
  const pop = await startPop({
    ...{ dataDir, popId, identity, rootKey, crypto, clock, random, dialer: new LoopbackDialer() },
    log: createLog({ level: 'silent' }),
    https: [{ host: address, port: ports.https }],
    httpRedirect: { host: address, port: ports.http },
    dns: { listen: [{ host: address, port: ports.dns }], peers: { peers: () => [] }, own: () => own },
    openLink: (events) =>
      new LinkClient({
        ...{ urls, popId, rootKey, signer: identity.signer, port: createSigningPort(crypto), clock, random },
        ...{ software: 'pop/test', retryFirstMs: 5 },
        ...events,
      }),
  });
  cleanups.push(async () => {
    await pop.stop(0);
    rmSync(dataDir, { recursive: true, force: true });
  });
  return pop;
}

/** What a browser meets that trusts the test's authority alone, or with no authority everybody. */
async function visit(host: string, address: string, port: number, ca?: string): Promise<TLSSocket> {
  const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
  const socket = connect({ host: address, port, servername: host, ALPNProtocols: ['http/1.1'], ...trust });
  await once(socket, 'secureConnect');
  return socket;
}

async function untilSo<Value>(what: string, ask: () => Promise<Value | undefined>, tries = 600): Promise<Value> {
  for (let i = 0; i < tries; i++) {
    const value = await ask();
    if (value !== undefined) return value;
    await sleep(100);
  }
  throw new Error(`it did not come about: ${what}`);
}

interface Shown {
  readonly state: string;
  readonly issuedBy: string | null;
  readonly notAfterUnixMs: number;
  readonly order: { phase: string; failures: number; challenges: { kind: string }[] } | null;
  readonly error: { code: string; detail: string } | null;
}

describe('certificates from pebble', { skip: missing }, () => {
  let world: ControlWorld;
  let ports: Ports;
  const cleanups: (() => unknown)[] = [];
  before(async () => {
    world = new ControlWorld();
    cleanups.push(() => world.end());
    await world.start({ dnsZone: PORTAL_HOST });
    ports = { https: await freePort(), http: await freePort(), dns: await freePort() };
    for (const address of ADDRESSES) await startRealPop(world, address, ports, cleanups);
  });
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  async function startPebble(options: PebbleOptions = {}): Promise<Pebble> {
    const pebble = await Pebble.start({ httpPort: ports.http, tlsPort: ports.https, ...options });
    cleanups.push(() => pebble.stop());
    return pebble;
  }
  const localCa = (): string => readFileSync(world.control.caFile, 'utf8');
  const settingsFor = (pebble: Pebble, more: object = {}) => ({
    ...{ directoryUrl: pebble.directoryUrl, caPem: pebble.caPem, termsAgreed: true, contacts: ['ada@example.org'] },
    ...more,
  });
  const show = (host: string): Promise<Shown> => world.must('GET', `/certificates/${encodeURIComponent(host)}`);
  const untilIssued = (host: string) =>
    untilSo(`a certificate for ${host}`, async () => {
      const answer = await world.api('GET', `/certificates/${encodeURIComponent(host)}`);
      const { state, issuedBy, error } = answer.body as Shown;
      if (error && state !== 'valid') throw new Error(`${error.code}: ${error.detail}`);
      return state === 'valid' && issuedBy === 'acme' ? (answer.body as Shown) : undefined;
    });
  /** Every PoP shows a certificate of the authority to a browser that trusts nobody else. */
  async function everyPopServes(host: string, ca: string): Promise<void> {
    for (const address of ADDRESSES)
      await untilSo(`${address} serves ${host}`, async () => {
        const socket = await visit(host, address, ports.https, ca).catch(() => undefined);
        socket?.destroy();
        return socket && true;
      });
  }
  const addHost = (host: string) => world.must('POST', '/resources', { name: host, host, policy: PUBLIC, targets: [] });

  test('the portal and its wildcard by the PoPs’ own DNS', async () => {
    const pebble = await startPebble({ dnsServer: `${ADDRESSES[1]}:${ports.dns}` });
    await world.must('PUT', '/acme', settingsFor(pebble));
    await untilIssued(PORTAL_HOST);
    const ca = await pebble.rootPem();
    await everyPopServes(PORTAL_HOST, ca);
    await everyPopServes(`anything.${PORTAL_HOST}`, ca);
    const { items } = await world.must('GET', '/audit?action=certificate.issue');
    assert.ok(JSON.stringify(items).includes(PORTAL_HOST));
  });

  test('a host that is new over HTTP at any PoP, while nonces are refused; nobody lifts a hand', async () => {
    const pebble = await startPebble({ environment: { PEBBLE_WFE_NONCEREJECT: '30' } });
    // The directory asks the second PoP, whichever node and PoP did the work.
    await pebble.setAddress('shop.example', [ADDRESSES[1]]);
    await pebble.setAddress(PORTAL_HOST, [ADDRESSES[0]]);
    await world.must('PUT', '/acme', settingsFor(pebble));
    await addHost('shop.example');
    await untilIssued('shop.example');
    await everyPopServes('shop.example', await pebble.rootPem());
  });

  test('where port 80 is closed the next try goes over TLS; open connections stay open through it all', async () => {
    const pebble = await startPebble({ httpPort: 1 });
    await pebble.setAddress('tls.example', [ADDRESSES[0]]);
    await world.must('PUT', '/acme', settingsFor(pebble));
    const held = await visit(PORTAL_HOST, ADDRESSES[0], ports.https);
    await addHost('tls.example');
    const failed = await untilSo('a failure', async () => {
      const answer = await world.api('GET', '/certificates/tls.example');
      return (answer.body as Shown).error ? (answer.body as Shown) : undefined;
    });
    assert.equal(failed.error?.code, 'acme-refused');
    assert.match(failed.error?.detail ?? '', /tls\.example by http-01/);
    assert.equal(failed.state, 'missing');
    await assert.rejects(visit('tls.example', ADDRESSES[0], ports.https, await pebble.rootPem()));
    await world.must('POST', '/certificates/tls.example/renew');
    await untilSo('a certificate', async () => ((await show('tls.example')).issuedBy === 'acme' ? true : undefined));
    await everyPopServes('tls.example', await pebble.rootPem());
    held.write(`GET /.manis/health HTTP/1.1\r\nHost: ${PORTAL_HOST}\r\n\r\n`);
    const [chunk] = await once(held, 'data');
    assert.match(String(chunk), /^HTTP\/1\.1 200/);
    held.destroy();
  });

  test('a renewal by hand is served to new connections, without a restart', async () => {
    const serial = async () => {
      const socket = await visit('tls.example', ADDRESSES[1], ports.https);
      const number = socket.getPeerX509Certificate()?.serialNumber;
      socket.destroy();
      return number;
    };
    const first = await serial();
    await world.must('POST', '/certificates/tls.example/renew');
    await untilSo('another certificate', async () => ((await serial()) === first ? undefined : true));
  });

  test('slow validation, and orders that are refused, end well or say why', async () => {
    const pebble = await startPebble({ environment: { PEBBLE_VA_NOSLEEP: '0', PEBBLE_VA_SLEEPTIME: '3' } });
    await pebble.setAddress('slow.example', [ADDRESSES[0]]);
    await pebble.setAddress('nowhere.example', ['127.0.0.9']);
    await world.must('PUT', '/acme', settingsFor(pebble));
    await addHost('slow.example');
    await addHost('nowhere.example');
    await untilIssued('slow.example');
    const failed = await untilSo('a refusal', async () => {
      const shown = await show('nowhere.example');
      return shown.error ? shown : undefined;
    });
    assert.equal(failed.error?.code, 'acme-refused');
    assert.equal(failed.order?.failures, 1);
    assert.deepEqual(failed.order?.challenges, [], 'the answers were taken back');
  });

  test('a directory that is down for a while is waited for', async () => {
    const pebble = await startPebble();
    await pebble.setAddress('later.example', [ADDRESSES[0]]);
    await pebble.down();
    await world.must('PUT', '/acme', settingsFor(pebble));
    await addHost('later.example');
    const failed = await untilSo('a failure', async () => {
      const shown = await show('later.example');
      return shown.error ? shown : undefined;
    });
    assert.equal(failed.error?.code, 'acme-unreachable');
    await pebble.restart();
    await world.must('POST', '/certificates/later.example/renew');
    await untilSo('a certificate', async () => ((await show('later.example')).issuedBy === 'acme' ? true : undefined));
  });

  test('the local authority takes over again when the directory is removed', async () => {
    await world.must('DELETE', '/acme');
    await untilSo('a local one', async () => ((await show(PORTAL_HOST)).issuedBy === 'local' ? true : undefined));
    await everyPopServes(PORTAL_HOST, localCa());
    assert.equal((await world.api('GET', '/acme')).body.code, 'acme-not-set');
    assert.equal((await world.api('POST', `/certificates/${PORTAL_HOST}/renew`)).body.code, 'certificate-not-ordered');
  });
});

describe('certificates from pebble, with two control nodes', { skip: missing ?? withoutPostgres }, () => {
  test('the death of the node that ordered is survived', { timeout: 240_000 }, async (t) => {
    const server = await PostgresServer.start();
    const cleanups: (() => unknown)[] = [() => server.remove()];
    t.after(async () => {
      for (const cleanup of cleanups.reverse()) await cleanup();
    });
    const database = await server.createDatabase();
    const worlds = [new ControlWorld(), new ControlWorld()] as const;
    cleanups.push(() => Promise.all(worlds.map((world) => world.end())));
    const store = { store: { url: server.url(database) } };
    for (const world of worlds) await world.start(store);
    const ports = { https: await freePort(), http: await freePort(), dns: await freePort() };
    for (const address of ADDRESSES) await startRealPop(worlds[1], address, ports, cleanups);
    const pebble = await Pebble.start({
      ...{ httpPort: ports.http, tlsPort: ports.https },
      environment: { PEBBLE_VA_NOSLEEP: '0', PEBBLE_VA_SLEEPTIME: '6' },
    });
    cleanups.push(() => pebble.stop());
    await pebble.setAddress('shop.example', ADDRESSES);
    const [first, second] = worlds;
    const settings = { directoryUrl: pebble.directoryUrl, caPem: pebble.caPem, termsAgreed: true, isDefault: true };
    // The first node orders, and is gone before the directory has looked.
    await first.must('PUT', '/acme', settings);
    await first.must('POST', '/resources', { name: 'shop', host: 'shop.example', policy: PUBLIC, targets: [] });
    await untilSo('an order under way', async () => {
      const { body } = await first.api('GET', '/certificates/shop.example');
      return body.order && body.order.phase !== 'waiting' ? true : undefined;
    });
    await first.stop();
    const shown = await untilSo('a certificate', async () => {
      const { body } = await second.api('GET', '/certificates/shop.example');
      return body.issuedBy === 'acme' ? body : undefined;
    });
    assert.equal(shown.state, 'valid');
    const ca = await pebble.rootPem();
    for (const address of ADDRESSES)
      await untilSo(`${address} serves it`, async () => {
        const socket = await visit('shop.example', address, ports.https, ca).catch(() => undefined);
        socket?.destroy();
        return socket && true;
      });
  });
});
