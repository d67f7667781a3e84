// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, afterEach, before, test } from 'node:test';
import { concat, parseIpAddress, utf8 } from '../../base/index.ts';
import { cutDatagram, PieceReader, SESSION_OVER, UNCONFIRMED_BYTES } from '../../core/datagrams/index.ts';
import type { StreamResourceRecord } from '../../core/link/index.ts';
import type { Policy } from '../../core/policy/index.ts';
import { writeProxyHeader } from '../../core/proxy-protocol/index.ts';
import { freePort } from '../../testing/free-ports.ts';
import { connector, PopWorld, PUBLIC, SIGNED_IN, streamResource } from '../../testing/pop-world.ts';
import type { DatagramPath } from '../dialer.ts';
import { MAXIMUM_UNCONFIRMED_UDP_SESSIONS } from './constants.ts';

interface Sent {
  readonly overlayAddress: string;
  readonly port: number;
  readonly datagram: string;
}

/** Stands in for the tunnels: what is sent to a connector is kept, and the test answers as one. */
class Overlay {
  readonly sent: Sent[] = [];
  over = 0;
  /** A packet from the connector by the way that was opened last. */
  fromConnector: (packet: Uint8Array) => void = () => assert.fail('no way was opened');
  answers: (datagram: string, sent: Sent) => readonly (string | Uint8Array)[] = (text) => [text.toUpperCase()];
  #told = Promise.withResolvers<void>();

  open(overlayAddress: string, take: (packet: Uint8Array) => void): DatagramPath {
    const reader = new PieceReader();
    this.fromConnector = take;
    return {
      send: (port, packet) => {
        const found = reader.read(packet, 0);
        if (found === 'over') this.over++;
        if (found instanceof Uint8Array) {
          const sent = { overlayAddress, port, datagram: Buffer.from(found).toString('latin1') };
          this.sent.push(sent);
          for (const [i, answer] of this.answers(sent.datagram, sent).entries())
            for (const piece of answer instanceof Uint8Array ? [answer] : cutDatagram(Buffer.from(answer, 'latin1'), i))
              take(piece);
        }
        this.#told.resolve();
        this.#told = Promise.withResolvers<void>();
        return true;
      },
      close: () => undefined,
    };
  }

  /** Once so much was sent. */
  async has(count: number): Promise<readonly Sent[]> {
    while (this.sent.length < count) await this.#told.promise;
    return this.sent;
  }
}

let world: PopWorld;
let overlay: Overlay;
let port = 0;
const clients: Socket[] = [];

before(async () => {
  world = await PopWorld.start();
  world.dialer.openDatagrams = (address, take) => overlay.open(address, take);
});
after(() => world.stop());
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

async function publish(changes: Partial<StreamResourceRecord> = {}): Promise<void> {
  overlay = new Overlay();
  world.dialer.states.clear();
  // Another one each time, so that no session is left from before.
  port = await freePort();
  const record = streamResource({ transport: 'udp', first: port, last: port }, 5_000, changes);
  world.publishBasics(connector('connector-2', 'fd00::c2'), record);
  await world.portIs('udp', port, 'open');
}

async function client(address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  clients.push(socket);
  return socket;
}

async function ask(socket: Socket, bytes: string | Uint8Array): Promise<string> {
  const answer = once(socket, 'message');
  socket.send(bytes, port, '127.0.0.1');
  return (await answer)[0].toString('latin1');
}

const counter = (name: string): number => world.pop.counters().streams[name] ?? 0;

test('datagrams go there and back, and those of one client by one session', async () => {
  await publish();
  const socket = await client();
  const before = counter('opened');
  for (const text of ['one', 'two', '']) assert.equal(await ask(socket, text), text.toUpperCase());
  assert.equal(await ask(await client(), 'other'), 'OTHER');
  assert.equal(counter('opened') - before, 2);
  assert.deepEqual(new Set(overlay.sent.map((sent) => sent.port)), new Set([5_000]));
});

test('an answer that comes after its port was given up goes nowhere, and harms nobody', async () => {
  await publish();
  await ask(await client(), 'hello');
  const given = port;
  port = await freePort();
  world.publish(streamResource({ transport: 'udp', first: port, last: port }, 5_000));
  await world.portIs('udp', port, 'open');
  assert.notEqual(port, given);
  for (const piece of cutDatagram(utf8('late'), 7)) overlay.fromConnector(piece);
  assert.equal(await ask(await client(), 'and on'), 'AND ON');
});

test('a datagram that is longer than a packet of the overlay arrives whole, both ways', async () => {
  await publish();
  const socket = await client();
  await ask(socket, 'hello');
  const long = 'x'.repeat(9_000);
  assert.equal(await ask(socket, long), long.toUpperCase());
});

test('whom the policy does not admit hears nothing, and the target neither', async () => {
  for (const policy of [{ rules: [] }, SIGNED_IN] as Policy[]) {
    await publish({ policy });
    const before = counter('refused');
    (await client()).send('hello', port, '127.0.0.1');
    while (counter('refused') === before) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(overlay.sent, []);
  }
});

test('a session is cut when its policy changes, and the connector is told', async () => {
  await publish();
  const socket = await client();
  await ask(socket, 'hello');
  const before = counter('cut');
  world.publishBasics(streamResource({ transport: 'udp', first: port, last: port }, 5_000, { policy: SIGNED_IN }));
  while (counter('cut') === before) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(overlay.over, 1);
});

test('a session keeps its connector, and goes by another when nothing leads to that any more', async () => {
  await publish();
  const socket = await client();
  for (let i = 0; i < 20; i++) await ask(socket, `${i}`);
  const first = overlay.sent[0]?.overlayAddress ?? '';
  assert.deepEqual(new Set(overlay.sent.map((sent) => sent.overlayAddress)), new Set([first]));
  world.dialer.states.set(first, 'down');
  assert.equal(await ask(socket, 'still'), 'STILL');
  assert.notEqual(overlay.sent.at(-1)?.overlayAddress, first);
});

test('a client that answered nothing gets an answer or two, and no flood', async () => {
  await publish();
  overlay.answers = () => new Array<string>(20).fill('x'.repeat(1_000));
  const socket = await client();
  let got = 0;
  socket.on('message', (bytes: Buffer) => {
    got += bytes.length;
  });
  const before = counter('reply-to-unconfirmed');
  socket.send('?', port, '127.0.0.1');
  await overlay.has(1);
  assert.equal(counter('reply-to-unconfirmed') - before, 16);
  overlay.answers = () => ['end'];
  const done = new Promise<void>((resolve) => socket.on('message', (bytes: Buffer) => bytes.length === 3 && resolve()));
  socket.send('!', port, '127.0.0.1');
  await done;
  assert.ok(got <= UNCONFIRMED_BYTES + 3 + 3, `${got}`);
});

test('a PROXY header is read from a trusted address alone, and written where it is wished', async () => {
  const at = (text: string, of: number) => ({ address: parseIpAddress(text) as never, port: of });
  const said = { kind: 'proxied', transport: 'datagram' } as const;
  const header = writeProxyHeader(2, { ...said, source: at('192.0.2.1', 7), destination: at('198.51.100.1', 53) });
  const policy: Policy = {
    rules: [{ id: 'r', name: 'r', enabled: true, when: { ip: ['192.0.2.1'] }, then: { kind: 'bypass' } }],
  };
  await publish({ policy, proxyProtocol: { from: ['127.0.0.3'], to: 1 } });
  assert.equal(
    await ask(await client('127.0.0.3'), concat(header, utf8('hi'))),
    `${Buffer.from(header).toString('latin1').toUpperCase()}HI`,
  );
  const before = counter('refused');
  (await client('127.0.0.1')).send(concat(header, utf8('hi')), port, '127.0.0.1');
  while (counter('refused') === before) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(overlay.sent.length, 1);
});

test('whom a trusted proxy does not know is not taken for the proxy, which speaks for itself', async () => {
  const rule = { id: 'r', name: 'r', enabled: true, when: { ip: ['127.0.0.3'] }, then: { kind: 'bypass' } } as const;
  await publish({ policy: { rules: [rule] }, proxyProtocol: { from: ['127.0.0.3'] } });
  const proxy = await client('127.0.0.3');
  const before = counter('refused');
  proxy.send(concat(writeProxyHeader(2, { kind: 'unknown' }), utf8('hi')), port, '127.0.0.1');
  while (counter('refused') === before) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(overlay.sent, []);
  assert.equal(await ask(proxy, concat(writeProxyHeader(2, { kind: 'local' }), utf8('me'))), 'ME');
});

/** A datagram as a trusted proxy brings it, of any client that one likes. */
function broughtFrom(source: string, port: number, text: string): Uint8Array {
  const at = (address: string, of: number) => ({ address: parseIpAddress(address) as never, port: of });
  const ends = { source: at(source, port), destination: at('198.51.100.1', 53) };
  return concat(writeProxyHeader(2, { kind: 'proxied', transport: 'datagram', ...ends }), utf8(text));
}

/** Sends datagrams from so many clients, each of another network, a few at a time so that none is lost. */
async function flood(proxy: Socket, count: number, counted: () => number): Promise<void> {
  const before = counted();
  for (let i = 0; i < count; i++) {
    proxy.send(broughtFrom(`${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.9`, 7, 'x'), port, '127.0.0.1');
    if (i % 64 === 63 || i === count - 1)
      while (counted() < before + i + 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

test("strangers whom the policy does not admit take nobody's place, however many they say they are", async () => {
  const rule = { id: 'r', name: 'r', enabled: true, when: { ip: ['192.0.2.0/24'] }, then: { kind: 'bypass' } } as const;
  await publish({ policy: { rules: [rule] }, proxyProtocol: { from: ['127.0.0.3'] } });
  overlay.answers = (text) => (text === 'waits' ? [] : [text.toUpperCase()]);
  const proxy = await client('127.0.0.3');
  proxy.send(broughtFrom('192.0.2.1', 7, 'waits'), port, '127.0.0.1');
  await overlay.has(1);
  const before = counter('opened');
  await flood(proxy, MAXIMUM_UNCONFIRMED_UDP_SESSIONS + 100, () => counter('refused'));
  assert.equal(await ask(proxy, broughtFrom('192.0.2.1', 7, 'still')), 'STILL');
  assert.equal(counter('opened'), before, 'it is the same session');
  assert.equal(overlay.over, 0);
});

test('whoever forges addresses that are admitted ends no session that was answered, nor one that waits for its answer', async () => {
  await publish({ policy: PUBLIC, proxyProtocol: { from: ['127.0.0.3'] } });
  overlay.answers = (text) => (text === 'hello' || text === 'again' ? [text.toUpperCase()] : []);
  const proxy = await client('127.0.0.3');
  for (const text of ['hello', 'again']) await ask(proxy, broughtFrom('192.0.2.1', 7, text));
  proxy.send(broughtFrom('192.0.2.2', 7, 'waits'), port, '127.0.0.1');
  await overlay.has(3);
  const opened = counter('opened');
  const tried = () => counter('opened') + counter('sessions-unconfirmed');
  await flood(proxy, MAXIMUM_UNCONFIRMED_UDP_SESSIONS + 100, tried);
  assert.ok(counter('opened') - opened < MAXIMUM_UNCONFIRMED_UDP_SESSIONS);
  const now = counter('opened');
  for (const [address, text] of [
    ['192.0.2.1', 'hello'],
    ['192.0.2.2', 'again'],
  ] as const)
    assert.equal(await ask(proxy, broughtFrom(address, 7, text)), text.toUpperCase());
  assert.equal(counter('opened'), now, 'both are the same sessions');
  assert.equal(overlay.over, 0);
});

test('what a connector says of a session that is over, or in pieces that make no sense, does no harm', async () => {
  await publish({ policy: PUBLIC });
  overlay.answers = (text) => (text === 'end' ? [SESSION_OVER] : [new Uint8Array([9]), new Uint8Array(), 'ok']);
  const socket = await client();
  assert.equal(await ask(socket, 'hello'), 'ok');
  const before = counter('ended');
  socket.send('end', port, '127.0.0.1');
  while (counter('ended') === before) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await ask(socket, 'again'), 'ok');
});
