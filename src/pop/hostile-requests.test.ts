import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';

const OPEN_HOST = `open.${PORTAL_HOST}`;

/** What somebody who means harm sends through the front door, and what comes of it. */
describe('hostile requests', () => {
  let world: PopWorld;
  before(async () => {
    world = await PopWorld.start();
    const backend = createServer((request, response) => {
      response.setHeader('X-Manis-Request-Id', 'forged');
      response.setHeader('Cache-Control', 'public, max-age=60');
      response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }));
    });
    backend.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 418 Reached\r\nConnection: close\r\n\r\n'));
    const port = await world.listen(backend);
    world.publishBasics(resource(port), resource(port, { id: 'open', host: OPEN_HOST, policy: PUBLIC }));
  });
  after(() => world.stop());

  /** What the backend saw of a request, and the answer's fields. */
  async function seen(options: { method?: string; path?: string; headers?: Record<string, string> }) {
    const answer = await world.fetch(OPEN_HOST, options.path ?? '/', options);
    return { ...answer, request: JSON.parse(answer.body) as { method: string; headers: Record<string, string> } };
  }

  test('a request cannot ask to be taken for one with another method', async () => {
    const headers = { 'X-HTTP-Method-Override': 'DELETE', 'X-HTTP-Method': 'DELETE', x_method_override: 'DELETE' };
    const { request } = await seen({ method: 'POST', headers });
    assert.equal(request.method, 'POST');
    assert.ok(!JSON.stringify(request).includes('DELETE'));
  });

  test('the port that a client names does not reach the backend', async () => {
    for (const host of [OPEN_HOST, `${OPEN_HOST}:1`, `${OPEN_HOST}:443`]) {
      const { headers } = (await seen({ headers: { host } })).request;
      const expected = `${OPEN_HOST}:${world.port}`;
      assert.deepEqual([headers['host'], headers['x-forwarded-host']], [expected, expected], host);
      assert.match(headers['forwarded'] ?? '', new RegExp(`host="${expected}"`));
      assert.equal(headers['x-forwarded-port'], String(world.port));
    }
  });

  test('a backend does not speak for Manis', async () =>
    assert.equal((await seen({})).headers['x-manis-request-id'], undefined));

  test('an answer that renews a session is kept by no cache on the way', async () => {
    const old = { issuedAtUnixMs: world.clock.unixMs() - 1_800_000, startedAtUnixMs: world.clock.unixMs() - 1_800_000 };
    const ask = async (changes: object) =>
      (await world.fetch(APP_HOST, '/', { headers: { cookie: world.sessionCookie('app', APP_HOST, changes) } }))
        .headers;
    const fresh = await ask({});
    assert.deepEqual([fresh['set-cookie'], fresh['cache-control']], [undefined, 'public, max-age=60']);
    const renewed = await ask({ ...old, idleExpiresAtUnixMs: world.clock.unixMs() + 1_800_000 });
    assert.match(renewed['set-cookie']?.[0] ?? '', /^__Host-manis_session=/);
    assert.equal(renewed['cache-control'], 'private, max-age=60');
  });

  test('an upgrade to the paths of Manis does not reach the backend', async (t) => {
    const table = [
      ['/ws', 418],
      ['/.manis/sign-out', 405],
      ['/.manis/anything', 405],
      ['/x/../.manis/%63allback', 405],
      ['/.well-known/manis/jwks.json', 405],
    ] as const;
    for (const [path, status] of table)
      await t.test(path, async () => {
        const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n';
        const text = await world.exchange(OPEN_HOST, `GET ${path} HTTP/1.1\r\nHost: ${OPEN_HOST}\r\n${upgrade}\r\n`);
        assert.equal(text.slice(9, 12), String(status), text);
      });
  });

  test('who goes away in the middle of an answer to a handshake leaves nothing open behind', async () => {
    const other = await PopWorld.start();
    try {
      const backend = createServer();
      const left = Promise.withResolvers<void>();
      backend.on('upgrade', (_request, socket) => {
        socket.on('error', () => undefined).on('close', () => left.resolve());
        socket.on('end', () => socket.end()).resume();
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhello');
      });
      other.publishBasics(resource(await other.listen(backend), { policy: PUBLIC }));
      const client = await other.connect(APP_HOST);
      client.on('error', () => undefined);
      const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n';
      client.write(`GET / HTTP/1.1\r\nHost: ${APP_HOST}\r\n${upgrade}\r\n`);
      await once(client, 'data');
      client.destroy();
      await left.promise;
    } finally {
      await other.stop();
    }
  });

  test('a flood of refused requests is a few audit events, and the counters have them all', async () => {
    const other = await PopWorld.start();
    const { link } = other;
    try {
      other.publishBasics(resource(1), resource(1, { id: 'nothing', host: OPEN_HOST, policy: { rules: [] } }));
      for (let i = 0; i < 40; i++) {
        assert.equal((await other.fetch(APP_HOST, `/${i}`)).status, 401);
        assert.equal((await other.fetch(OPEN_HOST, `/${i}`)).status, 403);
      }
      assert.equal(other.pop.counters().problems['sign-in-needed'], 40);
      link.open({ controlId: 'c', baseUrl: 'https://127.0.0.1:1', authentication: '', caPem: other.ca.certificatePem });
      const sent = () => link.sent.flatMap((message) => (message.type === 'audit' ? message.events : []));
      // They reach the disk within a second, and then the link.
      while (sent().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      await other.stop();
    }
    const events = link.sent.flatMap((message) => (message.type === 'audit' ? message.events : []));
    assert.deepEqual(events.map(({ resourceId, status }) => `${resourceId} ${status}`).sort(), [
      'app 401',
      'nothing 403',
    ]);
  });
});
