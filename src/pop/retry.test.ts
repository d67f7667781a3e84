import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createNetServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type Answer, connector, PORTAL_HOST, PopWorld, PUBLIC, resource, target } from '../testing/pop-world.ts';
import { SeededRandom, testSeed } from '../testing/seeded-random.ts';

/** Where a target fails that gets a request. */
type FailurePoint =
  | 'refuses'
  | 'closes at once'
  | 'closes after the head'
  | 'closes after the body'
  | 'resets after the body'
  | 'stops within the status line'
  | 'stops after an interim answer'
  | 'stops within the body of its answer';

const POINTS: readonly FailurePoint[] = [
  'refuses',
  'closes at once',
  'closes after the head',
  'closes after the body',
  'resets after the body',
  'stops within the status line',
  'stops after an interim answer',
  'stops within the body of its answer',
];

interface Kind {
  readonly method: string;
  readonly body?: string;
  /** Where the request is answered all the same. */
  readonly survives: (point: FailurePoint) => boolean;
}

const SMALL = 'x'.repeat(2_000);
const LARGE = 'y'.repeat(400_000);
/** An answer of which a byte came is not asked for again, and a 200 that was passed on is the client's. */
const beforeAnyByte = (point: FailurePoint) => !point.startsWith('stops');
const neverSent = (point: FailurePoint) => point === 'refuses';

const KINDS: Readonly<Record<string, Kind>> = {
  GET: { method: 'GET', survives: beforeAnyByte },
  DELETE: { method: 'DELETE', survives: beforeAnyByte },
  'PUT of a little': { method: 'PUT', body: SMALL, survives: beforeAnyByte },
  'DELETE with a body': { method: 'DELETE', body: SMALL, survives: beforeAnyByte },
  'PUT of a lot': { method: 'PUT', body: LARGE, survives: neverSent },
  'POST of nothing': { method: 'POST', survives: neverSent },
  'POST of a little': { method: 'POST', body: SMALL, survives: neverSent },
  'POST of a lot': { method: 'POST', body: LARGE, survives: neverSent },
  'PATCH of a little': { method: 'PATCH', body: SMALL, survives: neverSent },
};

let world: PopWorld;
let good = 0;
/** How often a request was seen by any backend, by its path. */
const seen = new Map<string, number>();
const note = (path: string) => seen.set(path, (seen.get(path) ?? 0) + 1);
const bodies = new Map<string, string>();
before(async () => {
  world = await PopWorld.start();
  good = await world.listen(
    createServer(async (request, response) => {
      const path = request.url ?? '';
      note(path);
      bodies.set(path, await textOf(request));
      response.end('good');
    }),
  );
  world.publishBasics();
});
after(() => world.stop());

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

/** A target that fails at a point, on every connection. */
async function failingAt(point: FailurePoint): Promise<number> {
  const server = createNetServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    failAt(point, socket);
  });
  const port = await world.listen(server);
  if (point !== 'refuses') return port;
  server.close();
  await once(server, 'close');
  return port;
}

function failAt(point: FailurePoint, socket: Socket): void {
  if (point === 'closes at once') return void socket.destroy();
  let text = '';
  socket.on('data', (part: Buffer) => {
    const hadHead = text.includes('\r\n\r\n');
    text += part.toString('latin1');
    const [head, body] = text.split('\r\n\r\n');
    if (body === undefined) return;
    if (!hadHead) note(/^\S+ (\S+)/.exec(head ?? '')?.[1] ?? '');
    const length = Number(/content-length: (\d+)/i.exec(head ?? '')?.[1] ?? 0);
    if (point === 'closes after the head') socket.destroy();
    if (body.length < length) return;
    if (point === 'closes after the body') socket.end();
    if (point === 'resets after the body') socket.resetAndDestroy();
    if (point === 'stops within the status line') socket.end('HTTP/1.1 20');
    if (point === 'stops after an interim answer') socket.end('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    if (point === 'stops within the body of its answer') socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart');
  });
}

let count = 0;
/** A resource with these targets, at a host of its own. */
function published(...targets: ReturnType<typeof target>[]): string {
  const id = `retry${count++}`;
  const host = `${id}.${PORTAL_HOST}`;
  world.publish(resource(0, { id, host, policy: PUBLIC, targets }));
  return host;
}

/** The status, or `broken` where the client sees that the answer is cut. */
async function ask(host: string, path: string, kind: Kind, headers = {}): Promise<Answer | 'broken'> {
  const options = { method: kind.method, headers, ...(kind.body !== undefined && { body: kind.body }) };
  return world.fetch(host, path, options).catch(() => 'broken' as const);
}

describe('a request whose first target fails', () => {
  for (const [name, kind] of Object.entries(KINDS))
    test(`${name}: answered where that is safe, and never done twice where it is not`, async (t) => {
      for (const point of POINTS)
        await t.test(`it ${point}`, async () => {
          const failing = await failingAt(point);
          const host = published(target(failing), target(good, { id: `good${count}`, priority: 1 }));
          const path = `/${count}`;
          const answer = await ask(host, path, kind, kind.body ? { 'content-length': kind.body.length } : {});
          const status = answer === 'broken' ? answer : answer.status;
          const truncated = point === 'stops within the body of its answer';
          assert.equal(status, kind.survives(point) ? 200 : truncated ? 'broken' : 502);
          if (kind.survives === neverSent) assert.ok((seen.get(path) ?? 0) <= 1, 'done twice');
          if (kind.survives(point)) assert.equal(bodies.get(path), kind.body ?? '', 'the whole body arrived');
        });
    });
});

test('Idempotency-Key does not make a POST one that may be sent twice', async () => {
  const failing = await failingAt('closes after the body');
  const host = published(target(failing), target(good, { id: 'good-key', priority: 1 }));
  const answer = await ask(
    host,
    '/key',
    { method: 'POST', body: SMALL, survives: neverSent },
    { 'idempotency-key': '1' },
  );
  assert.equal(answer === 'broken' || answer.status, 502);
  assert.equal(seen.get('/key'), 1);
});

test('a way is not tried again while there is another, and a broken one once more where there is none', async () => {
  let connections = 0;
  const closing = await world.listen(
    createNetServer((socket) => {
      connections++;
      socket.on('error', () => undefined).once('data', () => socket.destroy());
    }),
  );
  const get: Kind = { method: 'GET', survives: beforeAnyByte };
  assert.equal(((await ask(published(target(closing)), '/again', get)) as Answer).status, 502);
  assert.equal(connections, 2);
});

test('connections that are kept and all dead, as after a restart of what is in between, cost no GET its answer', async () => {
  const dead = new Set<unknown>();
  const waiting: (() => void)[] = [];
  const atOnce = 6;
  const backend = createServer((request, response) => {
    if (dead.has(request.socket)) request.socket.destroy();
    else if (request.url === '/after') response.end('alive');
    // All at once, so that as many connections are kept.
    else if (waiting.push(() => response.end('alive')) === atOnce) for (const answer of waiting.splice(0)) answer();
  });
  const open = new Set<Socket>();
  backend.on('connection', (socket: Socket) => open.add(socket));
  const host = published(target(await world.listen(backend)));
  const get: Kind = { method: 'GET', survives: beforeAnyByte };
  const answers = await Promise.all(Array.from({ length: atOnce }, () => ask(host, '/before', get)));
  assert.ok(answers.every((answer) => answer !== 'broken' && answer.status === 200));
  for (const socket of open) dead.add(socket);
  assert.equal(dead.size, atOnce);
  assert.equal(((await ask(host, '/after', get)) as Answer).status, 200);
});

test('a target that stays silent costs no more than the time to try another', async () => {
  world.publish(connector('connector-9', 'fd00::c9', 'site-9'));
  world.dialer.hanging.add('fd00::c9');
  const host = published(target(good, { id: 'silent', siteId: 'site-9' }), target(good, { id: 'heard', priority: 1 }));
  const post: Kind = { method: 'POST', body: SMALL, survives: neverSent };
  assert.equal(((await ask(host, '/silent', post)) as Answer).status, 200);
  assert.equal(seen.get('/silent'), 1);
  assert.equal(bodies.get('/silent'), SMALL);
});

test('a GET that waits on a connector that is lost is asked again through another; a POST is not', async () => {
  let waiting: (() => void) | undefined;
  const stuck = await world.listen(
    createServer((request, response) => {
      note(request.url ?? '');
      request.resume();
      response.on('error', () => undefined);
      waiting?.();
    }),
  );
  world.publish(connector('connector-8', 'fd00::c8', 'site-8'));
  const host = published(target(stuck, { siteId: 'site-8' }), target(good, { id: 'elsewhere', priority: 1 }));
  for (const [method, isAskedAgain] of [
    ['GET', true],
    ['POST', false],
  ] as const) {
    const arrived = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    const path = `/lost-${method}`;
    const answer = ask(host, path, { method, survives: neverSent });
    await arrived;
    world.dialer.states.set('fd00::c8', 'down');
    world.pop.connectorLost('fd00::c8');
    if (isAskedAgain) assert.equal(((await answer) as Answer).status, 200);
    assert.equal(seen.get(path), isAskedAgain ? 2 : 1);
    world.dialer.states.clear();
  }
});

test('a handshake of a WebSocket that was sent is not sent again', async () => {
  const handshake = (host: string) =>
    world.exchange(
      host,
      `GET /socket HTTP/1.1\r\nHost: ${host}:${world.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
  for (const [point, status] of [
    ['refuses', 200],
    ['closes after the head', 502],
  ] as const) {
    seen.delete('/socket');
    const failing = await failingAt(point);
    const host = published(target(failing), target(good, { id: `socket${count}`, priority: 1 }));
    assert.match(await handshake(host), new RegExp(`^HTTP/1.1 ${status} `), point);
    assert.equal(seen.get('/socket'), 1);
  }
});

test('a target that is killed again and again under load costs no GET its answer, and no POST is done twice', async () => {
  const seed = testSeed(20);
  const random = new SeededRandom(seed);
  const answers = new Map<string, number>();
  const backend = () =>
    createServer((request, response) => {
      const path = request.url ?? '';
      note(path);
      request.resume().on('end', () => setImmediate(() => response.end('done')));
    });
  const shaky = backend();
  const port = await world.listen(shaky);
  const steady = await world.listen(backend());
  const host = published(target(port, { id: 'shaky' }), target(steady, { id: 'steady' }));
  const ask = async (path: string, method: string) => {
    const options = { method, ...(method === 'POST' && { body: SMALL, headers: { 'content-length': SMALL.length } }) };
    answers.set(path, (await world.fetch(host, path, options)).status);
  };
  for (let round = 0; round < 12; round++) {
    const asked = Array.from({ length: 30 }, (_, i) => {
      const method = random.chance(0.5) ? 'GET' : 'POST';
      return ask(`/load-${method}-${round}-${i}`, method);
    });
    // It dies once some of them are under way, and is back for the next round.
    await Promise.race(asked);
    shaky.close();
    shaky.closeAllConnections();
    await Promise.all(asked);
    await once(shaky.listen(port, '127.0.0.1'), 'listening');
  }
  for (const [path, status] of answers) {
    if (path.includes('GET')) assert.equal(status, 200, `${path}, seed ${seed}`);
    else assert.ok((seen.get(path) ?? 0) <= 1, `${path} was done twice, seed ${seed}`);
  }
  assert.ok([...answers.values()].filter((status) => status === 200).length > 300);
});
