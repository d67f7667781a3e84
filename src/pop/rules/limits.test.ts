/** Limits, maintenance, pages and other origins, through a whole PoP. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { HttpSettings } from '../../core/http-rules/index.ts';
import type { Policy } from '../../core/policy/index.ts';
import { APP_HOST, PopWorld, PUBLIC, resource, SIGNED_IN, target, user } from '../../testing/pop-world.ts';

let world: PopWorld;
let port: number;
/** Requests that the backend has not answered. */
const waiting: ServerResponse[] = [];
let seen = 0;
const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

before(async () => {
  world = await PopWorld.start();
  const server = createServer((request, response) => {
    seen++;
    if (request.url === '/wait') return void waiting.push(response);
    request.resume().on('end', () => {
      response.setHeader('X-Told-Authorization', request.headers.authorization ?? 'nothing');
      if (request.url === '/cors') response.setHeader('Access-Control-Allow-Origin', '*');
      response.end(`${request.method} ${request.url}`);
    });
  });
  port = await world.listen(server);
});
after(() => world.stop());
beforeEach(() => {
  seen = 0;
  world.clock.advance(3_600_000);
});

function publish(http: HttpSettings, policy: Policy = PUBLIC, at = port): void {
  world.publishBasics(resource(at, { http, policy, targets: [target(at)] }), user('ada', ['staff']));
}

const cookie = () => world.sessionCookie('app', APP_HOST);
const ask = (
  path = '/',
  headers: Record<string, string> = {},
  options: { method?: string; body?: string; from?: string } = {},
) => world.fetch(APP_HOST, path, { headers, ...options });
const reason = (answer: { body: string }) => (JSON.parse(answer.body) as { reason: string }).reason;

describe('a request that is too large', () => {
  before(() => publish({ limits: { bodyBytes: 100, headerBytes: 400, uriBytes: 40 } }));

  test('in its address, 414', async () => assert.equal((await ask(`/${'a'.repeat(40)}`)).status, 414));

  test('in its head, 431', async () => {
    const answer = await ask('/', { 'x-long': 'a'.repeat(400) });
    assert.deepEqual([answer.status, reason(answer)], [431, 'headers-too-large']);
  });

  test('in its body, 413, before anything reaches the backend', async () => {
    assert.equal((await ask('/', {}, { method: 'POST', body: 'a'.repeat(101) })).status, 413);
    assert.equal(seen, 0);
    assert.equal((await ask('/', {}, { method: 'POST', body: 'a'.repeat(100) })).status, 200);
  });

  for (const expects of ['', 'Expect: 100-continue\r\n', 'Trailer: x-a\r\n'])
    test(`in its body without a length ${expects.trim()}`, async () => {
      const chunks = `${'64\r\n'}${'a'.repeat(100)}\r\n`.repeat(3);
      const head = `POST / HTTP/1.1\r\nHost: ${APP_HOST}:${world.port}\r\nConnection: close\r\n${expects}Transfer-Encoding: chunked\r\n\r\n`;
      const text = await world.exchange(APP_HOST, `${head}${chunks}0\r\n\r\n`);
      assert.match(text, /HTTP\/1\.1 413 /);
      assert.doesNotMatch(text, /HTTP\/1\.1 200/);
    });
});

test('a target that does not begin to answer in time is 504, and its answer is not waited for', async () => {
  publish({ limits: { answerMs: 100 } });
  const answer = await ask('/wait');
  assert.deepEqual([answer.status, reason(answer)], [504, 'target-timed-out']);
  for (const response of waiting.splice(0)) response.destroy();
});

test('also where the request goes by a connection of its own', async () => {
  publish({ limits: { answerMs: 100 } });
  const head = `POST /wait HTTP/1.1\r\nHost: ${APP_HOST}:${world.port}\r\nConnection: close\r\nTrailer: x-a\r\n`;
  const text = await world.exchange(APP_HOST, `${head}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`);
  assert.match(text, /^HTTP\/1\.1 504 /);
  for (const response of waiting.splice(0)) response.destroy();
});

describe('too many requests', () => {
  test('of one address are told when to come again, and others are served', async () => {
    publish({ limits: { perClient: { requests: 2, perMs: 10_000 } } });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await ask('/', {}, { from: '127.0.0.2' })).status);
    assert.deepEqual(statuses, [200, 200, 429]);
    const refused = await ask('/', {}, { from: '127.0.0.2' });
    assert.deepEqual([refused.headers['retry-after'], reason(refused)], ['5', 'client-rate']);
    assert.equal((await ask('/', {}, { from: '127.0.0.3' })).status, 200);
    world.clock.advance(5_000);
    assert.equal((await ask('/', {}, { from: '127.0.0.2' })).status, 200);
  });

  test('of one user, from wherever', async () => {
    publish({ limits: { perUser: { requests: 1, perMs: 10_000 } } }, SIGNED_IN);
    assert.equal((await ask('/', { cookie: cookie() }, { from: '127.0.0.2' })).status, 200);
    const again = await ask('/', { cookie: cookie() }, { from: '127.0.0.3' });
    assert.deepEqual([again.status, reason(again)], [429, 'user-rate']);
  });

  test('at once', async () => {
    publish({ limits: { concurrent: 1 } });
    const first = ask('/wait');
    while (waiting.length === 0) await new Promise(setImmediate);
    const second = await ask('/');
    assert.deepEqual([second.status, second.headers['retry-after'], reason(second)], [503, '2', 'concurrent-requests']);
    waiting.pop()?.end('done');
    assert.equal((await first).body, 'done');
    assert.equal((await ask('/')).status, 200);
  });
});

describe('maintenance', () => {
  const on: HttpSettings = {
    maintenance: {
      on: true,
      message: 'Moving <house>',
      retryAfterMs: 90_000,
      bypass: { roles: ['staff'], addresses: ['127.0.0.9'] },
    },
  };

  test('is a page with 503 for people, a problem for programs', async () => {
    publish(on);
    const page = await ask('/', PAGE);
    assert.deepEqual([page.status, page.headers['retry-after']], [503, '90']);
    assert.match(page.body, /Moving &lt;house&gt;/);
    assert.equal((JSON.parse((await ask('/')).body) as { detail: string }).detail, 'Moving <house>');
    assert.equal(seen, 0);
  });

  test('is passed by roles and addresses that are to look', async () => {
    publish(on);
    assert.equal((await ask('/', { cookie: cookie() })).status, 200);
    assert.equal((await ask('/', {}, { from: '127.0.0.9' })).status, 200);
  });

  test('tells nobody of it who may not open the application anyway', async () => {
    publish(on, SIGNED_IN);
    assert.equal((await ask('/')).status, 401);
  });

  test('is shown by itself when no target answers', async () => {
    publish({ maintenance: { automatic: true } }, PUBLIC, 1);
    const page = await ask('/', PAGE);
    assert.deepEqual([page.status, page.headers['retry-after']], [503, '60']);
    assert.match(page.body, /being worked on/);
    publish({}, PUBLIC, 1);
    assert.equal((await ask('/', PAGE)).status, 502);
  });
});

describe('a page of their own', () => {
  const html = '<h1>{status} {title}</h1><p>{resource.name} {path}</p><script>alert(1)</script>';

  test('is shown to people, escaped, and cannot run a script; programs get their problem', async () => {
    publish({ errorPages: [{ statuses: [502, 503], html }] }, PUBLIC, 1);
    const page = await ask('/%3Cb%3E', PAGE);
    assert.equal(page.status, 502);
    assert.match(page.body, /^<h1>502 The application does not answer<\/h1><p>Wiki \/%3Cb%3E<\/p>/);
    const policy = String(page.headers['content-security-policy']);
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /sandbox(?!.*allow-scripts)(?!.*allow-same-origin)/);
    assert.equal((await ask('/')).headers['content-type'], 'application/problem+json');
  });

  test('is shown for paths of Manis itself, too', async () => {
    publish({ errorPages: [{ statuses: [404], html: 'nothing at {path}' }] });
    assert.equal((await ask('/.manis/none', PAGE)).body, 'nothing at /.manis/none');
  });

  test("is the organisation's where the resource has none", async () => {
    publish({ errorPages: [{ statuses: [503], html }] }, PUBLIC, 1);
    world.publish({
      ...{
        kind: 'organisation',
        id: 'org-1',
        name: 'Northwind',
        sessionIdleMs: 3_600_000,
        sessionAbsoluteMs: 3_600_000,
      },
      errorPages: [{ statuses: [502], html: 'ours: {organisation}' }],
    });
    assert.equal((await ask('/', PAGE)).body, 'ours: Northwind Trading');
  });
});

describe('scripts of another origin', () => {
  const origin = 'https://front.example';
  const preflight = { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-a' };
  const publishCors = (preflight?: 'judge' | 'pass' | 'answer') =>
    publish({ cors: { origins: [origin], credentials: true, ...(preflight && { preflight }) } }, SIGNED_IN);

  test('can read that they have to sign in, and are never sent to a page', async () => {
    publishCors();
    const answer = await ask('/', { origin, 'sec-fetch-mode': 'cors', accept: 'text/html,*/*' });
    assert.deepEqual(
      [
        answer.status,
        answer.headers['access-control-allow-origin'],
        answer.headers['access-control-allow-credentials'],
      ],
      [401, origin, 'true'],
    );
    assert.equal(answer.headers.location, undefined);
    const other = await ask('/', { origin: 'https://evil.example' });
    assert.deepEqual(
      [other.status, other.headers['access-control-allow-origin'], other.headers['vary']],
      [401, undefined, 'Origin'],
    );
  });

  test('whose preflights are judged get through no more than anybody', async () => {
    publishCors();
    assert.equal((await ask('/', preflight, { method: 'OPTIONS' })).status, 401);
    assert.equal(seen, 0);
  });

  test('whose preflights pass reach the target as nobody, and no other request does', async () => {
    publishCors('pass');
    assert.equal((await ask('/cors', preflight, { method: 'OPTIONS' })).body, 'OPTIONS /cors');
    assert.equal((await ask('/', { ...preflight, origin: 'https://evil.example' }, { method: 'OPTIONS' })).status, 401);
    assert.equal((await ask('/', { origin }, { method: 'OPTIONS' })).status, 401);
    assert.equal((await ask('/', preflight, { method: 'PUT' })).status, 401);
    assert.equal(seen, 1);
  });

  test('tell the target what the application calls its own, and no credential of Manis, in a preflight that passes', async () => {
    publishCors('pass');
    const told = async (authorization: string): Promise<unknown> =>
      (await ask('/', { ...preflight, authorization }, { method: 'OPTIONS' })).headers['x-told-authorization'];
    assert.equal(await told(`Bearer mnt_${'t'.repeat(43)}`), 'nothing');
    assert.equal(await told(`bearer  mnt_${'t'.repeat(43)}`), 'nothing');
    assert.equal(await told('Bearer of-the-application'), 'Bearer of-the-application');
    assert.equal(seen, 3);
  });

  test('whose preflights Manis answers', async () => {
    publishCors('answer');
    const { status, headers } = await ask('/', preflight, { method: 'OPTIONS' });
    assert.deepEqual(
      [status, headers['access-control-allow-origin'], headers['access-control-allow-headers']],
      [200, origin, 'x-a'],
    );
    assert.equal(seen, 0);
    const answer = await ask('/cors', { origin, cookie: cookie() });
    assert.deepEqual([answer.body, answer.headers['access-control-allow-origin']], ['GET /cors', origin]);
  });
});
