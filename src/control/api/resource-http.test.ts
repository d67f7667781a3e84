/** What resources do with HTTP: read, replaced, switched, published. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlWithPop } from '../../testing/control-with-pop.ts';
import type { PopWorld } from '../../testing/control-world.ts';

let pop: PopWorld;
let path: string;
let targetId: string;

const world = controlWithPop(async (one) => {
  pop = one;
  const site = await world.must('POST', '/sites', { name: 'Attic' });
  const targets = [{ siteId: site.id, url: 'http://127.0.0.1:3000' }];
  const resource = await world.must('POST', '/resources', { name: 'Wiki', host: 'wiki.manis.localhost', targets });
  path = `/resources/${resource.id}`;
  targetId = (await world.must('GET', `${path}/targets`)).items[0].id;
});

const published = () => [...(pop.state?.ofKind('resource') ?? [])][0]?.http;

test('settings for HTTP are replaced whole, reach the PoPs, and are in the audit without secrets', async () => {
  assert.deepEqual(await world.must('GET', `${path}/http`), {});
  const settings = {
    routes: [
      { name: 'api', when: { path: { prefix: '/api' } }, forward: { targets: [targetId], stripPrefix: '/api' } },
    ],
    headers: { request: [{ set: 'Authorization', value: 'Basic c2VjcmV0' }] },
  };
  assert.deepEqual(await world.must('PUT', `${path}/http`, settings), settings);
  await pop.until(() => published() !== undefined);
  assert.deepEqual(published(), settings);
  const events = await world.must('GET', '/audit?limit=100');
  const text = JSON.stringify(events);
  assert.match(text, /resource\.http\.change/);
  assert.doesNotMatch(text, /c2VjcmV0/);
});

test('mistakes are told by path', async () => {
  const refused = await world.api('PUT', `${path}/http`, { limits: { bodyByts: 1 } });
  assert.deepEqual([refused.status, refused.body.code], [400, 'http-settings-invalid']);
  assert.equal(refused.body.problems[0].path, 'limits.bodyByts');
});

test('a route leads to targets of its own resource alone', async () => {
  const settings = { routes: [{ name: 'api', forward: { targets: [targetId, 'tgt_other'] } }] };
  const refused = await world.api('PUT', `${path}/http`, settings);
  assert.equal(refused.body.problems[0].path, 'routes[0].forward.targets[1]');
});

test('maintenance is switched without touching the rest', async () => {
  const bypass = { roles: ['ops'] };
  const settings = { limits: { uriBytes: 100 }, maintenance: { message: 'Later', bypass } };
  await world.must('PUT', `${path}/http`, settings);
  const on = await world.must('PUT', `${path}/maintenance`, { on: true, message: 'Moving house' });
  assert.deepEqual(on, { limits: { uriBytes: 100 }, maintenance: { message: 'Moving house', on: true, bypass } });
  const off = await world.must('PUT', `${path}/maintenance`, { on: false });
  assert.deepEqual(off, { limits: { uriBytes: 100 }, maintenance: { message: 'Moving house', bypass } });
});

test('settings that say nothing are none', async () => {
  assert.deepEqual(await world.must('PUT', `${path}/http`, {}), {});
  await pop.until(() => published() === undefined);
});

test("an organisation's own pages reach the PoPs", async () => {
  assert.deepEqual(await world.must('GET', '/organisation/error-pages'), { pages: [] });
  const refused = await world.api('PUT', '/organisation/error-pages', { pages: [{ statuses: [200], html: 'x' }] });
  assert.equal(refused.body.problems[0].path, '[0].statuses[0]');
  const pages = [{ statuses: [503], html: '<p>{title}</p>' }];
  assert.deepEqual(await world.must('PUT', '/organisation/error-pages', { pages }), { pages });
  const publishedPages = () => [...(pop.state?.ofKind('organisation') ?? [])][0]?.errorPages;
  await pop.until(() => publishedPages() !== undefined);
  assert.deepEqual(publishedPages(), pages);
});

test('who may not write policies lets no preflight through that they refuse', async () => {
  const { key } = await world.must('POST', '/keys', { name: 'k', scopes: ['resource.read', 'resource.write'] });
  const put = (preflight: string) =>
    world.call(
      'PUT',
      `/api/v1${path}/http`,
      { cors: { origins: ['https://a.example'], preflight } },
      { authorization: `Bearer ${key}` },
    );
  assert.equal((await put('pass')).body.code, 'rights-missing');
  assert.equal((await put('answer')).status, 200);
});
