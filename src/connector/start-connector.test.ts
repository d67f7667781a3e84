// A whole connector that was enrolled before, against a PoP that a test plays.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Failure, formatEndpoint, toBase64Url } from '../base/index.ts';
import {
  CONNECTOR_LINK_PORT,
  type GrantedTarget,
  type SignedDocument,
  type SiteGrant,
  type TargetStatus,
} from '../core/link/index.ts';
import { overlayAddress } from '../core/overlay/index.ts';
import { createClock } from '../io/clock.ts';
import { loadIdentity } from '../io/identity.ts';
import { createLog } from '../io/log.ts';
import { Samples } from '../io/metrics/samples.ts';
import { sha256 } from '../io/overlay/open-overlay.ts';
import type { TunnelFailure, TunnelSocket } from '../io/overlay/tunnel-socket.ts';
import { createRandom } from '../io/random.ts';
import { LinkEnd } from '../testing/link-world.ts';
import { LoopbackNode, readAll } from '../testing/loopback-node.ts';
import { readPrometheusText } from '../testing/prometheus-text.ts';
import { GrantAuthority, signing, siteGrant } from '../testing/site-grants.ts';
import { type ConnectorOptions, type RunningConnector, startConnector } from './start-connector.ts';

const authority = new GrantAuthority();

function options(dataDir: string): ConnectorOptions {
  return {
    dataDir,
    listen: { address: '127.0.0.1', port: 0 },
    tunnels: 2,
    mtu: 1420,
    clock: createClock(),
    random: createRandom(),
    signing,
    log: createLog({ level: 'silent' }),
    software: 'manis/test',
  };
}

function folder(t: TestContext): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'manis-connector-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  return dataDir;
}

class World {
  readonly dataDir: string;
  readonly pop: LoopbackNode;
  readonly connectorKey: Uint8Array;
  readonly targetPort: number;
  running: RunningConnector | undefined;
  #linkOpened: (link: LinkEnd) => void = () => undefined;

  /** The state of a connector that was enrolled, on disk, and the PoP of its grant. */
  static async open(t: TestContext): Promise<World> {
    const dataDir = mkdtempSync(join(tmpdir(), 'manis-connector-'));
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const key = await LoopbackNode.open((await loadIdentity(dataDir)).wireguardPrivateKey);
    await key.driver.close();
    const { port } = server.address() as AddressInfo;
    const world = new World(dataDir, await LoopbackNode.open(), key.device.publicKey, port);
    t.after(async () => {
      await world.stop();
      await world.pop.driver.close();
      server.close();
      rmSync(dataDir, { recursive: true });
    });
    const enrolled = { connectorId: 'con-1', siteId: 'site-1', rootKey: toBase64Url(authority.rootKey) };
    writeFileSync(join(dataDir, 'connector.json'), JSON.stringify(enrolled));
    writeFileSync(join(dataDir, 'grant.json'), JSON.stringify(authority.sign(world.grant(1, [5_000]))));
    return world;
  }

  private constructor(dataDir: string, pop: LoopbackNode, connectorKey: Uint8Array, targetPort: number) {
    this.dataDir = dataDir;
    this.pop = pop;
    this.connectorKey = connectorKey;
    this.targetPort = targetPort;
    pop.knows('connector', connectorKey);
    pop.onAttempt = (attempt) => {
      const stream = attempt.local.port === CONNECTOR_LINK_PORT && pop.driver.accept(attempt);
      if (stream) this.#linkOpened(new LinkEnd(stream));
    };
  }

  grant(revision: number, overlayPorts: readonly number[]): SiteGrant {
    const targets = overlayPorts.map(
      (overlayPort): GrantedTarget => ({
        id: `t-${overlayPort}`,
        overlayPort,
        host: '127.0.0.1',
        port: this.targetPort,
      }),
    );
    const pop = {
      id: 'pop-1',
      name: 'One',
      location: { name: 'here', latitude: 0, longitude: 0 },
      wireguardKey: this.pop.wireguardKey,
      overlayAddress: this.pop.address.text,
      udpEndpoints: [formatEndpoint(this.pop.endpoint)],
      httpsEndpoints: [],
    };
    return siteGrant({ version: { epoch: 1, revision }, pops: [pop], targets });
  }

  /** Starts the connector; gives its link once its hello was heard. */
  async start(more: Partial<ConnectorOptions> = {}): Promise<{ link: LinkEnd; have: unknown }> {
    const opened = this.nextLink();
    this.running = await startConnector({ ...options(this.dataDir), ...more });
    const link = await opened;
    const { have } = (await link.next()) as { have: unknown };
    return { link, have };
  }

  /** The next link that the connector opens. */
  nextLink(): Promise<LinkEnd> {
    return new Promise((resolve) => {
      this.#linkOpened = resolve;
    });
  }

  async stop(): Promise<void> {
    await this.running?.close();
    this.running = undefined;
  }

  connect(port: number): TunnelSocket {
    return this.pop.driver.connect(overlayAddress(this.connectorKey, sha256), port);
  }

  /** What a stream to a port of the connector comes to. */
  async ask(port: number): Promise<string> {
    const stream = this.connect(port);
    stream.end('hello');
    return readAll(stream).catch((error: TunnelFailure) => error.reason);
  }

  /** Offers a grant and asks until the port that it opens is open. */
  async offer(link: LinkEnd, signed: SignedDocument, opens: number): Promise<void> {
    link.send({ type: 'grant', signed });
    for (let i = 0; i < 200 && (await this.ask(opens)) !== 'hello'; i++);
  }
}

test('a connector that starts with its state on disk serves what its grant names, and nothing else', async (t) => {
  const world = await World.open(t);
  const { have } = await world.start();
  assert.deepEqual(have, { epoch: 1, revision: 1 });
  assert.equal(await world.ask(5_000), 'hello');
  for (const port of [5_001, 22, CONNECTOR_LINK_PORT]) assert.equal(await world.ask(port), 'refused');
});

test('a connector tells of its tunnels, its dials and its grant, and is ready once a tunnel is up', async (t) => {
  const world = await World.open(t);
  await world.start();
  assert.equal(await world.ask(5_000), 'hello');
  assert.equal(await world.ask(22), 'refused');
  const { running } = world;
  assert.deepEqual(running?.notReady(), []);
  const samples = new Samples();
  await running?.collect(samples);
  const read = readPrometheusText(samples.text());
  assert.equal(read.value('manis_tunnels', { peer: 'pop', state: 'up' }), 1);
  assert.equal(read.value('manis_tunnel_paths', { peer: 'pop', kind: 'udp' }), 1);
  assert.equal(read.value('manis_connector_dials_total', { outcome: 'accepted' }), 1);
  assert.equal(read.value('manis_connector_dials_total', { outcome: 'not-granted' }), 1);
  assert.equal(read.value('manis_connector_grant_revision'), 1);
  assert.ok(read.value('manis_netstack_packets_total', { direction: 'received' }) > 0);
  assert.ok(read.value('manis_udp_datagrams_sent_total') > 0);
});

test('targets with a check are checked: the state goes to the PoP when it changes, and whole on a new link', async (t) => {
  const world = await World.open(t);
  const { link } = await world.start();
  const timing = {
    intervalMs: 100,
    unhealthyIntervalMs: 100,
    timeoutMs: 5_000,
    healthyThreshold: 1,
    unhealthyThreshold: 1,
  };
  const plain = world.grant(2, [5_000, 6_000]);
  const [first, second] = plain.targets;
  const checked = [first, { ...second, port: 1 }].map((target) => ({ ...target, check: { kind: 'tcp', ...timing } }));
  link.send({ type: 'grant', signed: authority.sign({ ...plain, targets: checked }) });
  const said = new Map<string, string>();
  while (said.size < 2) {
    const { type, status } = (await link.next()) as { type: string; status: TargetStatus[] };
    assert.equal(type, 'targets');
    for (const { targetId, state, reason } of status) said.set(targetId, `${state} ${reason}`);
  }
  assert.deepEqual(Object.fromEntries(said), {
    't-5000': 'healthy ok',
    't-6000': 'unhealthy connect-refused',
  });
  const next = world.nextLink();
  link.stream.destroy();
  const again = await next;
  assert.equal(((await again.next()) as { type: string }).type, 'hello');
  const whole = (await again.next()) as { status: TargetStatus[] };
  assert.deepEqual(whole.status.map(({ targetId }) => targetId).sort(), ['t-5000', 't-6000']);
});

test('a newer grant is in force at once, and after a restart', async (t) => {
  const world = await World.open(t);
  const { link } = await world.start();
  await world.offer(link, authority.sign(world.grant(2, [6_000])), 6_000);
  assert.equal(await world.ask(6_000), 'hello');
  assert.equal(await world.ask(5_000), 'refused');
  await world.stop();
  const { have } = await world.start();
  assert.deepEqual(have, { epoch: 1, revision: 2 });
  assert.equal(await world.ask(6_000), 'hello');
});

test('a PoP that lies opens nothing: forged, older and foreign grants leave the one in force', async (t) => {
  const world = await World.open(t);
  const { link } = await world.start();
  const lies = [
    new GrantAuthority().sign(world.grant(9, [7_000])),
    authority.sign(world.grant(0, [7_000])),
    authority.sign({ ...world.grant(9, [7_000]), siteId: 'site-2' }),
    authority.sign(world.grant(9, [7_000]), 'manis snapshot v1'),
    authority.sign({ ...world.grant(9, [7_000]), targets: 'all' }),
  ];
  for (const signed of lies) link.send({ type: 'grant', signed });
  // The truth comes last, so what it opens shows that the lies were judged.
  await world.offer(link, authority.sign(world.grant(2, [5_000, 6_000])), 6_000);
  assert.equal(await world.ask(7_000), 'refused');
  assert.equal(await world.ask(5_000), 'hello');
});

test('a connector whose clock is wrong says so, by the clock of the PoP that it links with', async (t) => {
  const world = await World.open(t);
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  const { link } = await world.start({ log });
  const pops = [{ popId: 'pop-1', rttMs: 0, draining: false, utilisation: null, tunnels: 1 }];
  link.send({ type: 'reach', whole: true, unixMs: createClock().unixMs() + 86_400_000, pops, gone: [] });
  // What comes behind it shows that it was taken.
  await world.offer(link, authority.sign(world.grant(2, [5_000, 6_000])), 6_000);
  assert.match(lines.join(''), /the clock of this machine is 8640\d s behind that of One: set it right/);
});

test('a connector that is stopped resets its streams and keeps its handshake time', async (t) => {
  const world = await World.open(t);
  await world.start();
  const stream = world.connect(5_000);
  stream.write('hello');
  await once(stream, 'data');
  const broken = once(stream, 'error') as Promise<[TunnelFailure]>;
  await world.stop();
  assert.equal((await broken)[0].reason, 'reset');
  assert.ok(existsSync(join(world.dataDir, 'handshake-time.json')));
});

test('a connector that drains says so, and goes when the streams that are open are over', async (t) => {
  const world = await World.open(t);
  const { link } = await world.start();
  const stream = world.connect(5_000);
  stream.write('hello');
  await once(stream, 'data');
  const drained = world.running?.drain(60_000);
  assert.deepEqual(await link.next(), { type: 'draining', endsInMs: 60_000 });
  assert.equal(await world.ask(5_000), 'hello', 'who had not heard yet is served');
  stream.end();
  stream.resume();
  await drained;
  await world.stop();
});

const unusable: { what: string; files: Record<string, string>; code: string }[] = [
  { what: 'was never enrolled', files: {}, code: 'not-enrolled' },
  {
    what: 'has lost its root key',
    files: { 'connector.json': JSON.stringify({ connectorId: 'c', siteId: 's', rootKey: '%%' }) },
    code: 'connector-state-damaged',
  },
  { what: 'has a damaged file', files: { 'connector.json': '{' }, code: 'file-malformed' },
];
for (const { what, files, code } of unusable) {
  test(`a connector that ${what} does not start: ${code}`, async (t) => {
    const dataDir = folder(t);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dataDir, name), text);
    await assert.rejects(startConnector(options(dataDir)), (error) => error instanceof Failure && error.code === code);
  });
}
