// Carriers over real TLS on the loopback address: a listener as the PoP has it, and the dialer of a connector.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { type ClientOptions, WebSocket } from 'ws';
import { type Endpoint, parseEndpoint } from '../../base/index.ts';
import { CARRIER_PATH, LENGTH_BYTES, MAXIMUM_FRAME_BYTES } from '../../core/carrier/index.ts';
import { isCarrierEndpoint } from '../../core/overlay/index.ts';
import { ConnectProxy } from '../../testing/connect-proxy.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { issueLeaf, type LocalCa, openLocalCa } from '../certificates.ts';
import { ConnectionLimiter } from '../connection-limiter.ts';
import { HandshakeTimes } from '../handshake-times.ts';
import { type Listener, listenHttps, serverContext } from '../https-server.ts';
import type { OutboundSettings } from '../outbound/outbound-agents.ts';
import { createRandom } from '../random.ts';
import type { Carrier, CarrierEnd } from './carrier.ts';
import { CarrierDialer } from './carrier-dialer.ts';
import { type CarrierLimits, CarrierServer } from './carrier-server.ts';
import { Carriers } from './carriers.ts';
import { FULL_BYTES, PROOF_MS, STANDING_BYTES, STANDING_DOUBT_MS, STANDING_MS, UNUSED_MS } from './constants.ts';

const HOST = 'manis.localhost';
const LISTENER_LIMITS = {
  headerBytes: 16_384,
  headerCount: 100,
  headersTimeoutMs: 10_000,
  handshakeTimeoutMs: 10_000,
  keepAliveMs: 5_000,
  idleMs: 60_000,
  requestsPerConnection: 100,
};

/** The carriers of one node, and what arrives by them. */
class Node {
  readonly clock = new VirtualClock(1_000, 0);
  readonly received: { readonly bytes: Buffer; readonly from: Endpoint }[] = [];
  readonly ended: [Carrier, CarrierEnd][] = [];
  #watchers: (() => void)[] = [];
  readonly carriers = new Carriers({
    clock: this.clock,
    receiver: {
      receiveCarried: (bytes, offset, length, from) => {
        this.received.push({ bytes: Buffer.from(bytes.subarray(offset, offset + length)), from });
      },
      wake: () => this.#tell(),
    },
    onEnded: (carrier, why) => {
      this.ended.push([carrier, why]);
      this.#tell();
    },
  });

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  #tell(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}

describe('a carrier', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-carrier-'));
  let authority: LocalCa;
  let context: ReturnType<typeof serverContext>;
  before(async () => {
    const random = createRandom();
    authority = await openLocalCa(folder, Date.now(), random);
    const leaf = issueLeaf(authority, { dns: [HOST], ip: ['127.0.0.1'] }, Date.now(), random);
    context = serverContext(leaf.chainPem, leaf.keyPem);
  });
  after(() => rmSync(folder, { recursive: true }));

  interface World {
    readonly pop: Node;
    readonly server: CarrierServer;
    readonly listener: Listener;
    readonly used: Set<string>;
    readonly connector: Node;
    dial(outbound?: OutboundSettings): Promise<WebSocket>;
    open(): Promise<{ near: Carrier; far: Carrier; socket: WebSocket }>;
  }

  async function openWorld(t: TestContext, limits: Partial<CarrierLimits> = {}): Promise<World> {
    const pop = new Node();
    const connector = new Node();
    const used = new Set<string>();
    const node = { usesCarrier: ({ address }: Endpoint): boolean => used.has(address.text) };
    const server = new CarrierServer({ carriers: pop.carriers, clock: pop.clock, node, limits });
    const certificates = { contextFor: (name: string) => (name === HOST ? context : undefined) };
    const limiter = new ConnectionLimiter(100, 100, () => undefined);
    const listener = await listenHttps(
      { host: '127.0.0.1', port: 0 },
      certificates,
      LISTENER_LIMITS,
      limiter,
      {
        request: (_request, response) => void response.end('a page'),
        upgrade: ({ stream }) => void stream.destroy(),
        malformed: () => undefined,
        carrier: server.door,
      },
      new HandshakeTimes(pop.clock, () => undefined),
    );
    const dialers: CarrierDialer[] = [];
    t.after(async () => {
      connector.carriers.close();
      server.close();
      for (const dialer of dialers) dialer.close();
      await listener.close(0);
    });
    const dial = async (outbound: OutboundSettings = {}): Promise<WebSocket> => {
      const dialer = new CarrierDialer(outbound);
      dialers.push(dialer);
      return (await dialer.dial({ endpoint: `127.0.0.1:${listener.port}`, serverName: HOST })).socket;
    };
    const open = async () => {
      const socket = await dial();
      const near = connector.carriers.add(socket);
      // The PoP's end is there when the first datagram is.
      const before = pop.received.length;
      connector.carriers.send(near.endpoint, Buffer.from('hello'));
      await pop.until(() => pop.received.length > before);
      const far = pop.received.at(-1)?.from as Endpoint;
      return { near, far: { endpoint: far } as Carrier, socket };
    };
    return { pop, server, listener, used, connector, dial, open };
  }

  test('carries datagrams of every size both ways, each as it was', async (t) => {
    const { pop, connector, open } = await openWorld(t);
    const { near, far } = await open();
    assert.ok(isCarrierEndpoint(near.endpoint));
    const sizes = [1, 32, 148, 1_452, 9_000, MAXIMUM_FRAME_BYTES - LENGTH_BYTES];
    const datagrams = sizes.map((size, index) => Buffer.alloc(size, index + 1));
    for (const datagram of datagrams) {
      connector.carriers.send(near.endpoint, datagram);
      pop.carriers.send(far.endpoint, datagram);
      // What is sent is copied: the driver uses its slab again.
      const scratch = Buffer.from('scratch');
      connector.carriers.send(near.endpoint, scratch);
      scratch.fill(0);
    }
    await connector.until(() => connector.received.length >= sizes.length);
    await pop.until(() => pop.received.length >= 1 + 2 * sizes.length);
    assert.deepEqual(
      connector.received.map(({ bytes }) => bytes),
      datagrams,
    );
    const arrived = pop.received.slice(1).map(({ bytes }) => bytes);
    assert.deepEqual(
      arrived.filter((_bytes, index) => index % 2 === 0),
      datagrams,
    );
    assert.ok(arrived.every((bytes, index) => index % 2 === 0 || bytes.toString() === 'scratch'));
    assert.ok(connector.received.every(({ from }) => from === near.endpoint));
  });

  test('puts what one turn says into one frame', async (t) => {
    const { pop, connector, open } = await openWorld(t);
    const { near } = await open();
    const before = near.sentFrames;
    for (let i = 0; i < 40; i++) connector.carriers.send(near.endpoint, Buffer.alloc(1_452, i));
    await pop.until(() => pop.received.length >= 41);
    assert.equal(near.sentFrames - before, 1);
    for (let i = 0; i < 100; i++) connector.carriers.send(near.endpoint, Buffer.alloc(1_452, i));
    await pop.until(() => pop.received.length >= 141);
    assert.equal(near.sentFrames - before, 1 + Math.ceil((100 * 1_454) / MAXIMUM_FRAME_BYTES));
  });

  test('opens through a proxy that wants credentials', async (t) => {
    const proxy = await ConnectProxy.start({ credentials: 'ada:secret' });
    t.after(() => proxy.stop());
    const { pop, connector, listener, dial } = await openWorld(t);
    const socket = await dial({ proxy: { url: proxy.url('ada:secret'), except: [] } });
    connector.carriers.send(connector.carriers.add(socket).endpoint, Buffer.from('hello'));
    await pop.until(() => pop.received.length === 1);
    assert.deepEqual(proxy.asked, [`127.0.0.1:${listener.port}`]);
    await assert.rejects(dial({ proxy: { url: proxy.url(), except: [] } }), { code: 'proxy-authentication' });
  });

  test('tells whether the certificate is one to trust, and opens in either case', async (t) => {
    const { listener } = await openWorld(t);
    for (const [ca, distrust] of [
      [authority.certificatePem, undefined],
      [undefined, 'SELF_SIGNED_CERT_IN_CHAIN'],
    ] as const) {
      const dialer = new CarrierDialer(ca ? { ca } : {});
      const dialled = await dialer.dial({ endpoint: `127.0.0.1:${listener.port}`, serverName: HOST });
      dialled.socket.terminate();
      dialer.close();
      assert.equal(dialled.distrust, distrust);
    }
  });

  test('does not open where the PoP has no such host, nobody listens, or it was given up', async (t) => {
    const { listener } = await openWorld(t);
    const dialer = new CarrierDialer({});
    t.after(() => dialer.close());
    const there = `127.0.0.1:${listener.port}`;
    const unreachable = { code: 'carrier-unreachable' };
    await assert.rejects(dialer.dial({ endpoint: there, serverName: 'other.localhost' }), unreachable);
    await assert.rejects(dialer.dial({ endpoint: '127.0.0.1:1', serverName: HOST }), unreachable);
    const stopped = AbortSignal.abort();
    await assert.rejects(dialer.dial({ endpoint: there, serverName: HOST }, stopped), unreachable);
  });

  test('is cut where it brings no proof in time, and kept where it does', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const { pop, used, open } = await openWorld(t);
    const idle = await open();
    const proven = await open();
    used.add(proven.far.endpoint.address.text);
    pop.clock.advance(PROOF_MS - 1);
    t.mock.timers.tick(1_000);
    assert.equal(pop.carriers.size, 2);
    pop.clock.advance(1);
    t.mock.timers.tick(1_000);
    assert.deepEqual(
      pop.ended.map(([carrier, why]) => [carrier.endpoint, why]),
      [[idle.far.endpoint, 'unproven']],
    );
    used.clear();
    pop.clock.advance(UNUSED_MS);
    t.mock.timers.tick(1_000);
    assert.equal(pop.ended.at(-1)?.[1], 'unused');
    assert.equal(pop.carriers.size, 0);
  });

  test('is refused where there are too many of one address, or in all', async (t) => {
    for (const [limits, reason] of [
      [{ perAddress: 2 }, 'carriers-per-address'],
      [{ total: 2 }, 'carriers-total'],
    ] as const) {
      const { server, dial, open } = await openWorld(t, limits);
      await open();
      const { socket } = await open();
      await assert.rejects(dial(), { code: 'carrier-refused', message: /answered 503 to a carrier$/ });
      assert.equal(server.refused()[reason], 1);
      socket.close();
      await once(socket, 'close');
      for (let opened = false; !opened; ) opened = await dial().then(Boolean, () => false);
    }
  });

  test('makes room for itself where many are without proof, and never at the cost of a proven one', async (t) => {
    const { pop, used, open } = await openWorld(t, { unproven: 2 });
    const proven = await open();
    used.add(proven.far.endpoint.address.text);
    const oldest = await open();
    await open();
    assert.equal(pop.ended.length, 0);
    await open();
    assert.deepEqual(
      pop.ended.map(([carrier, why]) => [carrier.endpoint, why]),
      [[oldest.far.endpoint, 'unproven']],
    );
  });

  const hostile: [what: string, send: (socket: WebSocket) => void, why: CarrierEnd][] = [
    ['text', (socket) => socket.send('hello'), 'not-binary'],
    ['an empty frame', (socket) => socket.send(Buffer.alloc(0)), 'frame-empty'],
    ['half a datagram', (socket) => socket.send(Buffer.from([0, 9, 1])), 'frame-cut-short'],
    ['a frame that is too long', (socket) => socket.send(Buffer.alloc(MAXIMUM_FRAME_BYTES + 1, 1)), 'closed'],
    [
      'a frame in countless pieces',
      (socket) => {
        for (let i = 0; i < 100; i++) socket.send(Buffer.from([0]), { fin: false });
      },
      'closed',
    ],
  ];
  for (const [what, send, why] of hostile) {
    test(`that brings ${what} is cut: ${why}`, async (t) => {
      const { pop, connector, open } = await openWorld(t);
      const { socket } = await open();
      send(socket);
      await pop.until(() => pop.ended.length === 1);
      assert.equal(pop.ended[0]?.[1], why);
      assert.equal(pop.carriers.counters().ended[why], 1);
      assert.equal(pop.received.length, 1);
      await connector.until(() => connector.ended.length === 1);
    });
  }

  test('drops what it has no room for, counts it, and goes on when there is room', async (t) => {
    const { pop, connector, open } = await openWorld(t);
    const { near } = await open();
    const datagram = Buffer.alloc(1_452, 7);
    for (let i = 0; i < 2 * (FULL_BYTES / datagram.length); i++) connector.carriers.send(near.endpoint, datagram);
    assert.ok(near.waitingBytes <= FULL_BYTES + MAXIMUM_FRAME_BYTES, `${near.waitingBytes} bytes wait`);
    const { sentDatagrams, droppedDatagrams } = connector.carriers.counters();
    assert.ok(droppedDatagrams > 500, `${droppedDatagrams} dropped`);
    await pop.until(() => pop.received.length === sentDatagrams);
    connector.carriers.send(near.endpoint, Buffer.from('again'));
    await pop.until(() => pop.received.at(-1)?.bytes.toString() === 'again');
  });

  test('drops early where a queue stands', async (t) => {
    const { connector, open } = await openWorld(t);
    const { near } = await open();
    for (let i = 0; i < 100; i++) connector.carriers.send(near.endpoint, Buffer.alloc(1_452));
    assert.ok(near.waitingBytes > STANDING_BYTES);
    assert.equal(near.droppedDatagrams, 0);
    connector.clock.advance(STANDING_MS + 1);
    connector.carriers.send(near.endpoint, Buffer.alloc(1_452));
    assert.equal(near.droppedDatagrams, 0, 'this process may have been held up');
    connector.clock.advance(STANDING_DOUBT_MS);
    connector.carriers.send(near.endpoint, Buffer.alloc(1_452));
    assert.equal(near.droppedDatagrams, 1);
  });

  test('that ended takes datagrams and drops them', async (t) => {
    const { connector, open } = await openWorld(t);
    const { near } = await open();
    near.end('dead');
    connector.carriers.send(near.endpoint, Buffer.from('lost'));
    assert.equal(connector.carriers.counters().droppedDatagrams, 1);
    assert.deepEqual(
      connector.ended.map(([, why]) => why),
      ['dead'],
    );
  });

  test('does not answer pings of somebody who does not read', async (t) => {
    const { pop, open } = await openWorld(t);
    const { socket } = await open();
    socket.pause();
    for (let i = 0; i < 50_000; i++) socket.ping(Buffer.alloc(100));
    socket.send(Buffer.from([0, 1, 9]));
    await pop.until(() => pop.received.length === 2);
    assert.equal(pop.carriers.size, 1);
  });

  test('holds up no listener that stops, once clients are gone', async (t) => {
    const { listener, connector, open } = await openWorld(t);
    await open();
    const raw = connect(listener.port, '127.0.0.1');
    const client = tlsConnect({ socket: raw, servername: HOST, rejectUnauthorized: false });
    await once(client, 'secureConnect');
    // A request that was begun, so that the connection is not an idle one.
    client.write('GET / HTTP/1.1\r\nHost: x\r\n');
    client.on('error', () => undefined);
    const closed = listener.close(60_000);
    assert.equal(connector.ended.length, 0);
    raw.resetAndDestroy();
    await closed;
    await connector.until(() => connector.ended.length === 1);
  });

  test('is for upgrades alone: others at its path get no carrier', async (t) => {
    const { listener } = await openWorld(t);
    const options = { servername: HOST, rejectUnauthorized: false };
    const socket = new WebSocket(`wss://127.0.0.1:${listener.port}${CARRIER_PATH}/more`, options as ClientOptions);
    await assert.rejects(once(socket, 'open'));
  });
});

test('an endpoint in the prefix of carriers is told from all others', () => {
  const cases = [
    ['[fd6d:616e:6974::1]:0', true],
    ['[fd6d:616e:6974:0:ffff::]:9', true],
    ['[fd6d:616e:6975::1]:0', false],
    ['[fd00::1]:0', false],
    ['127.0.0.1:1', false],
  ] as const;
  for (const [text, expected] of cases)
    assert.equal(isCarrierEndpoint(parseEndpoint(text) as Endpoint), expected, text);
});
