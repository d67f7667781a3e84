import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { eventually } from '../testing/eventually.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource, SIGNED_IN, target } from '../testing/pop-world.ts';
import { HELD_PER_RESOURCE_MAX, HOLD_MAX_MS, WAY_RETURNS_WITHIN_MS } from './constants.ts';

const ONE = 'fd00::c1';
let world: PopWorld;
let port = 0;
const seen: string[] = [];
before(async () => {
  world = await PopWorld.start();
  const backend = createServer(async (request, response) => {
    seen.push(`${request.method} ${request.url} ${await textOf(request)}`.trim());
    response.end('good');
  });
  backend.on('upgrade', (request, socket) => {
    seen.push(`UPGRADE ${request.url}`);
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  });
  port = await world.listen(backend);
  world.publishBasics(resource(port, { policy: PUBLIC }));
});
after(() => world.stop());
beforeEach(() => {
  world.mend(ONE);
  seen.length = 0;
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

const counted = (name: string): number => world.pop.counters().exchanges?.[name] ?? 0;

/** Waits until this many more requests are held. */
async function held(before: number, count = 1): Promise<void> {
  await eventually(() => counted('held') === before + count);
}

describe('while nothing leads to a connector that was reached a moment ago', () => {
  const LARGE = 'y'.repeat(400_000);
  const requests: readonly [name: string, options: Parameters<PopWorld['fetch']>[2], seen: string][] = [
    ['GET', {}, 'GET /'],
    ['POST of a little', { method: 'POST', body: 'a=b' }, 'POST / a=b'],
    ['POST of a lot', { method: 'POST', body: LARGE }, `POST / ${LARGE}`],
    ['PUT', { method: 'PUT', body: 'a=b' }, 'PUT / a=b'],
  ];
  for (const [name, options, expected] of requests)
    test(`a ${name} waits, and is served once when a way is back`, async () => {
      const before = counted('held');
      world.cut(ONE);
      const answer = world.fetch(APP_HOST, '/', options);
      await held(before);
      assert.deepEqual(seen, []);
      world.mend(ONE);
      assert.equal((await answer).status, 200);
      assert.deepEqual(seen, [expected]);
    });

  test('a WebSocket waits, and is opened when a way is back', async () => {
    const before = counted('held');
    world.cut(ONE);
    const text = world.exchange(
      APP_HOST,
      `GET /socket HTTP/1.1\r\nHost: ${APP_HOST}:${world.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await held(before);
    world.mend(ONE);
    assert.match(await text, /^HTTP\/1.1 101 /);
    assert.deepEqual(seen, ['UPGRADE /socket']);
  });

  test('it waits no longer than it is worth, and is told when to ask again', async () => {
    const before = counted('held');
    world.cut(ONE);
    const answers = [world.fetch(APP_HOST, '/'), world.fetch(APP_HOST, '/', { method: 'POST', body: 'x' })];
    await held(before, 2);
    world.clock.advance(HOLD_MAX_MS);
    for (const { status, headers } of await Promise.all(answers))
      assert.deepEqual([status, headers['retry-after']], [503, '5']);
    assert.deepEqual(seen, []);
  });

  test('what was revoked while it waited is not begun', async () => {
    const host = `mine.${PORTAL_HOST}`;
    world.publish(resource(port, { id: 'mine', host, policy: SIGNED_IN, targets: [target(port, { id: 'mine' })] }));
    const before = counted('held');
    world.cut(ONE);
    const answer = world.fetch(host, '/', { headers: { cookie: world.sessionCookie('mine', host) } });
    await held(before);
    world.revoke({ kind: 'user', userId: 'ada', minimumEpoch: 1, atUnixMs: world.clock.unixMs() });
    world.mend(ONE);
    await assert.rejects(answer);
    assert.deepEqual(seen, []);
  });

  test('more than there is room for is told at once', async () => {
    world.cut(ONE);
    const before = counted('held');
    const answers = Array.from({ length: HELD_PER_RESOURCE_MAX + 1 }, (_none, i) =>
      world.fetch(APP_HOST, `/${i}`, { from: `127.0.0.${2 + (i % 20)}` }),
    );
    assert.equal((await Promise.race(answers)).status, 503);
    await held(before, HELD_PER_RESOURCE_MAX);
    world.mend(ONE);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    assert.deepEqual(
      [seen.length, statuses.filter((status) => status === 200).length],
      [HELD_PER_RESOURCE_MAX, HELD_PER_RESOURCE_MAX],
    );
  });
});

describe('what is not held', () => {
  test('a request to a connector that has been away for long, or was never there', async () => {
    world.cut(ONE);
    world.clock.advance(WAY_RETURNS_WITHIN_MS + 1);
    const { status, headers } = await world.fetch(APP_HOST, '/');
    assert.deepEqual([status, headers['retry-after']], [503, '5']);
  });

  test('one whose target refuses, although the way to it was lost a moment ago', async () => {
    const server = createNetServer();
    const closed = await world.listen(server);
    server.close();
    await once(server, 'close');
    const host = `closed.${PORTAL_HOST}`;
    world.publish(resource(0, { id: 'closed', host, policy: PUBLIC, targets: [target(closed)] }));
    world.cut(ONE);
    world.mend(ONE);
    assert.equal((await world.fetch(host, '/')).status, 502);
  });
});

describe('a try under which the last way was lost', () => {
  const kinds: readonly [method: string, status: number, heads: number][] = [
    ['GET', 200, 1],
    ['DELETE', 200, 1],
    ['POST', 502, 1],
  ];
  for (const [method, status, heads] of kinds)
    test(`${method}: ${status === 200 ? 'is made again when a way is back' : 'is not made again'}`, async () => {
      let taken = 0;
      let isBroken = true;
      const breaking = await world.listen(
        createNetServer((socket) => {
          socket.on('data', () => {
            if (!isBroken) return void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
            taken++;
            isBroken = false;
            world.cut(ONE);
            socket.resetAndDestroy();
          });
        }),
      );
      const id = `breaking-${method.toLowerCase()}`;
      const host = `${id}.${PORTAL_HOST}`;
      world.publish(resource(0, { id, host, policy: PUBLIC, targets: [target(breaking)] }));
      const before = counted('held');
      const answer = world.fetch(host, '/', { method });
      if (status === 200) await held(before);
      else await answer;
      world.mend(ONE);
      assert.deepEqual([(await answer).status, taken], [status, heads]);
    });
});

test('a PoP that was started again holds requests until its connectors have come', async () => {
  await world.pop.stop(0);
  world.dialer.states.set(ONE, 'down');
  await world.startPop();
  const before = counted('held');
  const answer = world.fetch(APP_HOST, '/');
  await held(before);
  world.mend(ONE);
  assert.equal((await answer).status, 200);
});
