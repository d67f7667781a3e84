/** heavy: a PoP and a connector between which UDP does not get through, then does, then does not again. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { toBase64Url } from '../../src/base/index.ts';
import { type RunningConnector, startConnector } from '../../src/connector/start-connector.ts';
import type { PathKind } from '../../src/core/overlay/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { loadIdentity } from '../../src/io/identity.ts';
import { createLog } from '../../src/io/log.ts';
import type { OutboundSettings } from '../../src/io/outbound/outbound-agents.ts';
import { createRandom } from '../../src/io/random.ts';
import { PopTunnels } from '../../src/pop/tunnels/pop-tunnels.ts';
import { ConnectProxy } from '../../src/testing/connect-proxy.ts';
import { LoopbackNode } from '../../src/testing/loopback-node.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource } from '../../src/testing/pop-world.ts';
import { GrantAuthority, signing, siteGrant } from '../../src/testing/site-grants.ts';
import { UdpGate } from '../../src/testing/udp-gate.ts';

const OVERLAY_PORT = 5_000;
const PIECE_BYTES = 65_536;
const PATIENCE_MS = 60_000;

const clock = createClock();
const random = createRandom();
const log = createLog({ level: 'silent' });
const authority = new GrantAuthority();

/** An application: `/hello` answers, `/pieces` gives as much as the test says, when the test says. */
class Application {
  readonly hash = createHash('sha256');
  readonly server = createServer((request, response) => {
    if (request.url === '/hello') return void response.end('hello');
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    this.#pieces = response;
    response.flushHeaders();
    this.#asked.resolve();
  });
  readonly #asked = Promise.withResolvers<void>();
  /** Resolves when `/pieces` was asked for. */
  readonly asked = this.#asked.promise;
  #pieces: ServerResponse | undefined;
  given = 0;

  give(pieces: number): void {
    for (let i = 0; i < pieces; i++) {
      const piece = Buffer.from(random.bytes(PIECE_BYTES));
      this.hash.update(piece);
      this.given += piece.length;
      this.#pieces?.write(piece);
    }
  }

  end(): void {
    this.#pieces?.end();
  }
}

interface World {
  readonly application: Application;
  readonly gate: UdpGate;
  readonly pop: PopWorld;
  readonly tunnels: PopTunnels;
  readonly connector: RunningConnector;
  /** How the connector's packets travel now. */
  path(): PathKind | undefined;
}

async function openTunnels(privateKey: Uint8Array): Promise<PopTunnels> {
  return PopTunnels.open({
    ...{ clock, random, log, privateKey, popId: 'pop-1', software: 'manis/test', mtu: 1420 },
    listen: { address: '127.0.0.1', port: 0 },
    report: () => ({ draining: false, load: { connections: 0, capacity: 1, cpu: 0 } }),
    onChange: () => undefined,
    onLost: () => undefined,
  });
}

/** Who a private key is to others. */
async function publicSideOf(privateKey: Uint8Array): Promise<{ wireguardKey: string; overlayAddress: string }> {
  const node = await LoopbackNode.open(privateKey);
  await node.driver.close();
  return { wireguardKey: node.wireguardKey, overlayAddress: node.address.text };
}

async function openWorld(
  t: TestContext,
  { isOpen = false, outbound = {} }: { isOpen?: boolean; outbound?: OutboundSettings } = {},
): Promise<World> {
  const cleanups: (() => unknown)[] = [];
  t.after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });
  const application = new Application();
  await once(application.server.listen(0, '127.0.0.1'), 'listening');
  cleanups.push(() => application.server.close());

  const popKey = random.bytes(32);
  const popSide = await publicSideOf(popKey);
  const tunnels = await openTunnels(popKey);
  cleanups.push(() => tunnels.close());
  const pop = await PopWorld.start({ dialer: tunnels, carrier: tunnels.carriers.door });
  cleanups.push(() => pop.stop());
  const gate = await UdpGate.start(tunnels.port);
  gate.isOpen = isOpen;
  cleanups.push(() => gate.stop());

  const dataDir = mkdtempSync(join(tmpdir(), 'manis-connector-'));
  cleanups.push(() => rmSync(dataDir, { recursive: true }));
  const connectorSide = await publicSideOf((await loadIdentity(dataDir)).wireguardPrivateKey);
  const record = { kind: 'connector', id: 'connector-1', name: 'one', siteId: 'site-1', ...connectorSide } as const;
  const grant = authority.sign(
    siteGrant({
      version: { epoch: 1, revision: 1 },
      portalHost: PORTAL_HOST,
      pops: [
        {
          ...{ id: 'pop-1', name: 'One', location: { name: 'here', latitude: 0, longitude: 0 }, ...popSide },
          udpEndpoints: [`127.0.0.1:${gate.port}`],
          httpsEndpoints: [`127.0.0.1:${pop.port}`],
        },
      ],
      targets: [
        {
          ...{ id: 't-1', overlayPort: OVERLAY_PORT, host: '127.0.0.1' },
          port: (application.server.address() as AddressInfo).port,
        },
      ],
    }),
  );
  pop.publishBasics(resource(OVERLAY_PORT, { policy: PUBLIC }), record);
  await tunnels.follow({ connectors: [record], pops: [], grants: new Map([['site-1', grant]]) });

  const enrolled = { connectorId: 'connector-1', siteId: 'site-1', rootKey: toBase64Url(authority.rootKey) };
  writeFileSync(join(dataDir, 'connector.json'), JSON.stringify(enrolled));
  writeFileSync(join(dataDir, 'grant.json'), JSON.stringify(grant));
  const connector = await startConnector({
    ...{ dataDir, outbound, clock, random, signing, log, software: 'manis/test' },
    ...{ listen: { address: '127.0.0.1', port: 0 }, tunnels: 1, mtu: 1420 },
  });
  cleanups.push(() => connector.close());
  const path = (): PathKind | undefined => connector.status()[0]?.paths.find(({ active }) => active)?.kind;
  return { application, gate, pop, tunnels, connector, path };
}

/** Waits for what has to come, however fast this machine is; gives how long it took. */
async function until(holds: () => boolean, what: string): Promise<number> {
  const startMs = clock.nowMs();
  while (!holds()) {
    if (clock.nowMs() - startMs > PATIENCE_MS) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
    await sleep(20);
  }
  return Math.round(clock.nowMs() - startMs);
}

const isUp = ({ connector, tunnels }: World): boolean =>
  connector.status()[0]?.state === 'up' && tunnels.attached()[0]?.state === 'up';

/** A download that goes on while the network changes. */
function download({ pop }: World): { received: () => number; whole: Promise<string> } {
  const hash = createHash('sha256');
  let bytes = 0;
  const whole = new Promise<string>((resolve, reject) => {
    const asked = httpsRequest(
      {
        ...{ host: '127.0.0.1', port: pop.port, servername: APP_HOST, agent: pop.agent, path: '/pieces' },
        headers: { host: `${APP_HOST}:${pop.port}` },
      },
      (response) => {
        response.on('data', (part: Buffer) => {
          bytes += part.length;
          hash.update(part);
        });
        response.on('end', () => resolve(hash.digest('hex')));
        response.on('error', reject);
        response.on('aborted', () => reject(new Error('the download broke')));
      },
    );
    asked.on('error', reject);
    asked.end();
  });
  return { received: () => bytes, whole };
}

test('a connector whose UDP is blocked serves over TLS, climbs back to UDP, and falls back to TLS mid-download', async (t) => {
  const world = await openWorld(t);
  const { application, gate, pop, path } = world;
  t.diagnostic(`tunnel up over TLS after ${await until(() => isUp(world), 'a tunnel over TLS')} ms`);
  assert.equal(path(), 'tls');
  assert.equal(gate.passed, 0);
  assert.ok(gate.swallowed > 0, 'UDP was tried');
  assert.equal((await pop.fetch(APP_HOST, '/hello')).body, 'hello');

  const { received, whole } = download(world);
  // A download that fails early must not wait for the test to come to its end.
  whole.catch(() => undefined);
  await application.asked;
  const flow = async (what: string): Promise<number> => {
    application.give(20);
    return until(() => received() === application.given, what);
  };
  await flow('pieces over TLS');

  gate.isOpen = true;
  t.diagnostic(`traffic back on UDP after ${await until(() => path() === 'udp', 'UDP again')} ms`);
  const before = gate.passed;
  await flow('pieces over UDP');
  assert.ok(gate.passed - before > 100, `${gate.passed - before} datagrams for 20 pieces`);

  application.give(20);
  gate.isOpen = false;
  t.diagnostic(`20 pieces arrived ${await flow('pieces over TLS again')} ms after UDP stopped`);
  assert.equal(path(), 'tls');
  application.end();
  assert.equal(await whole, application.hash.digest('hex'));
});

test('a connector whose UDP stops before it ever had a carrier goes on over TLS', async (t) => {
  const world = await openWorld(t, { isOpen: true });
  const { application, gate, path } = world;
  await until(() => isUp(world) && path() === 'udp', 'a tunnel over UDP');
  const { received, whole } = download(world);
  whole.catch(() => undefined);
  await application.asked;
  application.give(1);
  await until(() => received() > 0, 'the download has begun');
  gate.isOpen = false;
  application.give(20);
  t.diagnostic(
    `traffic over TLS ${await until(() => received() === application.given, 'the rest')} ms after UDP stopped`,
  );
  assert.equal(path(), 'tls');
  application.end();
  assert.equal(await whole, application.hash.digest('hex'));
});

test('a connector behind a proxy that wants credentials, with UDP blocked, serves through it', async (t) => {
  const proxy = await ConnectProxy.start({ credentials: 'ada:secret' });
  t.after(() => proxy.stop());
  const world = await openWorld(t, { outbound: { proxy: { url: proxy.url('ada:secret'), except: [] } } });
  await until(() => isUp(world), 'a tunnel through the proxy');
  assert.equal((await world.pop.fetch(APP_HOST, '/hello')).body, 'hello');
  assert.deepEqual(proxy.asked, [`127.0.0.1:${world.pop.port}`]);
  // The proxy forgets its connections: the carrier opens again.
  proxy.cut();
  await until(() => proxy.asked.length === 2, 'another carrier');
  await until(() => isUp(world) && world.path() === 'tls', 'the tunnel again');
  assert.equal((await world.pop.fetch(APP_HOST, '/hello')).body, 'hello');
});
