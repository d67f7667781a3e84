/** Requests that name themselves, and requests with conditions. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { createClock } from '../../io/clock.ts';
import { type Answer, ControlWorld } from '../../testing/control-world.ts';
import { IDEMPOTENCY_ANSWERS_MAX_BYTES, IDEMPOTENCY_LIFE_MS } from './constants.ts';

const world = new ControlWorld();
const machine = createClock();
let aheadMs = 0;

before(async () => {
  await world.start({ clock: { nowMs: machine.nowMs, unixMs: () => machine.unixMs() + aheadMs } });
});
after(() => world.end());

const ask = (method: string, path: string, body?: unknown, headers: object = {}): Promise<Answer> =>
  world.call(method, `/api/v1${path}`, body, { authorization: `Bearer ${world.apiToken}`, ...headers });
const named = (key: string, path: string, body: unknown) => ask('POST', path, body, { 'idempotency-key': key });
function stored(key: string) {
  const database = new DatabaseSync(`${world.dataDir}/control.sqlite`, { readOnly: true });
  const rows = database.prepare('select fingerprint, answer from idempotency_keys where key like ?').all(key);
  database.close();
  return rows as unknown as { readonly fingerprint: string; readonly answer: string }[];
}
const sites = async () => (await world.must('GET', '/sites')).items.length as number;

describe('a request with Idempotency-Key', () => {
  test('is done once, and answered alike', async () => {
    const had = await sites();
    const first = await named('"a-1"', '/sites', { name: 'one' });
    const again = await named('a-1', '/sites', { name: 'one' });
    assert.deepEqual([first.status, again.status], [201, 201]);
    assert.deepEqual(again.body, first.body);
    assert.deepEqual(
      [first.headers['idempotency-replayed'], again.headers['idempotency-replayed']],
      [undefined, 'true'],
    );
    assert.equal(again.headers['content-type'], first.headers['content-type']);
    assert.equal(await sites(), had + 1);
  });

  test('with the name of another request is refused', async () => {
    await named('b-1', '/sites', { name: 'two' });
    const other = await named('b-1', '/sites', { name: 'three' });
    assert.deepEqual([other.status, other.body.code], [422, 'idempotency-key-reused']);
  });

  test('shows a secret again, which the store does not hold in clear', async () => {
    const first = await named('c-1', '/keys', { name: 'k', scopes: ['site.read'] });
    assert.equal((await named('c-1', '/keys', { name: 'k', scopes: ['site.read'] })).body.key, first.body.key);
  });

  test('leaves nothing in the store by which a PIN or password could be guessed', async () => {
    assert.equal((await named('c-2', '/sites', { name: 'guessed' })).status, 201);
    const [{ fingerprint = '' } = {}] = stored('c-2');
    const guess = createHash('sha256').update('POST /api/v1/sites\n{"name":"guessed"}').digest('base64url');
    assert.notEqual(fingerprint, guess);
  });

  test('of which the answers are long is done, and answered again as far as there is room', async () => {
    const rows = Array.from({ length: 40 }, (_, at) => ({ principal: '', key: `l-${at}` }));
    const text = `manis: 1\n${Array.from({ length: 90 }, (_, at) => `wrong${'x'.repeat(1_000)}${at}: 1`).join('\n')}`;
    for (const { key } of rows) assert.equal((await named(key, '/blueprint/plan', { text })).status, 400);
    const chars = stored('l-%').reduce((sum, { answer }) => sum + answer.length, 0);
    assert.ok(chars > 0 && chars <= IDEMPOTENCY_ANSWERS_MAX_BYTES * 1.1, String(chars));
    const lost = await named('l-39', '/blueprint/plan', { text });
    assert.equal(lost.body.code, 'idempotency-answer-lost');
  });

  test('is refused once more where it was refused, and done where it failed before it began', async () => {
    const taken = await named('d-1', '/sites', { name: 'one' });
    assert.equal(taken.body.code, 'name-taken');
    const { items } = await world.must('GET', '/sites?limit=200');
    await world.must('DELETE', `/sites/${items.find(({ name }: { name: string }) => name === 'one').id}`);
    const again = await named('d-1', '/sites', { name: 'one' });
    assert.deepEqual(
      [again.status, again.body.code, again.headers['content-type']],
      [409, 'name-taken', taken.headers['content-type']],
    );
    assert.equal((await named('d-2', '/sites', { wrong: true })).status, 400);
    assert.equal((await named('d-2', '/sites', { name: 'one' })).status, 201, 'what was malformed was never begun');
  });

  test('is two requests at once, of which one is done', async () => {
    const had = await sites();
    const answers = await Promise.all(Array.from({ length: 6 }, () => named('e-1', '/sites', { name: 'race' })));
    for (const { status, body } of answers)
      assert.ok(status === 201 || body.code === 'idempotency-in-progress', JSON.stringify(body));
    assert.equal(await sites(), had + 1);
  });

  test('belongs to who asked', async () => {
    const { key } = await world.must('POST', '/keys', { name: 'other', scopes: ['site.read', 'site.write'] });
    const headers = { authorization: `Bearer ${key}`, 'idempotency-key': 'a-1' };
    const answer = await world.call('POST', '/api/v1/sites', { name: 'mine' }, headers);
    assert.deepEqual([answer.status, answer.headers['idempotency-replayed']], [201, undefined]);
  });

  test('is known for a day', async () => {
    await named('f-1', '/sites', { name: 'day' });
    aheadMs += IDEMPOTENCY_LIFE_MS + 1_000;
    assert.equal((await named('f-1', '/sites', { name: 'day' })).body.code, 'name-taken');
  });

  test('needs a name that is one', async () => {
    for (const key of ['', '"', 'a b', 'x'.repeat(256), '"a\tb"'])
      assert.equal((await named(key, '/sites', { name: 'never' })).body.code, 'idempotency-key-invalid', key);
  });
});

describe('an entity tag', () => {
  test('spares what is known, of one thing and of a list', async () => {
    const { id } = await world.must('POST', '/sites', { name: 'tagged' });
    for (const path of [`/sites/${id}`, '/sites?limit=200']) {
      const { headers } = await ask('GET', path);
      const tag = String(headers['etag']);
      assert.match(tag, /^"[\w-]{27}"$/);
      for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
        const again = await ask('GET', path, undefined, { 'if-none-match': known });
        assert.deepEqual([again.status, again.body, again.headers['etag']], [304, undefined, tag]);
      }
      assert.equal((await ask('GET', path, undefined, { 'if-none-match': '"x"' })).status, 200);
    }
  });

  test('keeps a change from what somebody else has changed', async () => {
    const { id } = await world.must('POST', '/sites', { name: 'before' });
    const tag = String((await ask('GET', `/sites/${id}`)).headers['etag']);
    const changed = await ask('PATCH', `/sites/${id}`, { name: 'after' }, { 'if-match': tag });
    assert.equal(changed.status, 200);
    const late = await ask('PATCH', `/sites/${id}`, { name: 'theirs' }, { 'if-match': tag });
    assert.deepEqual([late.status, late.body.code], [412, 'precondition-failed']);
    assert.equal((await ask('PATCH', `/sites/${id}`, { name: 'again' }, { 'if-match': late.body.etag })).status, 200);
    assert.equal(
      (await ask('PATCH', `/sites/${id}`, { name: 'x' }, { 'if-match': `W/${late.body.etag}` })).status,
      412,
    );
    assert.equal((await ask('DELETE', `/sites/${id}`, undefined, { 'if-match': tag })).status, 412);
    assert.equal((await ask('DELETE', `/sites/${id}`, undefined, { 'if-match': '*' })).status, 204);
    assert.equal((await ask('DELETE', `/sites/${id}`, undefined, { 'if-match': '*' })).status, 412, 'nothing is there');
  });

  test('makes a thing only where none is', async () => {
    const list = { kind: 'addresses', entries: ['10.0.0.0/8'] };
    const only = { 'if-none-match': '*' };
    assert.ok((await ask('PUT', '/lists/fresh', list, only)).status < 300);
    assert.equal((await ask('PUT', '/lists/fresh', list, only)).status, 412);
  });

  test('lets one of those through that change at once', async () => {
    const { id } = await world.must('POST', '/sites', { name: 'raced' });
    const tag = String((await ask('GET', `/sites/${id}`)).headers['etag']);
    const statuses = await Promise.all(
      Array.from(
        { length: 8 },
        async (_, i) => (await ask('PATCH', `/sites/${id}`, { name: `r${i}` }, { 'if-match': tag })).status,
      ),
    );
    assert.deepEqual(statuses.toSorted(), [200, ...Array(7).fill(412)]);
  });

  test('lets one through of what only control knows, too', async () => {
    const hook = { name: 'raced', url: 'https://hooks.example.com/', events: ['site.offline'] };
    const { id } = await world.must('POST', '/webhooks', hook);
    const tag = String((await ask('GET', `/webhooks/${id}`)).headers['etag']);
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, i) => ask('PATCH', `/webhooks/${id}`, { name: `r${i}` }, { 'if-match': tag })),
    );
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 412, 412, 412]);
  });
});

test('whatever is wrong is told as a problem document', async () => {
  const table: [method: string, path: string, status: number, code: string, body?: string, type?: string][] = [
    ['GET', '/nothing', 404, 'not-found'],
    ['PUT', '/sites', 405, 'method-unknown', '{}'],
    ['POST', '/sites', 400, 'body-malformed', '{"name":'],
    ['POST', '/sites', 415, 'media-type-unsupported', 'name=x', 'application/x-www-form-urlencoded'],
    ['POST', '/sites', 413, 'body-too-large', `{"name":"${'x'.repeat(3_000_000)}"}`],
    ['GET', '/sites/%E0%A4%A', 400, 'request-invalid'],
    ['GET', `/sites/${'x'.repeat(200)}`, 400, 'request-invalid'],
    ['POST', '/sites', 400, 'request-invalid', '[]'],
  ];
  for (const [method, path, status, code, body, type] of table) {
    const answer = await ask(method, path, body, type === undefined ? {} : { 'content-type': type });
    assert.deepEqual([answer.status, answer.body.code], [status, code], `${method} ${path}`);
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    assert.ok(answer.body.requestId && answer.body.detail && answer.body.type === `urn:manis:problem:${code}`);
  }
  assert.equal((await ask('PUT', '/sites', {})).headers['allow'], 'GET, HEAD, POST');
});
