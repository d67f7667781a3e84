// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** Routes of a resource, through a whole PoP: which target, which path, what instead. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { HttpSettings } from '../../core/http-rules/index.ts';
import { APP_HOST, PopWorld, PUBLIC, resource, target, user } from '../../testing/pop-world.ts';

let world: PopWorld;
const ports: number[] = [];
const cookie = () => world.sessionCookie('app', APP_HOST);

/** Says which of the targets it is and what it was asked for. */
async function backend(name: string): Promise<number> {
  const server = createServer((request: IncomingMessage, response) => {
    response.setHeader('Server', 'Backend/1.0');
    response.end(JSON.stringify({ name, url: request.url, headers: request.headers, raw: request.rawHeaders }));
  });
  return world.listen(server);
}

before(async () => {
  world = await PopWorld.start();
  ports.push(await backend('first'), await backend('second'));
});
after(() => world.stop());

function publish(http: HttpSettings, changes: Partial<Parameters<typeof resource>[1]> = {}): void {
  const [first = 0, second = 0] = ports;
  const targets = [target(first, { id: 'tgt_1' }), target(second, { id: 'tgt_2', priority: 1 })];
  world.publishBasics(resource(first, { http, targets, policy: PUBLIC, ...changes }), user('ada', ['staff']));
}

const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
  const answer = await world.fetch(APP_HOST, path, { headers, method });
  return {
    ...answer,
    seen: answer.status === 200 && answer.body.startsWith('{') ? JSON.parse(answer.body) : undefined,
  };
};

const TABLE: HttpSettings = {
  routes: [
    {
      name: 'find',
      when: { path: { regex: '^/FIND/(.*)$', ignoreCase: true } },
      redirect: { to: '/search?q={1}&then={query}' },
    },
    { name: 'rest', forward: {} },
    { name: 'api', when: { path: { prefix: '/api' } }, forward: { targets: ['tgt_2'], stripPrefix: '/api' } },
    {
      name: 'api v2',
      when: { path: { prefix: '/api/v2' } },
      forward: { replacePrefix: { prefix: '/api/v2', with: '/next' } },
    },
    { name: 'writes', when: { path: { prefix: '/api' }, method: ['POST'] }, forward: {} },
    { name: 'beta', priority: 10, when: { header: { name: 'x-beta' } }, forward: { targets: ['tgt_2'] } },
    {
      name: 'people',
      when: { path: { glob: '/people/*' } },
      forward: { replaceRegex: { regex: '^/people/([a-zé ]+)$', with: '/users/by-name/{1}?of={resource.name}' } },
    },
    {
      name: 'odd',
      when: { path: { prefix: '/odd' } },
      forward: { replaceRegex: { regex: '^/odd/x(.*)y$', with: '/safe/{1}/end' } },
    },
    {
      name: 'mine',
      when: { path: { exact: '/mine' } },
      forward: { replaceRegex: { regex: '^/mine$', with: '/home/{user.id}' } },
    },
    { name: 'moved', when: { path: { prefix: '/old' } }, redirect: { to: '/new{path}', status: 308 } },
    {
      name: 'away',
      when: { path: { regex: '^/away/(.*)$' } },
      redirect: { to: 'https://other.example/{1}', keepQuery: false },
    },
    { name: 'slash', when: { path: { regex: '^/slash(.*)$' } }, redirect: { to: '/{1}' } },
    {
      name: 'robots',
      when: { path: { exact: '/robots.txt' } },
      answer: { status: 200, body: 'User-agent: *\n', headers: [{ set: 'X-Robots', value: '{host}' }] },
    },
    { name: 'nothing', when: { path: { exact: '/nothing' } }, answer: { status: 204 } },
  ],
};

/** Path asked for, what the backend sees and which one it is. */
const FORWARDED: readonly (readonly [path: string, url: string, name: string])[] = [
  ['/', '/', 'first'],
  ['/apiary', '/apiary', 'first'],
  ['/api', '/', 'second'],
  ['/api/', '/', 'second'],
  ['/api/caf%C3%A9/a%20b?q=%2F..', '/caf%C3%A9/a%20b?q=%2F..', 'second'],
  ['//api//x', '/x', 'second'],
  ['/%61pi/./x', '/x', 'second'],
  ['/api/v2', '/next', 'first'],
  ['/api/v2/x/', '/next/x/', 'first'],
  ['/people/andr%C3%A9 b'.replace(' ', '%20'), '/users/by-name/andr%C3%A9%20b?of=Wiki', 'first'],
];

describe('a request that routes take', () => {
  before(() => publish(TABLE));

  for (const [path, url, name] of FORWARDED)
    test(`${path} goes to the ${name} target as ${url}`, async () => {
      const { seen } = await ask(path);
      assert.deepEqual([seen?.name, seen?.url], [name, url]);
    });

  test('goes by method and header field, too, and by priority before all', async () => {
    assert.equal((await ask('/api/x', {}, 'POST')).seen?.name, 'first');
    assert.equal((await ask('/x', { 'x-beta': '1' })).seen?.name, 'second');
  });

  test('is refused where what comes out would climb or be read in two ways', async () => {
    for (const path of ['/odd/x..y', '/odd/x/..y', '/odd/x../y', '/odd/x..;a/y', '/odd/q'])
      assert.equal((await ask(path)).status, 400, path);
    assert.equal((await ask('/odd/xay')).seen?.url, '/safe/a/end');
  });

  test('is refused where a path is one thing to one backend and another to the next', async () => {
    const { status, body } = await ask('/api;v=1/x');
    assert.deepEqual([status, JSON.parse(body).reason], [400, 'route-unclear']);
  });

  test('has no empty place where nobody is signed in', async () => {
    assert.equal(JSON.parse((await ask('/mine')).body).reason, 'rewrite-empty-value');
    assert.equal((await ask('/mine', { cookie: cookie() })).seen?.url, '/home/ada');
  });

  test('is sent elsewhere, never to a host that the client named', async () => {
    const moved = await ask('/old/a%20b?x=1');
    assert.deepEqual([moved.status, moved.headers.location], [308, '/new/old/a%20b?x=1']);
    assert.equal((await ask('/away/a/b?x=1')).headers.location, 'https://other.example/a/b');
    assert.equal((await ask('/slash%2540evil.example'.replace('%25', '%'))).headers.location, '/@evil.example');
    assert.equal((await ask('/find/A&b=1/c?x=y')).headers.location, '/search?q=A%26b%3D1%2Fc&then=x=y');
    assert.equal((await ask('/slash/evil.example')).headers.location, '/evil.example');
  });

  test('is answered by Manis itself', async () => {
    const robots = await ask('/robots.txt');
    assert.deepEqual([robots.status, robots.body, robots.headers['x-robots']], [200, 'User-agent: *\n', APP_HOST]);
    assert.equal(robots.headers['content-type'], 'text/plain; charset=utf-8');
    const nothing = await ask('/nothing');
    assert.deepEqual([nothing.status, nothing.headers['content-length']], [204, undefined]);
  });
});

test('the policy judges the path that was asked for, before any route', async () => {
  const rule = { id: 'r', name: 'R', enabled: true };
  const policy = {
    rules: [
      { ...rule, id: 'no', when: { path: { prefix: '/api/secret' } }, then: { kind: 'deny' as const } },
      { ...rule, when: { all: [] }, then: { kind: 'bypass' as const } },
    ],
  };
  publish(TABLE, { policy });
  assert.equal((await ask('/api/secret')).status, 403);
  assert.equal((await ask('/api/%73ecret/x')).status, 403);
  assert.equal((await ask('/api/open')).seen?.url, '/open');
});

test('a route whose targets are gone serves nothing, rather than from another target', async () => {
  publish({ routes: [{ name: 'a', forward: { targets: ['tgt_gone'] } }] });
  assert.equal((await ask('/')).status, 503);
});

describe('header rules', () => {
  const http: HttpSettings = {
    headers: {
      preset: 'basic',
      request: [
        { set: 'X-Who', value: '{user.email} at {client.address}' },
        { remove: 'X-Debug' },
        { add: 'X-Tag', value: 'b' },
        { default: 'Accept-Language', value: 'en' },
      ],
      response: [{ remove: 'Server' }, { set: 'X-Asked', value: '{path}{query}' }],
    },
    routes: [
      {
        name: 'deep',
        when: { path: { prefix: '/deep' } },
        forward: {
          headers: {
            request: [{ set: 'X-Tag', value: '{{deep}}' }],
            response: [{ set: 'X-Frame-Options', value: 'DENY' }],
          },
        },
      },
    ],
  };
  before(() => publish(http));

  test('set, add, default and remove on the way there', async () => {
    const { seen } = await ask('/', { cookie: cookie(), 'x-debug': '1', x_debug: '2', 'x-tag': 'a' });
    const { headers } = seen;
    assert.equal(headers['x-who'], 'ada@example.com at 127.0.0.1');
    assert.deepEqual([headers['x-debug'], headers['x_debug']], [undefined, undefined]);
    assert.deepEqual([headers['x-tag'], headers['accept-language']], ['a, b', 'en']);
    assert.equal(headers['remote-user'], 'ada@example.com');
  });

  test('and on the way back, where presets fill what nobody said', async () => {
    const { headers } = await ask('/p?q=1');
    assert.deepEqual(
      [headers['server'], headers['x-asked'], headers['x-frame-options']],
      [undefined, '/p?q=1', 'SAMEORIGIN'],
    );
    assert.equal(headers['x-content-type-options'], 'nosniff');
  });

  test("a route's own come on top", async () => {
    const { headers, seen } = await ask('/deep/x');
    assert.deepEqual([headers['x-frame-options'], seen.headers['x-tag']], ['DENY', '{deep}']);
  });

  test('a value that a user chose breaks out of no field', async () => {
    const evil = { ...user('ada', ['staff']), name: 'Ada\r\nX-Evil: 1', email: 'ada@example.com' };
    const [port = 0] = ports;
    const settings: HttpSettings = { headers: { request: [{ set: 'X-Name', value: '{user.name}' }] } };
    world.publishBasics(resource(port, { http: settings, targets: [target(port)] }), evil);
    const { seen } = await ask('/', { cookie: cookie() });
    assert.deepEqual([seen.headers['x-name'], seen.headers['x-evil']], ['Ada%0D%0AX-Evil: 1', undefined]);
  });
});
