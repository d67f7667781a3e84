import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import {
  APP_HOST,
  connector,
  PORTAL_HOST,
  PopWorld,
  PUBLIC,
  resource,
  sessionId,
  target,
  user,
} from '../testing/pop-world.ts';

/** What comes next on a connection; fails where it ends instead, which would otherwise be waited for in vain. */
function received(client: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settled = (settle: () => void): void => {
      client.off('data', came).off('close', ended).off('end', ended);
      settle();
    };
    const came = (part: Buffer): void => settled(() => resolve(part));
    const ended = (): void => settled(() => reject(new Error('the connection ended where something was to come')));
    client.on('data', came).on('close', ended).on('end', ended);
  });
}

describe('a target that fails', () => {
  let world: PopWorld;
  let good = 0;
  let closed = 0;
  before(async () => {
    world = await PopWorld.start();
    good = await world.listen(createServer((_request, response) => response.end('good')));
    const gone = createNetServer();
    closed = await world.listen(gone);
    gone.close();
    world.publishBasics();
  });
  after(() => world.stop());

  let count = 0;
  /** Publishes a resource with these targets at a host of its own. */
  async function ask(targets: ReturnType<typeof target>[], options: { method?: string; body?: string } = {}) {
    const id = `r${count++}`;
    const host = `${id}.${PORTAL_HOST}`;
    world.publish(resource(0, { id, host, policy: PUBLIC, targets }));
    return world.fetch(host, '/', options);
  }
  const raw = (answer: string) =>
    world.listen(createNetServer((socket) => void socket.once('data', () => socket.end(answer))));

  test('is told apart, with a status and a reason', async (t) => {
    const malformed = await raw('hello\r\n\r\n');
    const aborting = await raw('');
    const table: [string, () => ReturnType<typeof target>[], number, string][] = [
      ['none at all', () => [], 503, 'no-healthy-target'],
      ['one of a site without connectors', () => [target(good, { siteId: 'nowhere' })], 503, 'no-healthy-target'],
      ['one that refuses', () => [target(closed)], 502, 'target-refused'],
      ['one that speaks no HTTP', () => [target(malformed)], 502, 'target-malformed'],
      ['one that says nothing and closes', () => [target(aborting)], 502, 'target-aborted'],
      [
        'one that should speak TLS and does not',
        () => [target(good, { scheme: 'https', tls: { serverName: 'x', verify: true } })],
        502,
        'target-tls-failed',
      ],
    ];
    for (const [name, targets, status, reason] of table)
      await t.test(name, async () => {
        const answer = await ask(targets());
        assert.deepEqual([answer.status, JSON.parse(answer.body).code], [status, reason]);
      });
    await t.test('a connector that is silent', async () => {
      world.dialer.silent.add('fd00::c1');
      const answer = await ask([target(good)]);
      world.dialer.silent.clear();
      assert.deepEqual([answer.status, JSON.parse(answer.body).code], [504, 'target-timed-out']);
    });
    await t.test('a connector without a path', async () => {
      world.dialer.states.set('fd00::c1', 'down');
      const answer = await ask([target(good)]);
      world.dialer.states.clear();
      assert.equal(JSON.parse(answer.body).code, 'no-healthy-target');
    });
  });

  test('is passed over for the next one where that is safe', async (t) => {
    const posted = { method: 'POST', body: 'once' };
    const aborting = await raw('');
    const first = (port: number) => [target(port, { id: 'first' }), target(good, { id: 'second', priority: 1 })];
    assert.equal((await ask(first(closed))).body, 'good', 'GET after a refusal');
    assert.equal((await ask(first(closed), posted)).body, 'good', 'POST after a refusal: nothing was sent');
    assert.equal((await ask(first(aborting))).body, 'good', 'GET after a broken connection');
    assert.equal(
      (await ask(first(aborting), posted)).status,
      502,
      'POST after a broken connection: it may have been done',
    );
    await t.test('by way of another connector, the one with a good path first', async () => {
      world.publish(connector('connector-2', 'fd00::c2'));
      world.dialer.states.set('fd00::c1', 'suspect');
      world.dialer.dialled.length = 0;
      assert.equal((await ask([target(good)])).body, 'good');
      assert.deepEqual(world.dialer.dialled, ['fd00::c2']);
      world.dialer.silent.add('fd00::c2');
      assert.equal((await ask([target(good)], posted)).body, 'good');
      assert.deepEqual(world.dialer.dialled.slice(1), ['fd00::c2', 'fd00::c1']);
      world.dialer.silent.clear();
      world.dialer.states.clear();
    });
  });

  test('a connector that is lost: what waits for an answer goes through another, what may have been done does not', async (t) => {
    // The first connector takes requests and answers none; the second does.
    const lost: string[] = [];
    const { silent, connection, breakAll } = await lostBackend(world, lost);
    t.after(() => world.dialer.redirected.clear());
    world.publish(connector('connector-2', 'fd00::c2'));
    world.dialer.states.set('fd00::c2', 'suspect');
    world.dialer.redirected.set('fd00::c1', silent);
    const asked = ask([target(good)]);
    await connection();
    world.pop.connectorLost('fd00::c9');
    world.pop.connectorLost('fd00::c1');
    assert.equal((await asked).body, 'good');
    const posted = ask([target(good)], { method: 'POST', body: 'once' });
    await connection();
    // Its stream lives on while both its ends do; it fails when one is seen to be gone.
    world.pop.connectorLost('fd00::c1');
    breakAll();
    assert.equal((await posted).status, 502);
    assert.deepEqual(lost, ['GET', 'POST']);
    world.dialer.states.clear();
  });

  test('an unhealthy one is left out until it is well', async () => {
    world.publish(
      resource(0, {
        id: 'sick',
        host: `sick.${PORTAL_HOST}`,
        policy: PUBLIC,
        targets: [target(good, { id: 'sick-target' })],
        balance: { balancing: 'least-latency', sticky: 'none', panicThreshold: 0 },
      }),
    );
    const said = (state: 'healthy' | 'unhealthy', connectorId: string) =>
      world.pop.targetsChecked(connectorId, [{ targetId: 'sick-target', state, reason: 'status-500', sinceUnixMs: 1 }]);
    said('unhealthy', 'of-another-site');
    assert.equal((await world.fetch(`sick.${PORTAL_HOST}`, '/')).status, 200);
    for (const connectorId of ['connector-1', 'connector-2']) said('unhealthy', connectorId);
    assert.equal((await world.fetch(`sick.${PORTAL_HOST}`, '/')).status, 503);
    said('healthy', 'connector-2');
    assert.equal((await world.fetch(`sick.${PORTAL_HOST}`, '/')).status, 200);
  });
});

/** A backend that hears requests and says nothing; `connection` resolves with the next request. */
async function lostBackend(world: PopWorld, heard: string[]) {
  let next: () => void = () => undefined;
  const server = createServer((request) => {
    heard.push(request.method ?? '');
    request.resume().on('end', () => next());
  });
  const silent = await world.listen(server);
  const connection = () => new Promise<void>((resolve) => (next = resolve));
  return { silent, connection, breakAll: () => server.closeAllConnections() };
}

describe('a backend that anybody can crash with a request', () => {
  let world: PopWorld;
  let port = 0;
  before(async () => {
    world = await PopWorld.start();
    const backend = createServer((request, response) => {
      if (request.url === '/crash') request.socket.destroy();
      else response.end('well');
    });
    port = await world.listen(backend);
    world.publishBasics();
  });
  after(() => world.stop());

  const table: [string, (id: string) => ReturnType<typeof target>[]][] = [
    ['one target', (id) => [target(port, { id })]],
    ['two targets', (id) => [target(port, { id }), target(port, { id: `${id}-too` })]],
    ['a spare', (id) => [target(port, { id }), target(port, { id: `${id}-spare`, priority: 1 })]],
    [
      'another target without a way to it',
      (id) => [target(port, { id }), target(port, { id: `${id}-far`, siteId: 'x' })],
    ],
  ];
  for (const [name, targets] of table)
    test(`stays open to everybody else: a resource with ${name}`, async () => {
      const id = `crash-${name.length}`;
      const host = `${id}.${PORTAL_HOST}`;
      world.publish(resource(0, { id, host, policy: PUBLIC, targets: targets(id) }));
      for (let i = 0; i < 12; i++) {
        assert.equal((await world.fetch(host, '/crash')).status, 502);
        assert.deepEqual([(await world.fetch(host, '/')).body, i], ['well', i]);
      }
      for (let i = 0; i < 12; i++) await world.fetch(host, '/crash');
      assert.equal((await world.fetch(host, '/')).body, 'well', 'after many in a row');
    });
});

describe('what is under way', () => {
  let world: PopWorld;
  const streams: ServerResponse[] = [];
  before(async () => {
    world = await PopWorld.start();
    const backend = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('data: 1\n\n');
      streams.push(response);
    });
    backend.on('upgrade', (request, socket, head) => {
      socket.on('error', () => undefined);
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSet-Cookie: __Host-manis_session=x\r\nX-User: ${request.headers['remote-user']}\r\n\r\n`,
      );
      socket.write(head);
      socket.pipe(socket);
    });
    world.publishBasics(resource(await world.listen(backend)));
  });
  after(() => world.stop());

  const events = (cookie: string) => `GET / HTTP/1.1\r\nHost: ${APP_HOST}\r\nCookie: ${cookie}\r\n\r\n`;
  const upload = (cookie: string) =>
    `POST / HTTP/1.1\r\nHost: ${APP_HOST}\r\nCookie: ${cookie}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`;
  const socket = (cookie: string, origin = `Origin: https://${APP_HOST}\r\n`) =>
    `GET /ws HTTP/1.1\r\nHost: ${APP_HOST}\r\n${origin}Cookie: ${cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`;

  test('server-sent events arrive as they are sent', async () => {
    const client = await world.connect(APP_HOST);
    client.write(events(world.sessionCookie('app', APP_HOST)));
    const first = await received(client);
    assert.match(first.toString(), /data: 1/);
    streams.at(-1)?.write('data: 2\n\n');
    const second = await received(client);
    assert.match(second.toString(), /data: 2/);
    client.destroy();
  });

  test('a WebSocket is spliced when session and origin are right', async () => {
    const client = await world.connect(APP_HOST);
    client.write(socket(world.sessionCookie('app', APP_HOST)));
    const head = await received(client);
    assert.match(head.toString(), /^HTTP\/1.1 101 .*X-User: ada@example.com/s);
    assert.ok(!head.toString().includes('manis_session'));
    client.write('ping');
    const echo = await received(client);
    assert.equal(echo.toString(), 'ping');
    client.destroy();
  });

  test('a WebSocket is refused otherwise', async (t) => {
    const table: [string, string, string, number][] = [
      ['from another site', world.sessionCookie('app', APP_HOST), 'Origin: https://evil.example\r\n', 403],
      ['from nowhere', world.sessionCookie('app', APP_HOST), 'Origin: null\r\n', 403],
      ['from a neighbour', world.sessionCookie('app', APP_HOST), `Origin: https://${PORTAL_HOST}\r\n`, 403],
      ['without a session', 'a=b', `Origin: https://${APP_HOST}\r\n`, 401],
    ];
    for (const [name, cookie, origin, status] of table)
      await t.test(name, async () =>
        assert.equal((await world.exchange(APP_HOST, socket(cookie, origin))).slice(9, 12), String(status)),
      );
  });

  const when = { all: [] };
  const STAFF = {
    rules: [
      // biome-ignore lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
      { id: 'r', name: 'Staff', enabled: true, when, then: { kind: 'authenticate', anyOf: { roles: ['staff'] } } },
    ],
  } as const;
  const endings: [string, (world: PopWorld, id: string) => void][] = [
    [
      'its session is revoked',
      (w, id) =>
        w.revoke({
          kind: 'session',
          sessionId: id,
          userId: 'ada',
          atUnixMs: w.clock.unixMs(),
          expiresAtUnixMs: w.clock.unixMs() + 9e7,
        }),
    ],
    ['its resource is revoked', (w) => w.revoke({ kind: 'resource', resourceId: 'app', atUnixMs: w.clock.unixMs() })],
    [
      'its user is revoked',
      (w) => w.revoke({ kind: 'user', userId: 'ada', minimumEpoch: 1, atUnixMs: w.clock.unixMs() }),
    ],
    ['a role that the policy asks for is taken away', (w) => void w.publishDelta(user('ada', []))],
    ['the policy changes', (w) => void w.publishDelta({ ...resource(1), policy: { rules: [] } })],
    ['the membership of its user ends', (w) => void w.publishDelta({ ...user('ada', ['staff']), memberships: [] })],
    ['its user is disabled', (w) => void w.publishDelta(user('ada', ['staff'], true))],
    ['its resource is switched off', (w) => void w.publishDelta({ ...resource(1), enabled: false, targets: [] })],
  ];
  for (const kind of ['events', 'socket', 'upload'] as const)
    for (const [name, end] of endings)
      test(`${kind}: is cut on both sides when ${name}`, async () => {
        const id = sessionId();
        const other = await PopWorld.start();
        try {
          const backend = createServer((_request, response) => void response.write('data: 1\n\n'));
          backend.on('upgrade', (_request, upgraded) => {
            upgraded.on('error', () => undefined);
            upgraded.on('end', () => upgraded.end()).resume();
            upgraded.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
          });
          const backendClosed = Promise.withResolvers<void>();
          backend.on('connection', (connection) => connection.once('close', () => backendClosed.resolve()));
          other.publishBasics(resource(await other.listen(backend), { policy: STAFF }));
          const client = await other.connect(APP_HOST);
          client.on('error', () => undefined);
          client.on('end', () => client.end());
          const closed = once(client, 'close');
          const opening = { events, socket, upload }[kind];
          client.write(opening(other.sessionCookie('app', APP_HOST, { id })));
          await received(client);
          end(other, id);
          client.resume();
          await Promise.all([closed, backendClosed.promise]);
        } finally {
          await other.stop();
        }
      });
});

describe('the snapshot', () => {
  test('is served from disk with control gone, and its revocations hold', async () => {
    const world = await PopWorld.start();
    try {
      const backend = createServer((_request, response) => response.end('served'));
      world.publishBasics(resource(await world.listen(backend)));
      assert.partialDeepStrictEqual(world.link.sent.at(-1), { type: 'applied', version: { epoch: 1, revision: 1 } });
      const id = sessionId();
      const revoked = world.sessionCookie('app', APP_HOST, { id });
      const cookie = world.sessionCookie('app', APP_HOST);
      const now = world.clock.unixMs();
      world.revoke({ kind: 'session', sessionId: id, userId: 'ada', atUnixMs: now, expiresAtUnixMs: now + 9e7 });
      await world.pop.stop(0);
      await world.startPop();
      assert.equal((await world.fetch(APP_HOST, '/', { headers: { cookie } })).body, 'served');
      assert.equal((await world.fetch(APP_HOST, '/', { headers: { cookie: revoked } })).status, 401);
      world.clock.advance(23 * 3_600_000);
      const late = world.sessionCookie('app', APP_HOST);
      assert.equal((await world.fetch(APP_HOST, '/', { headers: { cookie: late } })).status, 200);
      world.clock.advance(2 * 3_600_000);
      const stale = await world.fetch(APP_HOST, '/', { headers: { cookie: world.sessionCookie('app', APP_HOST) } });
      assert.deepEqual([stale.status, JSON.parse(stale.body).code], [503, 'snapshot-stale']);
      assert.equal((await world.fetch(APP_HOST, '/.manis/health')).status, 503);
      world.publish();
      assert.equal(
        (await world.fetch(APP_HOST, '/', { headers: { cookie: world.sessionCookie('app', APP_HOST) } })).status,
        200,
      );
    } finally {
      await world.stop();
    }
  });

  test('changes take effect with the next request, and what does not verify changes nothing', async () => {
    const world = await PopWorld.start();
    try {
      const backend = createServer((_request, response) => response.end('served'));
      const published = resource(await world.listen(backend), { policy: PUBLIC });
      world.publishBasics(published);
      assert.equal((await world.fetch(APP_HOST, '/')).status, 200);
      assert.partialDeepStrictEqual(world.publishDelta({ ...published, policy: { rules: [] } }), { type: 'applied' });
      assert.equal((await world.fetch(APP_HOST, '/')).status, 403);
      const forged = {
        payload: '{}',
        keyId: 'control-1',
        signature: 'x',
        delegation: { controlId: 'control-1', signingKey: 'x', notAfterUnixMs: 1, signature: 'x' },
      };
      world.link.events.received({ type: 'snapshot', header: forged, records: [published] });
      assert.equal(world.link.sent.at(-1)?.type, 'resync');
      assert.equal((await world.fetch(APP_HOST, '/')).status, 403);
      assert.ok((world.pop.counters().snapshots['delegation-malformed'] ?? 0) > 0);
    } finally {
      await world.stop();
    }
  });
});
