/** Both ends of the link over real TLS sockets. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { connect, createServer as createRelay, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { WebSocket } from 'ws';
import { toBase64Url } from '../base/index.ts';
import { delegate, type PopToControl, type Signer, signedBytes } from '../core/link/index.ts';
import { issueLeaf, type Leaf, openLocalCa } from './certificates.ts';
import { createClock } from './clock.ts';
import type { LinkEndReason, LinkMessage, OpenLink } from './link-attempt.ts';
import { LinkClient, type LinkClientOptions } from './link-client.ts';
import { LINK_PATH, LINK_UNPROVEN_PER_ADDRESS_MAX } from './link-constants.ts';
import { createLinkSigner, createSigningPort } from './link-crypto.ts';
import { type LinkCloseReason, LinkServer, type LinkServerOptions, type PopLink } from './link-server.ts';
import { createRandom } from './random.ts';
import { NodeSessionCrypto } from './session-crypto.ts';

const crypto = new NodeSessionCrypto();
const port = createSigningPort(crypto);
const clock = createClock();
const random = createRandom();
const dataDir = mkdtempSync(join(tmpdir(), 'manis-link-'));

function newSigner(): Signer {
  const { seed, publicKey } = crypto.generateKeyPair();
  return createLinkSigner(crypto, seed, publicKey);
}

const root = newSigner();
const control = newSigner();
const pop = newSigner();
const NO_REVOCATIONS = { epoch: 0, sequence: 0 };
let leaf: Leaf;

before(async () => {
  const ca = await openLocalCa(dataDir, clock.unixMs(), random);
  leaf = issueLeaf(ca, { dns: ['localhost'], ip: ['127.0.0.1'] }, clock.unixMs(), random);
});
after(() => rmSync(dataDir, { recursive: true }));

/** A log of what happened that a test can wait on. */
class Events<Event> {
  readonly seen: Event[] = [];
  #waiting: (() => void)[] = [];

  push(event: Event): void {
    this.seen.push(event);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async until<Found>(find: (seen: Event[]) => Found | undefined): Promise<Found> {
    for (;;) {
      const found = find(this.seen);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

type ServerEvent =
  | { type: 'opened'; link: PopLink }
  | { type: 'received'; message: PopToControl }
  | { type: 'closed'; reason: LinkCloseReason }
  | { type: 'refused'; reason: LinkCloseReason };
type ClientEvent =
  | { type: 'opened'; link: OpenLink }
  | { type: 'received'; message: LinkMessage }
  | { type: 'ended'; reason: LinkEndReason; detail: string };

interface Bench {
  readonly url: string;
  readonly server: LinkServer;
  readonly control: Events<ServerEvent>;
  client(change?: Partial<LinkClientOptions>): { client: LinkClient; events: Events<ClientEvent> };
}

async function withControl(change: Partial<LinkServerOptions>, run: (bench: Bench) => Promise<void>): Promise<void> {
  const events = new Events<ServerEvent>();
  const server = new LinkServer({
    clock,
    random,
    controlId: 'ctl_1',
    signer: control,
    port,
    delegation: () => delegate(root, 'ctl_1', control.publicKey, clock.unixMs() + 60_000),
    caPem: () => 'the authority',
    findSigningKey: async (popId) => (popId === 'pop_1' ? pop.publicKey : undefined),
    opened: (link) => events.push({ type: 'opened', link }),
    received: (_link, message) => events.push({ type: 'received', message }),
    closed: (_link, reason) => events.push({ type: 'closed', reason }),
    refused: (reason) => events.push({ type: 'refused', reason }),
    ...change,
  });
  const https = createServer({ key: leaf.keyPem, cert: leaf.chainPem });
  https.on('upgrade', (request, socket, head) => server.upgrade(request, socket, head));
  const url = `wss://127.0.0.1:${await listen(https)}${LINK_PATH}`;
  const clients: LinkClient[] = [];
  const client: Bench['client'] = (options = {}) => {
    const seen = new Events<ClientEvent>();
    const made = new LinkClient({
      urls: [url],
      popId: 'pop_1',
      signer: pop,
      port,
      rootKey: root.publicKey,
      clock,
      random,
      software: 'test/1',
      have: () => ({ version: { epoch: 1, revision: 2 }, revocations: NO_REVOCATIONS }),
      opened: (link) => seen.push({ type: 'opened', link }),
      received: (message) => seen.push({ type: 'received', message }),
      ended: (reason, detail) => seen.push({ type: 'ended', reason, detail }),
      retryFirstMs: 5,
      ...options,
    });
    clients.push(made);
    made.start();
    return { client: made, events: seen };
  };
  try {
    await run({ url, server, control: events, client });
  } finally {
    for (const made of clients) made.stop();
    server.close();
    https.closeAllConnections();
    https.close();
  }
}

async function listen(server: Server | ReturnType<typeof createRelay>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

const openedOf = (events: Events<ServerEvent>, nth = 0) =>
  events.until((seen) => seen.filter((event) => event.type === 'opened')[nth]?.link);
const endOf = (events: Events<ClientEvent>) => events.until((seen) => seen.find((event) => event.type === 'ended'));
const refusalOf = (events: Events<ServerEvent>) =>
  events.until((seen) => seen.find((event) => event.type === 'refused'));

test('a PoP proves itself, control proves itself, and messages go both ways in order', () =>
  withControl({}, async (bench) => {
    const { client, events } = bench.client();
    const link = await openedOf(bench.control);
    assert.deepEqual(
      [link.popId, link.have, link.revocations, link.software],
      ['pop_1', { epoch: 1, revision: 2 }, NO_REVOCATIONS, 'test/1'],
    );
    const open = await events.until((seen) => seen.find((event) => event.type === 'opened')?.link);
    assert.equal(open.authentication, `pop_1.${link.linkSecret}`);
    assert.equal(open.caPem, 'the authority');
    assert.match(open.baseUrl, /^https:\/\/127\.0\.0\.1:\d+$/);
    for (let sequence = 1; sequence <= 3; sequence++)
      link.send({ type: 'revocations', position: { epoch: 1, sequence }, entries: [] });
    const received = await events.until((seen) => {
      const messages = seen.flatMap((event) => (event.type === 'received' ? [event.message] : []));
      return messages.length === 3 ? messages : undefined;
    });
    assert.deepEqual(
      received.map((message) => (message.type === 'revocations' ? message.position.sequence : 0)),
      [1, 2, 3],
    );
    assert.ok(client.send({ type: 'applied', version: { epoch: 1, revision: 3 } }));
    const heard = await bench.control.until((seen) => seen.find((event) => event.type === 'received'));
    assert.deepEqual(heard.message, { type: 'applied', version: { epoch: 1, revision: 3 } });
    assert.equal(bench.server.linkOf('pop_1'), link);
  }));

test('a PoP does not talk to a control that the pinned root key did not delegate to', () =>
  withControl({}, async (bench) => {
    const { client, events } = bench.client({ rootKey: newSigner().publicKey });
    const end = await endOf(events);
    assert.deepEqual([end.reason, end.detail], ['control-not-delegated', 'delegation-bad-signature']);
    assert.equal(client.link, undefined);
    assert.ok(!bench.control.seen.some((event) => event.type === 'opened'));
  }));

test('a delegation that has expired is none', () =>
  withControl({ delegation: () => delegate(root, 'ctl_1', control.publicKey, clock.unixMs() - 1) }, async (bench) => {
    const end = await endOf(bench.client().events);
    assert.deepEqual([end.reason, end.detail], ['control-not-delegated', 'delegation-expired']);
  }));

test('a control that shows a delegation but has not the key is found out', () =>
  withControl({ signer: newSigner() }, async (bench) => {
    assert.equal((await endOf(bench.client().events)).reason, 'control-signature-wrong');
  }));

test('a PoP whose key is not pinned, or no longer, is refused', () =>
  withControl({}, async (bench) => {
    const unknown = bench.client({ popId: 'pop_2' });
    assert.equal((await refusalOf(bench.control)).reason, 'pop-unknown');
    assert.equal((await endOf(unknown.events)).reason, 'closed-by-control');
  }));

test('a PoP that signs with another key is refused', () =>
  withControl({}, async (bench) => {
    bench.client({ signer: newSigner() });
    assert.equal((await refusalOf(bench.control)).reason, 'pop-signature-wrong');
  }));

test('a proof is good for one challenge on one connection', () =>
  withControl({}, async (bench) => {
    const signatures: string[] = [];
    const recorder: Signer = {
      publicKey: pop.publicKey,
      sign: (message) => {
        const signature = pop.sign(message);
        signatures.push(toBase64Url(signature));
        return signature;
      },
    };
    bench.client({ signer: recorder });
    await openedOf(bench.control);
    const replay = new WebSocket(bench.url, { rejectUnauthorized: false });
    replay.once('message', () =>
      replay.send(JSON.stringify({ ...proof, signature: signatures[0], nonce: toBase64Url(random.bytes(32)) })),
    );
    assert.equal((await refusalOf(bench.control)).reason, 'pop-signature-wrong');
  }));

const proof = { type: 'prove', popId: 'pop_1', have: null, revocations: NO_REVOCATIONS, software: 'x' };

test('somebody who ends TLS in the middle cannot pass the proof on', () =>
  withControl({}, async (bench) => {
    const upstream = new URL(bench.url);
    const middle = createTlsServer({ key: leaf.keyPem, cert: leaf.chainPem }, (socket) => {
      const onward = connectTls({ host: '127.0.0.1', port: Number(upstream.port), rejectUnauthorized: false });
      socket.on('error', () => onward.destroy()).pipe(onward);
      onward.on('error', () => socket.destroy()).pipe(socket);
    });
    await new Promise<void>((resolve) => middle.listen(0, '127.0.0.1', resolve));
    const address = middle.address() as { port: number };
    const { client } = bench.client({ urls: [`wss://127.0.0.1:${address.port}${LINK_PATH}`] });
    assert.equal((await refusalOf(bench.control)).reason, 'pop-signature-wrong');
    assert.equal(client.link, undefined);
    client.stop();
    middle.close();
  }));

const misbehaviour: [name: string, send: (socket: WebSocket) => void, reason: LinkCloseReason][] = [
  ['speaks before it has proved itself', (socket) => socket.send('{"type":"resync","reason":"x"}'), 'handshake-order'],
  ['sends what is not a message', (socket) => socket.send('hello'), 'message-malformed'],
  ['sends binary', (socket) => socket.send(Buffer.from([1, 2, 3])), 'message-malformed'],
  [
    'sends a short nonce',
    (socket) => socket.send(JSON.stringify({ ...proof, nonce: 'AA', signature: 'AA' })),
    'message-malformed',
  ],
];
for (const [name, send, reason] of misbehaviour)
  test(`a connection that ${name} is closed: ${reason}`, () =>
    withControl({}, async (bench) => {
      const socket = new WebSocket(bench.url, { rejectUnauthorized: false });
      socket.on('error', () => undefined);
      socket.once('message', () => send(socket));
      assert.equal((await refusalOf(bench.control)).reason, reason);
    }));

test('a link comes back by itself, for as long as it takes', () =>
  withControl({}, async (bench) => {
    const { events } = bench.client();
    for (let nth = 0; nth < 3; nth++) {
      const link = await openedOf(bench.control, nth);
      assert.equal(events.seen.filter((event) => event.type === 'ended').length, nth);
      link.close('pop-revoked');
    }
    await openedOf(bench.control, 3);
  }));

/** Chance that takes control nodes in their order. */
const inOrder = { bytes: (count: number) => new Uint8Array(count) };

test('the next control node is tried when one does not answer', () =>
  withControl({}, async (bench) => {
    const { events } = bench.client({ urls: ['wss://127.0.0.1:1/link/v1/pop', bench.url], random: inOrder });
    assert.equal((await endOf(events)).reason, 'connect-failed');
    await openedOf(bench.control);
  }));

test('a PoP opens the link to another control node before it leaves one that is about to stop', () =>
  withControl({}, (first) =>
    withControl({}, async (second) => {
      const { events } = first.client({ urls: [first.url, second.url], random: inOrder });
      const link = await openedOf(first.control);
      link.send({ type: 'draining' });
      await openedOf(second.control);
      await events.until((seen) => seen.filter((event) => event.type === 'opened')[1]);
      const said = events.seen.map((event) => (event.type === 'ended' ? event.reason : event.type));
      assert.deepEqual(said, ['opened', 'moved', 'opened']);
      assert.equal((await first.control.until((seen) => seen.find(({ type }) => type === 'closed'))).type, 'closed');
    }),
  ));

test('a PoP that knows no other control node stays until the end', () =>
  withControl({}, async (bench) => {
    const { client, events } = bench.client();
    const link = await openedOf(bench.control);
    link.send({ type: 'draining' });
    link.send({ type: 'auditStored', ids: ['a'] });
    await events.until((seen) => seen.find((event) => event.type === 'received'));
    assert.notEqual(client.link, undefined);
  }));

test('a second link of the same PoP takes the place of the first', () =>
  withControl({}, async (bench) => {
    const first = bench.client({ retryFirstMs: 60_000 });
    await openedOf(bench.control);
    bench.client();
    const second = await openedOf(bench.control, 1);
    assert.equal((await endOf(first.events)).detail, 'replaced');
    assert.equal(bench.server.links.length, 1);
    assert.equal(bench.server.linkOf('pop_1'), second);
  }));

test('connections that prove nothing keep no PoP out: the oldest goes', () =>
  withControl({}, async (bench) => {
    const idle = Array.from({ length: LINK_UNPROVEN_PER_ADDRESS_MAX + 2 }, () => {
      const socket = new WebSocket(bench.url, { rejectUnauthorized: false });
      socket.on('error', () => undefined);
      return socket;
    });
    await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('open', resolve))));
    bench.client();
    await openedOf(bench.control);
    const refused = bench.control.seen.filter((event) => event.type === 'refused');
    assert.deepEqual(refused, Array(3).fill({ type: 'refused', reason: 'too-many-unproven' }));
    for (const socket of idle) socket.terminate();
  }));

test('either end notices a silent other end', () =>
  withControl({ pingIntervalMs: 20, silenceMs: 120 }, async (bench) => {
    const relay = await silenceableRelay(Number(new URL(bench.url).port));
    const { events } = bench.client({ urls: [relay.url], silenceMs: 120, retryFirstMs: 60_000 });
    await events.until((seen) => seen.find((event) => event.type === 'opened'));
    relay.silence();
    const [end, closed] = await Promise.all([
      endOf(events),
      bench.control.until((seen) => seen.find((event) => event.type === 'closed')),
    ]);
    relay.close();
    assert.deepEqual([end.reason, closed.reason], ['silent', 'silent']);
  }));

test('a link on which only pings and pongs go lives on', () =>
  // The silence is longer than what a busy machine takes between two turns.
  withControl({ pingIntervalMs: 20, silenceMs: 700 }, async (bench) => {
    const { events, client } = bench.client({ silenceMs: 700 });
    await openedOf(bench.control);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.ok(client.link);
    assert.ok(!events.seen.some((event) => event.type === 'ended'));
  }));

test('a PoP that reads nothing is cut when its backlog is full', () =>
  withControl({}, async (bench) => {
    const relay = await silenceableRelay(Number(new URL(bench.url).port));
    bench.client({ urls: [relay.url], retryFirstMs: 60_000 });
    const link = await openedOf(bench.control);
    relay.silence();
    const ids = Array.from({ length: 5_000 }, (_, i) => `${'x'.repeat(100)}${i}`);
    for (let i = 0; i < 200; i++) link.send({ type: 'auditStored', ids });
    const closed = await bench.control.until((seen) => seen.find((event) => event.type === 'closed'));
    relay.close();
    assert.equal(closed.reason, 'too-slow');
  }));

test('the signatures of the two ends are of different kinds', () => {
  const nonce = random.bytes(32);
  assert.notDeepEqual(signedBytes('manis link pop v1', nonce), signedBytes('manis link control v1', nonce));
});

/** A TCP relay that stops passing bytes on, in both directions, without closing anything. */
async function silenceableRelay(upstreamPort: number) {
  const sockets: Socket[] = [];
  const relay = createRelay((socket) => {
    const onward = connect(upstreamPort, '127.0.0.1');
    sockets.push(socket, onward);
    socket.on('error', () => onward.destroy()).pipe(onward);
    onward.on('error', () => socket.destroy()).pipe(socket);
  });
  const url = `wss://127.0.0.1:${await listen(relay)}${LINK_PATH}`;
  return {
    url,
    silence: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      relay.close();
    },
  };
}
