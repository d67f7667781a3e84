import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseHttpSettings } from './parse.ts';

const GOOD: Readonly<Record<string, unknown>> = {
  nothing: {},
  'every part': {
    routes: [
      {
        name: 'api',
        priority: 5,
        when: { path: { prefix: '/api' }, method: ['GET'], header: { name: 'x-beta', values: ['1'] } },
        forward: { targets: ['tgt_1'], stripPrefix: '/api', headers: { request: [{ set: 'X-Part', value: 'api' }] } },
      },
      {
        name: 'user',
        when: { path: { glob: '/u/*' } },
        forward: { replaceRegex: { regex: '^/u/(.*)$', with: '/users/{1}' } },
      },
      {
        name: 'old',
        enabled: false,
        when: { path: { exact: '/old' } },
        redirect: { to: 'https://new.example/{path}', status: 308 },
      },
      { name: 'robots', when: { path: { exact: '/robots.txt' } }, answer: { status: 200, body: 'User-agent: *' } },
    ],
    headers: { preset: 'strict', request: [{ add: 'X-Who', value: '{user.email}' }], response: [{ remove: 'Server' }] },
    compression: { encodings: ['zstd'], minimumBytes: 100, types: ['text/*'], personal: true },
    limits: {
      ...{ bodyBytes: 1, headerBytes: 4096, uriBytes: 100, answerMs: 1000, concurrent: 3 },
      perClient: { requests: 10, perMs: 1000, burst: 20 },
      perUser: { requests: 10, perMs: 1000 },
    },
    maintenance: { on: true, automatic: true, message: 'Soon', bypass: { roles: ['ops'], addresses: ['10.0.0.0/8'] } },
    errorPages: [{ statuses: [502, 503], html: '<style>p{color:red}</style><p>{title} { }</p>' }],
    cors: { origins: ['https://a.example'], credentials: true, preflight: 'answer', methods: ['PUT'], maxAgeMs: 1000 },
    cache: {},
  },
};

/** What is wrong, and where. */
const BAD: readonly (readonly [name: string, settings: unknown, path: string, expected: RegExp])[] = [
  ['no object', [], '', /an object/],
  ['an unknown part', { route: [] }, 'route', /one of the keys routes, headers/],
  ['no routes', { routes: [] }, 'routes', /a list of 1 to/],
  ['a route that does nothing', { routes: [{ name: 'a' }] }, 'routes[0]', /exactly one of forward, redirect, answer/],
  ['a route without a name', { routes: [{ forward: {} }] }, 'routes[0].name', /must be said/],
  [
    'two routes of one name',
    {
      routes: [
        { name: 'a', forward: {} },
        { name: 'a', forward: {} },
      ],
    },
    'routes[1].name',
    /no other route/,
  ],
  [
    'two ways of rewriting',
    { routes: [{ name: 'a', forward: { stripPrefix: '/a', replacePrefix: { prefix: '/a', with: '/b' } } }] },
    'routes[0].forward',
    /at most one/,
  ],
  [
    'a prefix that no request of the route has',
    { routes: [{ name: 'a', when: { path: { prefix: '/a' } }, forward: { stripPrefix: '/b' } }] },
    'routes[0].forward',
    /a prefix that requests of this route have/,
  ],
  [
    'a capture that is not there',
    { routes: [{ name: 'a', forward: { replaceRegex: { regex: '^/(.*)$', with: '/{2}' } } }] },
    'routes[0].forward.replaceRegex.with',
    /between braces one of .*, 1$/,
  ],
  [
    'a rewriting that climbs',
    { routes: [{ name: 'a', forward: { replaceRegex: { regex: '^/(.*)$', with: '/a/../{1}' } } }] },
    'routes[0].forward.replaceRegex.with',
    /without \. and \.\./,
  ],
  [
    'a redirect to a host of the client',
    { routes: [{ name: 'a', redirect: { to: 'https://{query}/' } }] },
    'routes[0].redirect.to',
    /written out/,
  ],
  [
    'a redirect relative to the scheme',
    { routes: [{ name: 'a', redirect: { to: '//b.example/' } }] },
    'routes[0].redirect.to',
    /a path, or/,
  ],
  [
    'a redirect to a script',
    { routes: [{ name: 'a', redirect: { to: 'javascript:alert(1)' } }] },
    'routes[0].redirect.to',
    /https:/,
  ],
  [
    'a body with 204',
    { routes: [{ name: 'a', answer: { status: 204, body: 'x' } }] },
    'routes[0].answer.body',
    /no body/,
  ],
  [
    'an identity field',
    { headers: { request: [{ set: 'Remote_User', value: 'root' }] } },
    'headers.request[0].set',
    /only Manis/,
  ],
  [
    'a field of Manis',
    { headers: { request: [{ remove: 'X-Manis-Assertion' }] } },
    'headers.request[0].remove',
    /only Manis/,
  ],
  [
    'a hop-by-hop field',
    { headers: { response: [{ set: 'Connection', value: 'close' }] } },
    'headers.response[0].set',
    /only Manis/,
  ],
  [
    'a cookie of an answer',
    { headers: { response: [{ add: 'Set-Cookie', value: 'a=b' }] } },
    'headers.response[0].add',
    /Set-Cookie/,
  ],
  ['framing', { headers: { response: [{ remove: 'Content-Length' }] } }, 'headers.response[0].remove', /only Manis/],
  [
    'a line end in a value',
    { headers: { response: [{ set: 'X-A', value: 'a\r\nb: c' }] } },
    'headers.response[0].value',
    /printable/,
  ],
  [
    'two verbs',
    { headers: { response: [{ set: 'X-A', remove: 'X-B', value: 'a' }] } },
    'headers.response[0]',
    /exactly one/,
  ],
  [
    'an unknown variable',
    { headers: { response: [{ set: 'X-A', value: '{user.password}' }] } },
    'headers.response[0].value',
    /between braces/,
  ],
  [
    'a lone brace',
    { headers: { request: [{ set: 'X-A', value: 'a { b' }] } },
    'headers.request[0].value',
    /braces in pairs/,
  ],
  [
    'a word that is none',
    { errorPages: [{ statuses: [503], html: '<p>{titel}</p>' }] },
    'errorPages[0].html',
    /one of .*title/,
  ],
  [
    'a status twice',
    {
      errorPages: [
        { statuses: [503], html: 'a' },
        { statuses: [503], html: 'b' },
      ],
    },
    'errorPages[1].statuses',
    /no other page/,
  ],
  ['an origin with a path', { cors: { origins: ['https://a.example/'] } }, 'cors.origins[0]', /an origin/],
  ['every origin', { cors: { origins: ['*'] } }, 'cors.origins[0]', /an origin/],
  ['a rate without a time', { limits: { perClient: { requests: 1 } } }, 'limits.perClient.perMs', /must be said/],
];

describe('settings for HTTP', () => {
  for (const [name, settings] of Object.entries(GOOD))
    test(`${name} can be read`, () => {
      const parsed = parseHttpSettings(settings);
      assert.deepEqual(parsed, { ok: true, settings });
    });

  for (const [name, settings, path, expected] of BAD)
    test(`${name} cannot`, () => {
      const parsed = parseHttpSettings(settings);
      assert.ok(!parsed.ok);
      const [problem] = parsed.problems;
      assert.equal(problem?.path, path);
      assert.match(problem?.expected ?? '', expected);
    });
});
