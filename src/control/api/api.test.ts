// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** The management API: every noun, what it refuses and how, who may, and its description. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { SiteGrant } from '../../core/link/index.ts';
import { type Answer, ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import { TENANT_CASES } from '../../testing/tenant-cases.ts';
import { PUBLISH_DELAY_MS } from '../constants.ts';

const world = new ControlWorld();
let pop: PopWorld;
let site: { id: string };
let resource: { id: string };
let target: { id: string };

const then = { kind: 'authenticate', anyOf: 'signed-in' };
const signedInOnly = { rules: [{ id: 'r1', name: 'people', enabled: true, when: { all: [] }, then }] };
const url = 'http://127.0.0.1:3000';

before(async () => {
  await world.start();
  pop = await world.addPop('ams');
  site = await world.must('POST', '/sites', { name: 'office' });
  resource = await world.must('POST', '/resources', {
    name: 'Wiki',
    host: 'wiki.manis.localhost',
    policy: signedInOnly,
  });
  target = await world.must('POST', `/resources/${resource.id}/targets`, { siteId: site.id, url });
});
after(() => world.end());

const id = (text: string): string =>
  text
    .replace('SITE', site.id)
    .replace('RESOURCE', resource.id)
    .replace('TARGET', target.id)
    .replace('POP', pop.enrolled.popId);

test('sites: add, read, rename, remove', async () => {
  const made = await world.must('POST', '/sites', { name: '  cellar ' });
  assert.match(made.id, /^sit_[0-9a-z]{26}$/);
  assert.equal(made.name, 'cellar');
  assert.deepEqual(await world.must('GET', `/sites/${made.id}`), made);
  assert.equal((await world.must('PATCH', `/sites/${made.id}`, { name: 'attic' })).name, 'attic');
  assert.deepEqual((await world.must('GET', `/sites/${made.id}/connectors`)).items, []);
  assert.equal((await world.api('DELETE', `/sites/${made.id}`)).status, 204);
  assert.equal((await world.api('DELETE', `/sites/${made.id}`)).body.code, 'not-found');
});

test('organisation: the zone of the PoPs is normalised, published and taken back', async () => {
  const before = await world.must('GET', '/organisation');
  assert.deepEqual([before.dnsZone, before.certificateIssuers], [null, []]);
  const zone = { dnsZone: 'Apps.Bücher.Example.', certificateIssuers: ['LetsEncrypt.org'] };
  const changed = await world.must('PATCH', '/organisation', zone);
  assert.deepEqual([changed.dnsZone, changed.certificateIssuers], ['apps.xn--bcher-kva.example', ['letsencrypt.org']]);
  await pop.until(() => pop.find('installation', 'installation')?.dnsZone === 'apps.xn--bcher-kva.example');
  await world.must('PATCH', '/organisation', { name: 'Northwind', dnsZone: null });
  await pop.until(() => pop.find('installation', 'installation')?.dnsZone === undefined);
  assert.equal(pop.find('installation', 'installation')?.organisationName, 'Northwind');
  for (const dnsZone of ['', 'com', 'a b.example', '*.example.com', 'x'.repeat(64).concat('.com'), '127.0.0.1'])
    assert.equal((await world.api('PATCH', '/organisation', { dnsZone })).body.code, 'host-invalid', dnsZone);
});

test('resources: hosts are normalised, and certificates are made for those outside the portal', async () => {
  const made = await world.must('POST', '/resources', { name: 'Shop', host: 'Bücher.Example.' });
  assert.equal(made.host, 'xn--bcher-kva.example');
  assert.deepEqual(made.policy, { rules: [] }, 'nobody is let in unless somebody says so');
  await pop.until(() => pop.find('certificate', 'xn--bcher-kva.example') !== undefined);
  const changed = await world.must('PATCH', `/resources/${made.id}`, { enabled: false, host: '*.shop.example' });
  assert.deepEqual([changed.enabled, changed.host], [false, '*.shop.example']);
  await pop.until(() => pop.find('resource', made.id)?.enabled === false);
  await pop.until(() => pop.find('certificate', 'xn--bcher-kva.example') === undefined);
  assert.equal((await world.api('DELETE', `/resources/${made.id}`)).status, 204);
  await pop.until(() => pop.find('resource', made.id) === undefined);
  assert.ok(pop.entries.some((entry) => entry.kind === 'resource' && entry.resourceId === made.id));
});

test('resources: balancing has defaults, and reaches PoPs', async () => {
  const made = await world.must('POST', '/resources', { name: 'Spread', host: 'spread.manis.localhost' });
  assert.deepEqual([made.balancing, made.sticky, made.panicThreshold], ['least-latency', 'none', 0.5]);
  const change = { balancing: 'round-robin', sticky: 'cookie', panicThreshold: 0.25 };
  const changed = await world.must('PATCH', `/resources/${made.id}`, change);
  assert.deepEqual([changed.balancing, changed.sticky, changed.panicThreshold], ['round-robin', 'cookie', 0.25]);
  await pop.until(() => pop.find('resource', made.id)?.balance?.sticky === 'cookie');
  assert.deepEqual(pop.find('resource', made.id)?.balance, change);
  await world.must('DELETE', `/resources/${made.id}`);
});

/** The check of a target in the grant of its site, as a PoP passes it on. */
function grantedCheck(targetId: string): unknown {
  const signed = pop.find('siteGrant', site.id)?.signed;
  const grant = signed && (JSON.parse(signed.payload) as SiteGrant);
  return grant?.targets.find((granted) => granted.id === targetId)?.check;
}

test('targets: a check is completed by defaults and by the target, and control signs it into the grant', async () => {
  const made = await world.must('POST', `/resources/${resource.id}/targets`, {
    siteId: site.id,
    url: 'https://10.0.0.5:8443',
    tls: { serverName: 'inner', verify: false },
    check: { kind: 'http', path: '/health', expectedStatus: ['204', '3xx'], headers: { 'X-Probe': '1' } },
  });
  const timing = {
    intervalMs: 5_000,
    unhealthyIntervalMs: 2_000,
    timeoutMs: 3_000,
    healthyThreshold: 2,
    unhealthyThreshold: 3,
  };
  assert.deepEqual(made.check, {
    kind: 'http',
    ...timing,
    method: 'GET',
    path: '/health',
    headers: { 'X-Probe': '1' },
    expectedStatus: ['204', '3xx'],
    hostHeader: null,
    tls: { serverName: null, verify: null },
  });
  await pop.until(() => grantedCheck(made.id) !== undefined);
  assert.deepEqual(grantedCheck(made.id), {
    kind: 'http',
    ...timing,
    method: 'GET',
    path: '/health',
    headers: { 'X-Probe': '1' },
    host: '10.0.0.5:8443',
    expected: [
      { from: 204, to: 204 },
      { from: 300, to: 399 },
    ],
    tls: { serverName: 'inner', verify: false },
  });
  await world.must('PATCH', `/targets/${made.id}`, { check: { kind: 'tcp', intervalMs: 60_000 } });
  await pop.until(() => (grantedCheck(made.id) as { kind?: string } | undefined)?.kind === 'tcp');
  assert.deepEqual(grantedCheck(made.id), { kind: 'tcp', ...timing, intervalMs: 60_000 });
  assert.equal((await world.must('PATCH', `/targets/${made.id}`, { check: null })).check, null);
  await pop.until(() => grantedCheck(made.id) === undefined);
  await world.must('DELETE', `/targets/${made.id}`);
});

test('targets: a URL becomes host and port, and the port on the overlay stays', async () => {
  const made = await world.must('POST', `/resources/${resource.id}/targets`, {
    siteId: site.id,
    url: 'https://[::1]',
    hostHeader: 'inner',
    tls: { verify: false },
    priority: 2,
    weight: 5,
  });
  const tls = { serverName: null, verify: false, caPem: null, clientCertificate: null };
  assert.deepEqual([made.url, made.tls, made.priority], ['https://[::1]:443', tls, 2]);
  const changed = await world.must('PATCH', `/targets/${made.id}`, { url: 'http://10.0.0.1:81', hostHeader: null });
  assert.deepEqual(
    [changed.url, changed.hostHeader, changed.overlayPort],
    ['http://10.0.0.1:81', null, made.overlayPort],
  );
  assert.deepEqual(await world.must('GET', `/targets/${made.id}`), changed);
  assert.equal((await world.must('GET', `/resources/${resource.id}/targets`)).items.length, 2);
  assert.equal((await world.api('DELETE', `/targets/${made.id}`)).status, 204);
  assert.equal((await world.api('DELETE', `/sites/${site.id}`)).body.code, 'site-in-use');
});

test('policies: replaced whole, and every problem is named with its key', async () => {
  const path = `/resources/${resource.id}/policy`;
  assert.deepEqual(await world.must('GET', path), signedInOnly);
  const wrong = await world.api('PUT', path, {
    rules: [{ ...signedInOnly.rules[0], when: { ip: ['nonsense'] }, then: { kind: 'allow' } }],
  });
  assert.deepEqual([wrong.status, wrong.body.code], [400, 'policy-invalid']);
  const paths = wrong.body.problems.map((problem: { path: string }) => problem.path);
  assert.deepEqual(paths.sort(), ['rules[0].then.kind', 'rules[0].when.ip[0]']);
  for (const problem of wrong.body.problems) assert.ok(problem.expected.length > 0 && problem.found.length > 0);
  const posted = await world.api('POST', '/resources', { name: 'X', host: 'x.example', policy: { rules: 7 } });
  assert.equal(posted.body.problems[0].path, 'policy.rules');
  const { rules } = await world.must('PUT', path, { rules: [] });
  assert.deepEqual(rules, []);
  await world.must('PUT', path, signedInOnly);
});

test('users and roles: what they may do ends when they are disabled', async () => {
  await world.must('POST', '/roles', { name: 'staff' });
  const made = await world.must('POST', '/users', {
    email: 'Ann@Example.org',
    name: 'Ann',
    roles: ['staff'],
    password: 'a river in the hills',
  });
  assert.deepEqual([made.email, made.roles, made.hasPassword], ['ann@example.org', ['staff'], true]);
  const credentials = { email: 'ann@example.org', password: 'a river in the hills', clientAddress: '192.0.2.9' };
  const signedIn = await world.call('POST', '/internal/v1/sign-in', credentials, pop.headers);
  assert.equal(signedIn.status, 200);
  const ann = { cookie: `__Host-manis_portal=${signedIn.body.token}` };
  const as = (method: string, path: string) =>
    world.call(method, `/api/v1${path}`, undefined, { ...ann, 'sec-fetch-site': 'same-origin' });

  assert.equal((await as('GET', '/me')).body.isAdmin, false);
  const applications = (await as('GET', '/me/applications')).body.items;
  assert.deepEqual(
    applications.map(({ host, url: link }: { host: string; url: string }) => [host, link]),
    [['wiki.manis.localhost', 'https://wiki.manis.localhost:8443/']],
  );
  for (const [method, path] of [
    ['GET', '/users'],
    ['POST', '/sites'],
    ['DELETE', `/users/${made.id}`],
    ['GET', '/audit'],
    ['GET', '/status'],
  ] as const)
    assert.deepEqual([(await as(method, path)).body.code, path], ['rights-missing', path]);
  assert.equal((await as('DELETE', '/sessions/somebody-elses')).body.code, 'not-found');

  await world.must('PATCH', `/users/${made.id}`, { disabled: true });
  assert.equal((await as('GET', '/me')).body.code, 'authentication-failed');
  assert.equal(
    (await world.call('POST', '/internal/v1/sign-in', credentials, pop.headers)).body.code,
    'sign-in-refused',
  );
  await pop.until(() => pop.entries.some((entry) => entry.kind === 'user' && entry.userId === made.id));
  await pop.until(() => pop.find('user', made.id)?.disabled === true);

  await world.must('PATCH', `/users/${made.id}`, { disabled: false, password: 'another river, another day' });
  assert.equal(
    (await world.call('POST', '/internal/v1/sign-in', credentials, pop.headers)).body.code,
    'sign-in-refused',
  );
  const again = await world.call(
    'POST',
    '/internal/v1/sign-in',
    { ...credentials, password: 'another river, another day' },
    pop.headers,
  );
  assert.equal(again.status, 200);
  const own = (await world.must('GET', `/sessions?userId=${made.id}`)).items;
  assert.deepEqual(
    own.map((session: { id: string }) => session.id),
    [again.body.sessionId],
  );
  assert.equal((await world.api('DELETE', `/users/${made.id}/sessions`)).status, 204);
  assert.deepEqual((await world.must('GET', `/sessions?userId=${made.id}`)).items, []);
  assert.equal((await world.api('DELETE', `/users/${made.id}`)).status, 204);
  assert.equal((await world.api('GET', `/users/${made.id}`)).body.code, 'not-found');
});

test('the last administrator stays', async () => {
  const me = await world.must('GET', '/me');
  for (const [method, body, code] of [
    ['DELETE', undefined, 'last-admin'],
    ['PATCH', { roles: [] }, 'last-owner'],
    ['PATCH', { disabled: true }, 'last-admin'],
  ] as const)
    assert.equal((await world.api(method, `/users/${me.id}`, body)).body.code, code);
  assert.equal((await world.must('GET', '/me')).isAdmin, true);
  const { items } = await world.must('GET', '/roles');
  const admin = items.find((role: { name: string }) => role.name === 'admin');
  assert.equal((await world.api('DELETE', `/roles/${admin.id}`)).body.code, 'role-reserved');
});

test('API tokens: shown once, expire, are revoked', async () => {
  const made = await world.must('POST', '/api-tokens', { name: 'ci' });
  const use = (token: string) => world.call('GET', '/api/v1/me', undefined, { authorization: `Bearer ${token}` });
  assert.equal((await use(made.token)).status, 200);
  const { items } = await world.must('GET', '/api-tokens');
  assert.ok(
    items.some((token: { id: string; lastUsedUnixMs: number }) => token.id === made.id && token.lastUsedUnixMs > 0),
  );
  assert.ok(!JSON.stringify(items).includes(made.token));
  assert.equal((await world.api('DELETE', `/api-tokens/${made.id}`)).status, 204);
  assert.equal((await use(made.token)).body.code, 'authentication-failed');
  const expired = await world.must('POST', '/api-tokens', { name: 'old', expiresUnixMs: Date.now() - 1 });
  assert.equal((await use(expired.token)).body.code, 'authentication-failed');
});

test('lists page by cursor', async () => {
  for (let i = 0; i < 5; i++) await world.must('POST', '/sites', { name: `page ${i}` });
  const seen: string[] = [];
  let next: string | null = null;
  do {
    const page: Answer['body'] = await world.must('GET', `/sites?limit=2${next ? `&after=${next}` : ''}`);
    assert.ok(page.items.length <= 2);
    seen.push(...page.items.map((item: { id: string }) => item.id));
    next = page.next;
  } while (next !== null);
  assert.equal(new Set(seen).size, seen.length);
  assert.equal(seen.length, 6);
});

const email = 'bob@example.org';
const location = { name: 'Oslo', latitude: 59.9, longitude: 10.7 };
/** What each endpoint refuses: the body, the code, and the first key that the answer names. */
type Refused = [method: string, path: string, body: unknown, code: string, path_?: string];
const WRONG: Refused[] = [
  ['POST', '/sites', {}, 'request-invalid', 'name'],
  ['POST', '/sites', { name: '' }, 'request-invalid', 'name'],
  ['POST', '/sites', { name: ' ' }, 'request-invalid', 'name'],
  ['POST', '/sites', { name: 'x'.repeat(129) }, 'request-invalid', 'name'],
  ['POST', '/sites', { name: 7 }, 'request-invalid', 'name'],
  ['POST', '/sites', { name: 'a', extra: 1 }, 'request-invalid', ''],
  ['POST', '/sites', '{"name":', 'body-malformed'],
  ['POST', '/sites', '[]', 'request-invalid', ''],
  ['POST', '/sites', { name: 'office' }, 'name-taken'],
  ['PATCH', '/sites/sit_none', { name: 'a' }, 'not-found'],
  ['GET', '/sites?limit=0', undefined, 'request-invalid', 'limit'],
  ['GET', '/sites?limit=x', undefined, 'request-invalid', 'limit'],
  ['POST', '/sites/sit_none/enrolment-tokens', {}, 'not-found'],
  ['POST', '/sites/SITE/enrolment-tokens', { lifetimeMs: 1 }, 'request-invalid', 'lifetimeMs'],
  ['GET', '/connectors/con_none', undefined, 'not-found'],
  ['DELETE', '/connectors/con_none', undefined, 'not-found'],
  ['POST', '/pops/enrolment-tokens', { name: 'osl' }, 'request-invalid', 'location'],
  [
    'POST',
    '/pops/enrolment-tokens',
    { name: 'osl', location: { ...location, latitude: 91 } },
    'request-invalid',
    'location.latitude',
  ],
  ['POST', '/pops/enrolment-tokens', { name: 'ams', location }, 'name-taken'],
  ['GET', '/pops/pop_none', undefined, 'not-found'],
  ['DELETE', '/pops/pop_none', undefined, 'not-found'],
  ['POST', '/resources', { name: 'X', host: 'WIKI.manis.localhost.' }, 'host-taken'],
  ['POST', '/resources', { name: 'X', host: 'manis.localhost' }, 'host-invalid', 'host'],
  ['POST', '/resources', { name: 'X', host: '*.manis.localhost' }, 'host-invalid', 'host'],
  ['POST', '/resources', { name: 'X', host: 'https://a.example' }, 'host-invalid', 'host'],
  ['POST', '/resources', { name: 'X', host: 'a.example:80' }, 'host-invalid', 'host'],
  ['POST', '/resources', { name: 'X', host: 'a..example' }, 'host-invalid', 'host'],
  ['POST', '/resources', { name: 'X', host: '10.0.0.1' }, 'host-invalid', 'host'],
  ['POST', '/resources', { name: 'X', host: 'single' }, 'host-invalid', 'host'],
  ['POST', '/resources', { name: 'X', host: 'a.*.example' }, 'host-invalid', 'host'],
  ['POST', '/resources', { name: 'X', host: 'x.example', targets: [{ siteId: 'sit_none', url }] }, 'site-unknown'],
  ['PATCH', '/resources/res_none', { name: 'a' }, 'not-found'],
  ['PATCH', '/resources/RESOURCE', { enabled: 'yes' }, 'request-invalid', 'enabled'],
  ['PUT', '/resources/RESOURCE/policy', [], 'policy-invalid', ''],
  ['PUT', '/resources/RESOURCE/policy', { rules: [], more: 1 }, 'policy-invalid', 'more'],
  ['PUT', '/resources/res_none/policy', { rules: [] }, 'not-found'],
  ['POST', '/resources/res_none/targets', { siteId: 'SITE', url }, 'not-found'],
  ['POST', '/resources/RESOURCE/targets', { siteId: 'SITE', url: 'ftp://a' }, 'target-invalid', 'url'],
  ['POST', '/resources/RESOURCE/targets', { siteId: 'SITE', url: 'http://a/path' }, 'target-invalid', 'url'],
  ['POST', '/resources/RESOURCE/targets', { siteId: 'SITE', url: 'http://u:p@a' }, 'target-invalid', 'url'],
  ['POST', '/resources/RESOURCE/targets', { siteId: 'SITE', url: 'http://a:0' }, 'target-invalid', 'url'],
  ['POST', '/resources/RESOURCE/targets', { siteId: 'SITE', url: 'http://a:70000' }, 'target-invalid', 'url'],
  ['POST', '/resources/RESOURCE/targets', { siteId: 'SITE', url: 'nonsense' }, 'target-invalid', 'url'],
  ...[
    ...['http://a\r\nb:80', 'http://a\tb:80', ' http://a:80', 'http://a:80\n', 'http:a', 'http:\\\\a', 'http://a\\'],
    ...[
      'http://0x7f.1',
      'http://127.1',
      'http://%61',
      'http://\uff41',
      'http://a:080',
      'http://a?',
      'http://a#',
      'http://@a',
    ],
  ].map((odd): (typeof WRONG)[number] => {
    return ['POST', '/resources/RESOURCE/targets', { siteId: 'SITE', url: odd }, 'target-invalid', 'url'];
  }),
  ['POST', '/resources/RESOURCE/targets', { siteId: 'SITE', url, weight: -1 }, 'request-invalid', 'weight'],
  [
    'POST',
    '/resources/RESOURCE/targets',
    { siteId: 'SITE', url, hostHeader: 'a\r\nb' },
    'request-invalid',
    'hostHeader',
  ],
  ['PATCH', '/resources/RESOURCE', { balancing: 'random' }, 'request-invalid', 'balancing'],
  ['PATCH', '/resources/RESOURCE', { sticky: 'always' }, 'request-invalid', 'sticky'],
  ['PATCH', '/resources/RESOURCE', { panicThreshold: 2 }, 'request-invalid', 'panicThreshold'],
  ...[
    { kind: 'ping' },
    { kind: 'tcp', path: '/' },
    { kind: 'tcp', intervalMs: 1 },
    { kind: 'http', path: 'health' },
    { kind: 'http', path: '/a b' },
    { kind: 'http', path: '/\r\nX: 1' },
    { kind: 'http', method: 'get' },
    { kind: 'http', expectedStatus: ['ok'] },
    { kind: 'http', expectedStatus: [] },
    { kind: 'http', headers: { Host: 'x' } },
    { kind: 'http', headers: { 'Content-Length': '1' } },
    { kind: 'http', headers: { 'a b': '1' } },
    { kind: 'http', headers: { a: '1\r\nX: 1' } },
  ].map((check): Refused => ['PATCH', '/targets/TARGET', { check }, 'request-invalid']),
  ['GET', '/targets/tgt_none/health', undefined, 'not-found'],
  ['PATCH', '/targets/TARGET', { url: 'x' }, 'target-invalid', 'url'],
  ['PATCH', '/targets/tgt_none', { weight: 1 }, 'not-found'],
  ['POST', '/users', { email: 'no', name: 'B' }, 'request-invalid', 'email'],
  ['POST', '/users', { email, name: 'B', roles: ['none'] }, 'role-unknown', 'roles'],
  ['POST', '/users', { email, name: 'B', password: 'short' }, 'password-weak', 'password'],
  ['POST', '/users', { email: 'Admin@manis.localhost', name: 'B' }, 'email-taken'],
  ['PATCH', '/users/usr_none', { name: 'B' }, 'not-found'],
  ['DELETE', '/users/usr_none', undefined, 'not-found'],
  ['POST', '/roles', { name: 'a b' }, 'request-invalid', 'name'],
  ['POST', '/roles', { name: 'admin' }, 'name-taken'],
  ['DELETE', '/roles/rol_none', undefined, 'not-found'],
  ['DELETE', '/sessions/none', undefined, 'not-found'],
  ['POST', '/api-tokens', { name: 'x', userId: 'usr_none' }, 'user-unknown'],
  ['POST', '/api-tokens', { name: 'x', expiresUnixMs: 'soon' }, 'request-invalid', 'expiresUnixMs'],
  ['DELETE', '/api-tokens/tok_none', undefined, 'not-found'],
  ['GET', '/nonsense', undefined, 'not-found'],
  ['POST', '/sites', `{"name":"${'x'.repeat(1_100_000)}"}`, 'body-too-large'],
];

/** The status once changes made before were published: two looks, further apart than publishing takes, agree. */
async function settledStatus(): Promise<Answer['body']> {
  for (let last = await world.must('GET', '/status'); ; ) {
    await new Promise((resolve) => setTimeout(resolve, 10 * PUBLISH_DELAY_MS));
    const next = await world.must('GET', '/status');
    if (next.version?.revision === last.version?.revision) return next;
    last = next;
  }
}

test('what is wrong is refused with its code, and the key is named', async () => {
  const before = await settledStatus();
  for (const [method, path, body, code, key] of WRONG) {
    const sent = typeof body === 'object' ? JSON.parse(id(JSON.stringify(body))) : body;
    const answer = await world.api(method, id(path), sent);
    const said = `${method} ${path} ${JSON.stringify(body)?.slice(0, 100)}: ${JSON.stringify(answer.body)}`;
    assert.equal(answer.body.code, code, said);
    if (key !== undefined) assert.equal(answer.body.problems[0].path, key, said);
    assert.equal(answer.body.status, answer.status);
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    assert.match(answer.body.requestId, /^[\w-]{16}$/);
  }
  assert.deepEqual((await settledStatus()).version, before.version, 'nothing was changed');
});

test('without a token or a session every route but the description is refused', async () => {
  const tokens: Record<string, string>[] = [
    {},
    { authorization: 'Bearer nonsense' },
    { authorization: 'Basic YTpi' },
    { cookie: '__Host-manis_portal=v1.a.b.c' },
  ];
  for (const headers of tokens) {
    const answer = await world.call('GET', '/api/v1/sites', undefined, headers);
    assert.equal(answer.status, 401);
    assert.equal(answer.headers['www-authenticate'], 'Bearer');
  }
  const twice = { cookie: '__Host-manis_portal=a; __Host-manis_portal=b' };
  assert.equal((await world.call('GET', '/api/v1/sites', undefined, twice)).body.code, 'authentication-failed');
});

test('OpenAPI 3.1 describes every route, and nothing else', async () => {
  const answer = await world.call('GET', '/api/v1/openapi.json');
  assert.equal(answer.status, 200);
  const document = answer.body;
  assert.equal(document.openapi, '3.1.0');
  assert.ok(document.info.title && document.info.version);
  const described = new Set<string>();
  const ids = new Set<string>();
  for (const [path, item] of Object.entries(document.paths as Record<string, Record<string, Answer['body']>>)) {
    for (const [method, operation] of Object.entries(item)) {
      described.add(`${method.toUpperCase()} ${path}`);
      assert.ok(operation.summary && operation.tags?.length === 1, `${method} ${path} says what it is`);
      assert.ok(
        Object.keys(operation.responses).some((status) => status.startsWith('2')),
        path,
      );
      assert.ok(operation.responses['400'] && operation.responses['500'], `${path} describes refusals`);
      const parameters = (operation.parameters ?? []) as { name: string; in: string; required?: boolean }[];
      for (const [, name] of path.matchAll(/\{(\w+)\}/g))
        assert.ok(
          parameters.some((parameter) => parameter.name === name && parameter.in === 'path' && parameter.required),
        );
      ids.add(JSON.stringify(operation.responses));
    }
  }
  for (const [method, path] of WRONG.map(([m, p]) => [m, p.split('?')[0] ?? ''] as const)) {
    if (path === '/nonsense') continue;
    const templated = `/api/v1${path.replace(/\/(?:SITE|RESOURCE|TARGET|none|[a-z]{3}_none)(?=\/|$)/, '/{id}')}`;
    assert.ok(described.has(`${method} ${templated}`), `${method} ${templated}`);
  }
  for (const route of await answeredRoutes(Object.keys(document.paths)))
    assert.ok(described.has(route) || described.has(route.replace(/[^/]+$/, '{id}')), `${route} is described`);
  for (const reference of JSON.stringify(document).matchAll(/"\$ref":"(#[^"]+)"/g))
    assert.ok(resolve(document, reference[1] ?? ''), `${reference[1]} leads somewhere`);
});

test('every operation says what it needs, and how another organisation is kept from it', async () => {
  const { body } = await world.call('GET', '/api/v1/openapi.json');
  const paths = Object.entries(body.paths as Record<string, Record<string, Answer['body']>>);
  const operations = paths.flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => {
      assert.ok(operation['x-access'], `${method} ${path} needs something`);
      return `${method.toUpperCase()} ${path.replace('/api/v1', '')}`;
    }),
  );
  assert.deepEqual(operations.toSorted(), Object.keys(TENANT_CASES).toSorted(), 'see src/testing/tenant-cases.ts');
});

/** Every method on these paths that answers something other than "there is no such route", or none with this method. */
async function answeredRoutes(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths)
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await world.call(method, path.replace('{id}', 'none'));
      if (answer.status !== 404 && answer.status !== 405) found.push(`${method} ${path}`);
    }
  return found;
}

function resolve(document: unknown, pointer: string): unknown {
  let at = document as Record<string, unknown> | undefined;
  for (const key of pointer.slice(2).split('/')) at = at?.[key] as Record<string, unknown> | undefined;
  return at;
}
