import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { PORTAL_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';

const OPEN_HOST = `open.${PORTAL_HOST}`;
const LONG = { graceMs: 0, streamsMs: 60_000 };
const SHORT = { graceMs: 0, streamsMs: 900 };

async function openWorld(
  t: { after(fn: () => Promise<void>): void },
  drain: { graceMs: number; streamsMs: number },
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<PopWorld> {
  const world = await PopWorld.start({ drain });
  t.after(() => world.stop());
  const server = createServer(answer);
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => socket.send(String(data)));
    socket.on('close', (code) => world.dialer.dialled.push(`closed ${code}`));
  });
  world.publishBasics(resource(await world.listen(server), { host: OPEN_HOST, policy: PUBLIC }));
  return world;
}

async function untilClosing(world: PopWorld): Promise<void> {
  while (world.pop.phase() !== 'closing') await new Promise((resolve) => setImmediate(resolve));
}

function openSocket(world: PopWorld): WebSocket {
  const { certificatePem: ca } = world.ca;
  return new WebSocket(`wss://127.0.0.1:${world.port}/`, {
    ...{ ca, servername: OPEN_HOST, headers: { host: `${OPEN_HOST}:${world.port}` } },
  });
}

function open(world: PopWorld, path: string): Promise<IncomingMessage> {
  const asked = request({
    ...{ host: '127.0.0.1', port: world.port, servername: OPEN_HOST, agent: world.agent, path },
    headers: { host: `${OPEN_HOST}:${world.port}` },
  });
  asked.end();
  return once(asked, 'response').then(([response]) => response as IncomingMessage);
}

test('a PoP that stops says so, finishes what is open, closes quiet connections, and takes nobody any more', async (t) => {
  let finish = (): void => undefined;
  const world = await openWorld(t, LONG, (incoming, response) => {
    if (incoming.url !== '/slow') return void response.end('quick');
    response.write('first ');
    finish = () => response.end('last');
  });
  assert.equal((await world.fetch(OPEN_HOST, '/quick')).body, 'quick');
  const quiet = await world.connect(OPEN_HOST);
  quiet.on('error', () => undefined).resume();
  const slow = await open(world, '/slow');
  const stopped = world.pop.stop();
  assert.equal(world.pop.phase(), 'announced');
  await untilClosing(world);
  const during = await world.fetch(OPEN_HOST, '/quick');
  assert.deepEqual([during.body, during.headers.connection], ['quick', 'close']);
  await once(quiet, 'end');
  quiet.destroy();
  await assert.rejects(async () => {
    for (;;) await world.fetch(OPEN_HOST, '/quick');
  }, /ECONNREFUSED|ECONNRESET/);
  finish();
  let body = '';
  for await (const part of slow) body += part;
  assert.equal(body, 'first last');
  await stopped;
});

test('a WebSocket is closed at both ends with "going away" when the deadline comes', async (t) => {
  const world = await openWorld(t, SHORT, (_incoming, response) => response.end());
  const socket = openSocket(world);
  await once(socket, 'open');
  socket.send('hello');
  const [echo] = await once(socket, 'message');
  assert.equal(String(echo), 'hello');
  const closed = once(socket, 'close');
  const stopped = world.pop.stop();
  socket.send('still');
  const [late] = await once(socket, 'message');
  assert.equal(String(late), 'still');
  const [code] = await closed;
  assert.equal(code, 1001);
  await stopped;
  assert.ok(world.dialer.dialled.includes('closed 1001'), world.dialer.dialled.join());
});

test('an event stream ends whole, between two events', async (t) => {
  const world = await openWorld(t, SHORT, (_incoming, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let count = 0;
    const timer = setInterval(() => {
      response.write(`data: ${count}\n`);
      response.write(`data: ${count++}\n\n`);
    }, 3);
    response.on('close', () => clearInterval(timer));
  });
  const events = await open(world, '/');
  const stopped = world.pop.stop();
  let body = '';
  for await (const part of events) body += part;
  assert.equal(events.complete, true);
  const parts = body.split('\n\n');
  assert.equal(parts.pop(), '');
  for (const [index, event] of parts.entries()) assert.equal(event, `data: ${index}\ndata: ${index}`);
  await stopped;
});

test('what does not end by itself is cut, so that a stop comes to its end', async (t) => {
  const world = await openWorld(
    t,
    { graceMs: 0, streamsMs: 0 },
    (_incoming, response) => void response.write('endless'),
  );
  const download = await open(world, '/');
  const broken = once(download, 'error');
  download.resume();
  await world.pop.stop();
  assert.match(String(await broken), /aborted/);
});

test('an administrator drains a PoP without stopping it, and gives it work again', async (t) => {
  const world = await openWorld(t, LONG, (_incoming, response) => response.end('quick'));
  const own = { kind: 'pop' as const, ...{ id: 'pop-1', name: 'One', wireguardKey: '', overlayAddress: 'fd00::1' } };
  const place = { location: { name: 'Here', latitude: 0, longitude: 0 }, udpEndpoints: [], httpsEndpoints: [] };
  world.publish({ ...own, ...place, signingKey: '', draining: true });
  await untilClosing(world);
  world.pop.reportConnectors([]);
  assert.deepEqual(world.link.sent.at(-1), { type: 'status', connectors: [], draining: true });
  const during = await world.fetch(OPEN_HOST, '/');
  assert.deepEqual([during.body, during.headers.connection], ['quick', 'close']);
  world.publish({ ...own, ...place, signingKey: '' });
  assert.equal(world.pop.phase(), 'serving');
  assert.equal((await world.fetch(OPEN_HOST, '/')).headers.connection, 'keep-alive');
});
