import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import type { Stickiness } from '../core/routing/index.ts';
import { type Answer, connector, PORTAL_HOST, PopWorld, PUBLIC, resource, target } from '../testing/pop-world.ts';

let world: PopWorld;
/** Ports of three backends that answer with their name and what cookies they got. */
let ports: number[] = [];
before(async () => {
  world = await PopWorld.start();
  ports = await Promise.all(['a', 'b', 'c'].map((name) => world.listen(backend(name))));
  world.publishBasics();
});
after(() => world.stop());
beforeEach(() => world.dialer.states.clear());

function backend(name: string) {
  const server = createServer((request, response) => {
    response.setHeader('Set-Cookie', ['own=1', '__Host-manis_target=stolen; Path=/; Secure']);
    response.end(JSON.stringify({ name, cookie: request.headers.cookie ?? null }));
  });
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => undefined);
    socket.end(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${name}`);
  });
  return server;
}

let count = 0;
function published(sticky: Stickiness): { host: string; targetIds: string[] } {
  const id = `sticky${count++}`;
  const host = `${id}.${PORTAL_HOST}`;
  const targets = ports.map((port) => target(port, { id: `${id}-${port}` }));
  const balance = { balancing: 'round-robin', sticky, panicThreshold: 0 } as const;
  world.publish(resource(0, { id, host, policy: PUBLIC, targets, balance }));
  return { host, targetIds: targets.map((one) => one.id) };
}

const nameIn = (answer: Answer): string => JSON.parse(answer.body).name;
const setCookies = (answer: Answer): readonly string[] => answer.headers['set-cookie'] ?? [];
const targetCookie = (lines: readonly string[]) => lines.find((line) => line.startsWith('__Host-manis_target='));

test('without stickiness requests take turns, and no cookie is set', async () => {
  const { host } = published('none');
  const answers = [];
  for (let i = 0; i < 6; i++) answers.push(await world.fetch(host, '/'));
  assert.equal(new Set(answers.map(nameIn)).size, 3);
  assert.equal(targetCookie(answers.flatMap(setCookies)), undefined);
});

test('a cookie of Manis keeps a browser at its target; no backend sees or sets it', async () => {
  const { host, targetIds } = published('cookie');
  const first = await world.fetch(host, '/');
  const line = targetCookie(setCookies(first)) ?? '';
  assert.match(line, /^__Host-manis_target=[a-z0-9-]+\.[a-z0-9-]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
  assert.ok(setCookies(first).includes('own=1'));
  assert.equal(setCookies(first).filter((one) => one.includes('stolen')).length, 0);
  assert.match(first.headers['cache-control'] ?? '', /private/);
  const cookie = line.split(';')[0] ?? '';
  for (let i = 0; i < 5; i++) {
    const again = await world.fetch(host, '/', { headers: { cookie: `x=1; ${cookie}` } });
    assert.deepEqual([nameIn(again), JSON.parse(again.body).cookie], [nameIn(first), 'x=1']);
    assert.equal(targetCookie(setCookies(again)), undefined, 'it is set once');
  }
  const lost = targetIds['abc'.indexOf(nameIn(first))] ?? '';
  const state = { state: 'unhealthy', reason: 'timed-out', sinceUnixMs: 1 } as const;
  world.pop.targetsChecked('connector-1', [{ targetId: lost, ...state }]);
  const moved = await world.fetch(host, '/', { headers: { cookie } });
  assert.notEqual(nameIn(moved), nameIn(first), 'balanced anew where the target is unusable');
  assert.notEqual(targetCookie(setCookies(moved))?.split(';')[0], cookie);
});

test('a WebSocket goes where its cookie says, and a first one gets a cookie', async () => {
  const { host } = published('cookie');
  const open = (cookie: string) =>
    world.exchange(
      host,
      `GET / HTTP/1.1\r\nHost: ${host}:${world.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${cookie}\r\n`,
    );
  const first = await open('');
  const [cookie] = /__Host-manis_target=[^;]+/.exec(first) ?? [];
  assert.ok(cookie, first);
  for (let i = 0; i < 4; i++) {
    const again = await open(`Cookie: ${cookie}\r\n`);
    assert.match(again, /^HTTP\/1.1 101/);
    assert.equal(again.at(-1), first.at(-1));
    assert.doesNotMatch(again, /manis_target/);
  }
});

test('a cookie keeps to the connector too, so that a session in a replica holds', async () => {
  world.publish(connector('connector-1', 'fd00::c1'), connector('connector-2', 'fd00::c2'));
  const { host } = published('cookie');
  world.dialer.states.set('fd00::c1', 'down');
  const first = await world.fetch(host, '/');
  world.dialer.states.clear();
  const cookie = targetCookie(setCookies(first))?.split(';')[0] ?? '';
  world.dialer.dialled.length = 0;
  for (let i = 0; i < 3; i++) await world.fetch(host, '/', { headers: { cookie } });
  assert.ok(!world.dialer.dialled.includes('fd00::c1'), 'connector-1 comes first for everybody else');
});

test('clients of one address keep to one target', async () => {
  const { host } = published('client-address');
  const names = new Set<string>();
  for (let i = 0; i < 6; i++) {
    const answer = await world.fetch(host, '/');
    names.add(nameIn(answer));
    assert.equal(targetCookie(setCookies(answer)), undefined);
  }
  assert.equal(names.size, 1);
});
