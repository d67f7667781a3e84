/**
 * Pages of others in an administrator's browser, from the OpenAPI document: what a form or script of another site, of an
 * application that is published beside the portal, or of a sandboxed frame sends carries the administrator's cookie, and
 * changes nothing by any operation. Reading goes for scripts, too: what an answer says is not theirs, nor how long it took.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ControlWorld } from '../../testing/control-world.ts';
import { TENANT_CASES } from '../../testing/tenant-cases.ts';

const PORTAL = 'https://manis.localhost:8443';
const APPLICATION = 'https://app.manis.localhost:8443';
const PASSWORD = 'seven quiet otters at noon';

/** What browsers say of who asks. No page can write either field. */
const FOREIGN: readonly [who: string, headers: Record<string, string>][] = [
  ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['an application beside the portal', { origin: APPLICATION, 'sec-fetch-site': 'same-site' }],
  ['an application that says no more', { origin: APPLICATION }],
  ['an application that hides its origin', { 'sec-fetch-site': 'same-site' }],
  ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
  ['the same host over another port', { origin: 'https://manis.localhost:9443', 'sec-fetch-site': 'same-site' }],
  ['somebody with an address that was typed', { 'sec-fetch-site': 'none' }],
  ['a browser that says nothing', {}],
];
/** What forms can send without asking first (Fetch, "CORS-safelisted request-header"), and what scripts may ask to send. */
const BODIES: readonly [type: string, body: string][] = [
  ['text/plain', '{"name":"x","pad":"="}'],
  ['application/x-www-form-urlencoded', 'name=x'],
  ['multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n--b--\r\n'],
  ['application/json', '{"name":"x"}'],
];

const world = new ControlWorld();
let operations: { name: string; method: string; path: string; access: string }[] = [];
let cookie = '';

before(async () => {
  await world.start();
  const pop = await world.addPop('ams');
  const email = 'ann@example.org';
  const { id } = await world.must('POST', '/users', { email, name: 'Ann', password: PASSWORD, roles: ['owner'] });
  await world.must('PUT', `/installation/administrators/${id}`);
  const { body } = await world.asPop(pop, '/sign-in', { email, password: PASSWORD, clientAddress: '192.0.2.7' });
  cookie = `__Host-manis_portal=${body.token}`;
  const { body: document } = await world.call('GET', '/api/v1/openapi.json');
  operations = Object.entries(document.paths as Record<string, Record<string, { 'x-access'?: string }>>).flatMap(
    ([whole, methods]) =>
      Object.entries(methods).map(([verb, operation]) => {
        const [method, path] = [verb.toUpperCase(), whole.replace('/api/v1', '')];
        return { name: `${method} ${path}`, method, path, access: operation['x-access'] ?? '' };
      }),
  );
});
after(() => world.end());

/** Of things that are there or not: who asks is looked at before what for. */
const filled = (path: string): string => path.replace(/\{\w+\}/g, 'x');
const ask = (method: string, path: string, headers: Record<string, string>, body?: string) =>
  world.call(method, `/api/v1${filled(path)}`, body, { cookie, ...headers });

describe('pages of others', () => {
  test('are tried on everything that the document describes', () => {
    assert.ok(operations.length > 90);
    assert.deepEqual(
      operations.filter(({ name }) => !TENANT_CASES[name]),
      [],
    );
  });

  test('the cookie is one that opens everything to our own pages', async () => {
    const own = { origin: PORTAL, 'sec-fetch-site': 'same-origin' };
    assert.equal((await ask('GET', '/organisations', own)).status, 200);
    assert.equal(
      (await ask('POST', '/sites', { ...own, 'content-type': 'application/json' }, '{"name":"ours"}')).status,
      201,
    );
    assert.equal(
      (await ask('GET', '/me', { 'sec-fetch-site': 'none' })).status,
      200,
      'and to an address that is typed',
    );
    assert.equal((await ask('GET', '/me', {})).status, 200, 'and to a browser that says nothing of itself');
  });

  for (const [at, [who, headers]] of FOREIGN.entries())
    test(`${who} changes nothing, whatever the operation and the body`, async () => {
      const before = await world.must('GET', '/audit?limit=1');
      let turn = at;
      const done: string[] = [];
      for (const { name, method, path, access } of operations) {
        if (method === 'GET' || access === 'public') continue;
        // Each body comes from each of them at some operation, and each operation meets each body of somebody.
        const [type, body] = BODIES[turn++ % BODIES.length] ?? assert.fail();
        const answer = await ask(
          method,
          path,
          { ...headers, 'content-type': type },
          method === 'DELETE' ? undefined : body,
        );
        if (answer.body?.code !== 'origin-refused') done.push(`${name} ${type}: ${answer.status} ${answer.body?.code}`);
        if (answer.headers['access-control-allow-origin'] !== undefined) done.push(`${name}: may be read`);
      }
      assert.deepEqual(done, []);
      assert.deepEqual((await world.must('GET', '/audit?limit=1')).items[0]?.id, before.items[0]?.id);
    });

  test('and reads nothing: neither what is said, nor by how long it took or whether it was', async () => {
    const told: string[] = [];
    for (const [who, headers] of FOREIGN) {
      const site = headers['sec-fetch-site'];
      if (site === undefined || site === 'none') continue;
      for (const { name, method, path, access } of operations) {
        if (method !== 'GET' || access === 'public') continue;
        const answer = await ask(method, path, headers);
        if (answer.body?.code !== 'origin-refused') told.push(`${name} to ${who}: ${answer.status}`);
        if (answer.headers['access-control-allow-origin'] !== undefined) told.push(`${name}: may be read`);
      }
    }
    assert.deepEqual(told, []);
  });

  test('a form reaches none of what is for everybody, and no script is let ask', async () => {
    for (const { name, method, path, access } of operations) {
      if (access === 'public' && method !== 'GET')
        for (const [type, body] of BODIES.slice(0, 3)) {
          const { status } = await ask(method, path, { origin: 'https://evil.example', 'content-type': type }, body);
          assert.ok(status >= 400, `${name} ${type}: ${status}`);
        }
      const preflight = { origin: APPLICATION, 'access-control-request-method': method };
      const { status, headers } = await ask('OPTIONS', path, preflight);
      assert.ok(status >= 400, `${name}: ${status}`);
      assert.equal(headers['access-control-allow-origin'], undefined, name);
    }
  });
});
