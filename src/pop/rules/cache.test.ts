/** Public answers that a PoP keeps, through a whole PoP. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { HttpSettings } from '../../core/http-rules/index.ts';
import { APP_HOST, PopWorld, resource, SIGNED_IN, target, user } from '../../testing/pop-world.ts';
import { MAXIMUM_KEPT_BYTES } from './constants.ts';
import { KeptAnswers } from './kept-answers.ts';

let world: PopWorld;
let port: number;
let asked: string[] = [];
let fields: OutgoingHttpHeaders = {};
let serial = 0;
let published = 0;
/** What else the target does with a request; true: it answered it. */
let behave: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
const PUBLIC_FOR_A_MINUTE = 'public, max-age=60';

before(async () => {
  world = await PopWorld.start();
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    // Its clock is not that of this world.
    response.sendDate = false;
    if (behave(request, response)) return;
    if (request.url === '/cut') {
      response.writeHead(200, { ...fields, 'Content-Length': 100 });
      response.write('half');
      return void setTimeout(() => response.destroy(), 10);
    }
    response.writeHead(200, { ETag: `"v${++serial}"`, ...fields }).end(`answer ${serial}`);
  });
  port = await world.listen(server);
});
after(() => world.stop());
beforeEach(() => {
  [asked, fields, serial, behave] = [[], { 'Cache-Control': PUBLIC_FOR_A_MINUTE }, 0, () => false];
  world.clock.advance(120_000);
  // Changed, so that nothing is kept of the test before.
  publish({ cache: { answerBytes: 1_000_000 + ++published } });
});

function publish(http: HttpSettings): void {
  const record = resource(port, { http, policy: SIGNED_IN, targets: [target(port)] });
  world.publishBasics(record, user('ada', []), user('ben', []));
}

const as = (userId: string) => world.sessionCookie('app', APP_HOST, { subject: { kind: 'user', userId } });
const ask = (path = '/a.css', headers: Record<string, string> = {}, method = 'GET') =>
  world.fetch(APP_HOST, path, { method, headers: { cookie: as('ada'), ...headers } });

test('a public answer is asked for once, and tells its age', async () => {
  assert.equal((await ask()).body, 'answer 1');
  world.clock.advance(7_500);
  const again = await ask('/a.css', { cookie: as('ben') });
  assert.deepEqual([again.body, again.headers['age'], again.headers['etag']], ['answer 1', '7', '"v1"']);
  assert.deepEqual([(await ask('/a.css', {}, 'HEAD')).headers['content-length'], asked.length], ['8', 1]);
  world.clock.advance(60_000);
  assert.equal((await ask()).body, 'answer 2');
});

test('what the cache did is told', async () => {
  const status = async (...request: Parameters<typeof ask>) => (await ask(...request)).headers['cache-status'];
  assert.equal(await status(), 'Manis; fwd=miss; stored');
  world.clock.advance(10_000);
  assert.equal(await status(), 'Manis; hit; ttl=50');
  assert.equal(await status('/a.css', { 'cache-control': 'no-cache' }), 'Manis; fwd=request; stored');
  assert.equal(await status('/a.css', { range: 'bytes=0-1' }), 'Manis; fwd=bypass');
  assert.equal(await status('/a.css', {}, 'POST'), 'Manis; fwd=method');
});

test('nobody gets it whom the policy does not admit', async () => {
  await ask();
  assert.equal((await world.fetch(APP_HOST, '/a.css')).status, 401);
});

test('whoever has it already is told so', async () => {
  await ask();
  const answer = await ask('/a.css', { 'if-none-match': 'W/"v1"' });
  assert.deepEqual([answer.status, answer.body, asked.length], [304, '', 1]);
});

test('what is not public, sets a cookie or broke off is asked for each time', async () => {
  for (const changed of [
    { 'Cache-Control': 'max-age=60' },
    { 'Cache-Control': PUBLIC_FOR_A_MINUTE, 'Set-Cookie': 'a=b' },
    {},
  ]) {
    fields = changed;
    await ask('/b');
    await ask('/b');
  }
  assert.equal(asked.length, 6);
  fields = { 'Cache-Control': PUBLIC_FOR_A_MINUTE };
  for (let i = 0; i < 2; i++) await assert.rejects(ask('/cut'));
  assert.equal(asked.length, 8);
});

test('answers that differ by a field are kept side by side', async () => {
  fields = { ...fields, Vary: 'Accept-Language' };
  for (const language of ['de', 'en', 'de', 'en']) await ask('/a.css', { 'accept-language': language });
  assert.equal(asked.length, 2);
  assert.equal((await ask('/a.css', { 'accept-language': 'de' })).body, 'answer 1');
});

test('an unsafe request to an address makes it asked for anew', async () => {
  await ask();
  await ask('/a.css', {}, 'POST');
  assert.equal((await ask()).body, 'answer 3');
});

test('whichever route the unsafe request takes, and each route has answers of its own', async () => {
  const byMethod = { name: 'writes', when: { method: ['POST'] }, forward: {} };
  const byField = { name: 'beta', when: { header: { name: 'x-beta' } }, forward: {} };
  publish({ cache: {}, routes: [byMethod, byField] });
  await ask();
  assert.equal((await ask('/a.css', { 'x-beta': '1' })).body, 'answer 2');
  assert.equal((await ask()).body, 'answer 1');
  await ask('/a.css', {}, 'POST');
  assert.equal((await ask()).body, 'answer 4');
});

test('a route that leads each user elsewhere has answers of their own', async () => {
  const forward = { replaceRegex: { regex: '^/me/(.*)$', with: '/of/{user.id}/{1}' } };
  publish({ cache: {}, routes: [{ name: 'mine', when: { path: { prefix: '/me' } }, forward }] });
  for (const userId of ['ada', 'ben', 'ada', 'ben']) await ask('/me/face.png', { cookie: as(userId) });
  assert.deepEqual(asked, ['GET /of/ada/face.png', 'GET /of/ben/face.png']);
});

test('an answer that was chosen by a field that rules write is kept for nobody', async () => {
  fields = { ...fields, Vary: 'Accept-Language, X-For' };
  const set = { set: 'X-For', value: '{user.id}' };
  const route = { name: 'docs', when: { path: { prefix: '/docs' } }, forward: { headers: { request: [set] } } };
  for (const http of [
    { cache: {}, headers: { request: [set] } },
    { cache: {}, routes: [route] },
  ]) {
    publish(http);
    asked = [];
    for (const userId of ['ada', 'ben']) await ask('/docs/a', { cookie: as(userId) });
    assert.equal(asked.length, 2);
  }
});

test('what a client wants fresh is asked for, and kept for the others', async () => {
  await ask();
  assert.equal((await ask('/a.css', { 'cache-control': 'no-cache' })).body, 'answer 2');
  assert.equal(asked.length, 2);
});

test('header rules hold for whoever asks, not for whoever asked first', async () => {
  publish({ cache: {}, headers: { response: [{ set: 'X-For', value: '{user.id}' }] } });
  assert.equal((await ask()).headers['x-for'], 'ada');
  assert.equal((await ask('/a.css', { cookie: as('ben') })).headers['x-for'], 'ben');
  assert.equal(asked.length, 1);
});

test('a resource that was changed begins anew, and one without a cache keeps nothing', async () => {
  await ask();
  publish({ cache: { answerBytes: 4 } });
  await ask();
  await ask();
  assert.equal(asked.length, 3);
  publish({});
  await ask();
  await ask();
  assert.equal(asked.length, 5);
});

describe('what is stale', () => {
  let conditions: (string | undefined)[] = [];
  /** A target whose answer stays what it is until `serial` is counted up. */
  function steady(request: IncomingMessage, response: ServerResponse, more: OutgoingHttpHeaders = {}): boolean {
    const tag = `"v${serial}"`;
    conditions.push(request.headers['if-none-match']);
    const isStill = request.headers['if-none-match'] === tag;
    response.writeHead(isStill ? 304 : 200, { ...fields, ETag: tag, ...more });
    response.end(isStill ? undefined : `answer ${serial}`);
    return true;
  }
  const sorry = (response: ServerResponse) => response.writeHead(503).end('sorry');
  const breakOff = (response: ServerResponse) => response.write('s', () => response.destroy());
  const then = async (headers: Record<string, string> = {}, method = 'GET') => {
    world.clock.advance(61_000);
    const answer = await ask('/a.css', headers, method);
    return [answer.status, answer.body, answer.headers['cache-status']?.toString().replace(/^Manis; /, '')];
  };
  beforeEach(() => {
    conditions = [];
    behave = steady;
  });

  test('is asked about, and given again where it is still so, with what its target says anew', async () => {
    await ask();
    fields = { ...fields, 'X-Said': 'anew' };
    assert.deepEqual(await then(), [200, 'answer 0', 'fwd=stale; fwd-status=304']);
    const again = await ask();
    assert.deepEqual([again.body, again.headers['x-said'], again.headers['age']], ['answer 0', 'anew', '0']);
    assert.deepEqual(conditions, [undefined, '"v0"']);
    serial = 1;
    assert.deepEqual(await then(), [200, 'answer 1', 'fwd=stale; fwd-status=200; stored']);
    assert.deepEqual([(await ask()).body, conditions.length], ['answer 1', 3]);
  });

  test('a client asks about what it has, and the target about what is kept', async () => {
    await ask();
    assert.deepEqual(await then({ 'if-none-match': '"v0"' }), [304, '', 'fwd=stale; fwd-status=304']);
    assert.deepEqual(await then({ 'if-none-match': '"other"' }), [200, 'answer 0', 'fwd=stale; fwd-status=304']);
    assert.deepEqual(await then({}, 'HEAD'), [200, '', 'fwd=stale; fwd-status=304']);
    serial = 1;
    // It had the new one from elsewhere; what is kept is nevertheless renewed.
    assert.deepEqual(await then({ 'if-none-match': '"v1"' }), [304, '', 'fwd=stale; fwd-status=200; stored']);
    assert.deepEqual([(await ask()).body, conditions], ['answer 1', [undefined, '"v0"', '"v0"', '"v0"', '"v0"']]);
  });

  test('is asked about each time where it says so, and where the client does', async () => {
    fields = { 'Cache-Control': 'public, no-cache' };
    await ask();
    assert.deepEqual([(await ask()).body, conditions], ['answer 0', [undefined, '"v0"']]);
    fields = { 'Cache-Control': PUBLIC_FOR_A_MINUTE };
    await ask();
    const answer = await ask('/a.css', { 'cache-control': 'max-age=0' });
    assert.deepEqual([answer.body, answer.headers['cache-status']], ['answer 0', 'Manis; fwd=request; fwd-status=304']);
  });

  test('goes to nobody once its target keeps it to one person', async () => {
    await ask();
    fields = { 'Cache-Control': 'private', 'Set-Cookie': 'a=b' };
    world.clock.advance(61_000);
    const own = await ask();
    assert.deepEqual(
      [own.body, own.headers['set-cookie'], own.headers['cache-control']],
      ['answer 0', ['a=b'], 'private'],
    );
    await ask();
    assert.deepEqual(conditions, [undefined, '"v0"', undefined]);
  });

  test('that its target takes for another answer is given once and asked for anew', async () => {
    await ask();
    behave = (request, response) => steady(request, response, { ETag: '"elsewhere"' });
    assert.deepEqual(await then(), [200, 'answer 0', 'fwd=stale; fwd-status=304']);
    assert.deepEqual(await then(), [200, 'answer 0', 'fwd=miss; stored']);
    assert.deepEqual(conditions, [undefined, '"v0"', undefined]);
  });

  test('is forgotten by an unsafe request while its target is asked', async () => {
    await ask();
    const { promise: came, resolve: comes } = Promise.withResolvers<() => void>();
    behave = (request, response) => {
      behave = steady;
      comes(() => steady(request, response));
      return true;
    };
    const first = then();
    const answer = await came;
    await ask('/a.css', {}, 'POST');
    answer();
    assert.equal((await first)[1], 'answer 0');
    await ask();
    assert.deepEqual(conditions, [undefined, undefined, '"v0"', undefined]);
  });

  test('will do for others while one asks, where its target says so', async () => {
    fields = { 'Cache-Control': `${PUBLIC_FOR_A_MINUTE}, stale-while-revalidate=30` };
    await ask();
    const { promise: came, resolve: comes } = Promise.withResolvers<() => void>();
    behave = (request, response) => {
      comes(() => steady(request, response));
      return true;
    };
    serial = 1;
    const first = then();
    const answer = await came;
    const other = await ask();
    assert.deepEqual(
      [other.body, other.headers['age'], other.headers['cache-status']],
      ['answer 0', '61', 'Manis; hit; ttl=-1'],
    );
    answer();
    assert.equal((await first)[1], 'answer 1');
    assert.deepEqual([(await ask()).body, asked.length], ['answer 1', 2]);
  });

  for (const [what, trouble] of [
    ['is in trouble', sorry],
    [
      'breaks off in trouble',
      (response: ServerResponse) => breakOff(response.writeHead(500, { 'Content-Length': 99 })),
    ],
    ['is not there', (response: ServerResponse) => response.destroy()],
  ] as const)
    test(`will do where its target ${what}, as long as it says, and no longer`, async () => {
      fields = { 'Cache-Control': `${PUBLIC_FOR_A_MINUTE}, stale-if-error=100` };
      await ask();
      behave = (_request, response) => trouble(response) !== undefined;
      for (const body of ['answer 0', 'answer 0']) {
        world.clock.advance(61_000);
        assert.deepEqual((await ask()).body, body);
      }
      world.clock.advance(61_000);
      const late = await ask().catch(() => undefined);
      assert.notEqual(late?.status, 200);
    });

  test('never does where it must be asked about', async () => {
    fields = { 'Cache-Control': `${PUBLIC_FOR_A_MINUTE}, must-revalidate, stale-if-error=100` };
    await ask();
    behave = (_request, response) => sorry(response) !== undefined;
    assert.deepEqual(await then(), [503, 'sorry', 'fwd=stale; fwd-status=503']);
    behave = steady;
    assert.deepEqual(await then(), [200, 'answer 0', 'fwd=stale; fwd-status=304']);
  });
});

describe('the store', () => {
  test('is bounded in bytes, and what was used longest ago goes first', () => {
    const store = new KeptAnswers();
    const of = {};
    const key = (i: number) => ({ uri: `/${i}`, route: '', of, rawHeaders: [] });
    const keep = (i: number): void => {
      const keeper = store.keeperOf(
        key(i),
        { status: 200, fields: ['Cache-Control', PUBLIC_FOR_A_MINUTE] },
        2_000_000,
        0,
      );
      keeper?.take(Buffer.alloc(1_000_000));
      keeper?.ended(true);
    };
    for (let i = 0; i < 100; i++) {
      keep(i);
      assert.ok(store.find(key(0), 0), 'what is used stays');
    }
    assert.ok(store.bytes <= MAXIMUM_KEPT_BYTES && store.bytes > MAXIMUM_KEPT_BYTES - 1_100_000);
    assert.equal(store.find(key(1), 0), undefined);
    assert.ok(store.find(key(99), 0));
    store.forget('/99');
    assert.equal(store.find(key(99), 0), undefined);
    assert.equal(store.find(key(0), 60_000), undefined);
  });

  test('counts what clients write, too: addresses, and fields that answers are chosen by', () => {
    const store = new KeptAnswers();
    const long = 'x'.repeat(10_000);
    const rawHeaders = ['Accept-Language', long];
    const keeper = store.keeperOf(
      { uri: `/${long}`, route: ` /${long}`, of: store, rawHeaders },
      { status: 200, fields: ['Cache-Control', PUBLIC_FOR_A_MINUTE, 'Vary', 'Accept-Language'] },
      1_000,
      0,
    );
    keeper?.ended(true);
    assert.ok(store.bytes > 30_000);
  });

  test('collects no more than so much at once, and lets go of what broke off', () => {
    const store = new KeptAnswers();
    const answer = { status: 200, fields: ['Cache-Control', PUBLIC_FOR_A_MINUTE] };
    const collect = (uri: string) =>
      store.keeperOf({ uri, route: '', of: store, rawHeaders: [] }, answer, 16_000_000, 0);
    const open = ['/1', '/2', '/3'].map(collect);
    for (const collector of open) collector?.take(Buffer.alloc(15_000_000));
    for (const [i, collector] of open.entries()) collector?.ended(i !== 0);
    const isKept = (uri: string) => store.find({ uri, route: '', of: store, rawHeaders: [] }, 0) !== undefined;
    assert.deepEqual(['/1', '/2', '/3'].map(isKept), [false, true, false]);
    const later = collect('/4');
    later?.take(Buffer.alloc(15_000_000));
    later?.ended(true);
    assert.ok(isKept('/4'));
  });
});
