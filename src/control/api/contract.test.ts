/** heavy: every operation of the OpenAPI document, asked as it should be and in every way it should not. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, ControlWorld } from '../../testing/control-world.ts';
import { type Described, DescribedApi, takenBy } from '../../testing/described-api.ts';
import { StorePicture } from '../../testing/store-picture.ts';
import { TENANT_CASES, type TenantThings } from '../../testing/tenant-cases.ts';
import { fillOrganisation, pathWith } from '../../testing/tenant-things.ts';
import { NEVER_JSON, withUnknownFields, wrongBodies } from '../../testing/wrong-bodies.ts';
import { exampleOf, type JsonSchema } from './examples.ts';

/** These ask somebody else's server, a PoP or a mailbox: they are asked about what there is not. */
const ASKS_OTHERS: ReadonlySet<string> = new Set([
  'POST /providers/{id}/test',
  'POST /dns-providers/{id}/test',
  'POST /requests/{id}/replay',
]);
/** Operations take turns with these, and with the ids. */
const MEDIA_TYPES = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''];
/** None of them holds of what there is. */
const CONDITIONS = [{ 'if-match': '"stale"' }, { 'if-match': 'stale, W/"*"' }, { 'if-none-match': '*' }].map(
  (one) => one as Record<string, string>,
);
const WRONG_IDS = ['none', '..%2F..', '%00', 'x'.repeat(200), '%F0%9F%92%A9', "'%20or%201=1"];

const world = new ControlWorld();
let api: DescribedApi;
let things: TenantThings;
let picture: StorePicture;
let own: Readonly<Record<string, string>> = {};

before(async () => {
  await world.start();
  const pop = await world.addPop('ams');
  const { id } = await world.must('POST', '/organisations', { name: 'Acme' });
  own = { authorization: `Bearer ${world.apiToken}`, 'manis-organisation': id };
  const inside = (method: string, path: string, body?: unknown) => world.call(method, `/api/v1${path}`, body, own);
  things = await fillOrganisation(world, inside, id, pop);
  api = await DescribedApi.of(world);
  picture = new StorePicture(world.dataDir);
});
after(async () => {
  picture.close();
  await world.end();
});

interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of all ids. */
  readonly id?: string;
  readonly query?: string;
}

function ask({ name, method, path }: Described, { body, headers = {}, id, query = '' }: Asked = {}): Promise<Answer> {
  const stranger = id ?? (ASKS_OTHERS.has(name) ? 'none' : undefined);
  const at =
    stranger === undefined
      ? pathWith(things, path, TENANT_CASES[name] ?? assert.fail(name))
      : path.replace(/\{\w+\}/g, stranger);
  return world.call(method, `/api/v1${at}${query}`, body, { ...own, ...headers });
}

/** Status, media type, code and shape are what the document says of this operation, and what is refused changes nothing. */
function judge(described: Described, answer: Answer, how: string): void {
  const { status, body } = answer;
  const what = `${described.name}, ${how}: ${status} ${JSON.stringify(body)?.slice(0, 300)}`;
  assert.equal(api.faultOf(described, answer), undefined, what);
  assert.notEqual(body?.code, 'internal', what);
  const changes = picture.changes();
  if (status >= 400) assert.deepEqual(changes, [], `${what} left something behind`);
}

function refuses(described: Described, answer: Answer, expected: string, how: string): void {
  judge(described, answer, how);
  assert.equal(answer.body?.code, expected, `${described.name}, ${how}: ${answer.status}`);
}

const operationsBy = (...methods: string[]): Described[] =>
  api.operations.filter(({ name, method }) => methods.includes(method) && !TENANT_CASES[name]?.isStream);
const changes = (): Described[] => operationsBy('POST', 'PUT', 'PATCH', 'DELETE');
const parametersOf = ({ operation }: Described): ReadonlySet<string> =>
  new Set(operation.parameters?.map(({ name }) => name));

function rightBody(described: Described): unknown {
  const schema = takenBy(described);
  return TENANT_CASES[described.name]?.body?.(things) ?? (schema && exampleOf(schema));
}

/** A schema, or each of those that it may be, which take objects. */
function objectsIn(schema: JsonSchema | undefined): JsonSchema[] {
  const parts = (schema?.['anyOf'] ?? schema?.['oneOf']) as JsonSchema[] | undefined;
  if (parts) return parts.flatMap(objectsIn);
  return schema?.['properties'] ? [schema] : [];
}

describe('every operation of the API', { timeout: 300_000 }, () => {
  test('that reads answers what it says, and with 304 to who knows that', async () => {
    const unanswered: string[] = [];
    for (const described of operationsBy('GET')) {
      const answer = await ask(described);
      judge(described, answer, 'as it should be');
      if (answer.status !== 200) unanswered.push(described.name);
      const etag = answer.headers['etag'];
      if (typeof etag !== 'string') continue;
      const again = await ask(described, { headers: { 'if-none-match': `"other", W/${etag}` } });
      judge(described, again, 'known');
      // What is told of this very moment is another by now.
      if (again.headers['etag'] === etag)
        assert.deepEqual([again.status, again.body], [304, undefined], described.name);
      else assert.match(described.name, /analytics|status/);
    }
    assert.deepEqual(unanswered.sort(), ['GET /acme', 'GET /certificates/{id}', 'GET /mail']);
  });

  test('that changes something takes JSON alone', async () => {
    // What comes with a DELETE is not looked at.
    for (const [i, described] of operationsBy('POST', 'PUT', 'PATCH').entries()) {
      const headers = { 'content-type': MEDIA_TYPES[i % MEDIA_TYPES.length] as string };
      const foreign = await ask(described, { body: 'name=x', headers });
      refuses(described, foreign, 'media-type-unsupported', headers['content-type']);
      const [how, body] = NEVER_JSON[i % NEVER_JSON.length] ?? assert.fail();
      refuses(described, await ask(described, { body }), 'body-malformed', how);
    }
  });

  test('takes no field that it does not know', async () => {
    for (const described of changes())
      for (const schema of objectsIn(takenBy(described))) {
        assert.equal(schema['additionalProperties'], false, described.name);
        for (const [place, body] of withUnknownFields(schema))
          refuses(described, await ask(described, { body }), 'request-invalid', place);
      }
  });

  test('finds nothing under ids that are none', async () => {
    for (const [i, described] of api.operations.filter(({ path }) => path.includes('{')).entries())
      for (const id of WRONG_IDS.filter((_, turn) => (turn + i) % 3 === 0))
        judge(described, await ask(described, { id, body: takenBy(described) && {} }), id);
  });

  test('that lists takes limits, cursors and orders that there are, and no others', async () => {
    const lists = operationsBy('GET').filter((described) => parametersOf(described).has('limit'));
    assert.ok(lists.length > 25, `${lists.length} lists`);
    for (const described of lists) {
      const wrong = ['limit=0', 'limit=-1', 'limit=x', 'limit=1.5', 'limit=100000', 'limit=1&limit=2', 'after='];
      for (const query of [...wrong, `after=${'x'.repeat(2_000)}`, 'sort=nope', 'ids=', 'count=maybe'])
        if (parametersOf(described).has(query.split('=', 1)[0] as string))
          refuses(described, await ask(described, { query: `?${query}` }), 'request-invalid', query);
      const sorted = described.operation.parameters?.find(({ name }) => name === 'sort')?.schema['enum'] as
        | string[]
        | undefined;
      for (const after of ['none', 'W10']) {
        const answer = await ask(described, { query: `?after=${after}${sorted ? `&sort=${sorted[0]}` : ''}` });
        if (sorted) refuses(described, answer, 'store-cursor-invalid', after);
        else judge(described, answer, after);
      }
      const first = await ask(described, { query: '?limit=1' });
      judge(described, first, 'a page of one');
      if (first.body.next)
        judge(described, await ask(described, { query: `?limit=1&after=${first.body.next}` }), 'next');
    }
  });

  test('that reads takes no query that is wrong', async () => {
    for (const described of api.operations.filter(({ method }) => method === 'GET'))
      for (const { name, schema } of (described.operation.parameters ?? []).filter((one) => one.in === 'query'))
        if (schema['enum'] || schema['format'] || schema['type'] === 'integer')
          refuses(described, await ask(described, { query: `?${name}=%00%F0` }), 'request-invalid', name);
  });

  test('refuses to change what somebody else has changed', async () => {
    const present = new Set<string>();
    for (const described of operationsBy('GET')) if ((await ask(described)).status === 200) present.add(described.path);
    picture.changes();
    let stale = 0;
    for (const [i, described] of changes().entries()) {
      if (!present.has(described.path)) continue;
      const headers = CONDITIONS[i % CONDITIONS.length] ?? assert.fail();
      const answer = await ask(described, { body: rightBody(described), headers });
      const how = JSON.stringify(headers);
      judge(described, answer, how);
      if (answer.body?.code === 'precondition-failed') stale++;
      else assert.equal(answer.body?.code, 'request-invalid', `${described.name}, ${how}: ${answer.status}`);
    }
    assert.ok(stale > 60, `${stale} were stale`);
  });

  test('that adds something is done once under one name, and no other under it', async () => {
    const headers = { 'idempotency-key': 'contract-1' };
    const location = { name: 'Oslo', latitude: 59.9, longitude: 10.7 };
    // Names that belong to an organisation, and names of who asks for the installation.
    assert.equal((await ask(api.named('POST /sites'), { body: { name: 'once' }, headers })).status, 201);
    const token = { body: { name: 'once', location }, headers };
    assert.equal((await ask(api.named('POST /pops/enrolment-tokens'), token)).status, 201);
    picture.changes();
    let reused = 0;
    for (const described of operationsBy('POST').filter(({ access }) => access !== 'public')) {
      const body = rightBody(described);
      const answer = await ask(described, { body: described.path === '/sites' ? { name: 'twice' } : body, headers });
      judge(described, answer, 'a name that was used');
      if (answer.body?.code === 'idempotency-key-reused') reused++;
      else assert.equal(answer.body?.code, 'request-invalid', described.name);
      const unnamed = await ask(described, { body, headers: { 'idempotency-key': 'a b' } });
      judge(described, unnamed, 'no name');
      assert.equal(unnamed.status, 400, described.name);
    }
    assert.ok(reused > 40, `${reused} were refused`);
  });

  test('refuses bodies that are wrong in any one way', async () => {
    for (const described of changes())
      for (const schema of objectsIn(takenBy(described)))
        for (const [how, body] of wrongBodies(schema)) judge(described, await ask(described, { body }), how);
  });

  test('that changes something answers what it says', async () => {
    for (const described of [...operationsBy('POST', 'PUT', 'PATCH'), ...operationsBy('DELETE')])
      judge(described, await ask(described, { body: rightBody(described) }), 'as it should be');
  });
});
