/** heavy: every operation of the OpenAPI document, asked as it should be and in every way it should not. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answer, ControlWorld } from '../../testing/control-world.ts';
import type { Operation } from './api-document.ts';
import { exampleOf, type JsonSchema } from './examples.ts';

interface Described {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation & { readonly operationId: string };
}

const world = new ControlWorld();
let operations: Described[] = [];
let codes: ReadonlySet<string>;
let strangerToken = '';
let ids: Readonly<Record<string, string>> = {};
/** What would take away what the rest is asked with, or is asked of somebody else's server. */
const NOT_RIGHTLY: ReadonlySet<string> = new Set(['DELETE /me/tokens/{id}', 'DELETE /users/{id}/sessions']);
/** Answers that do not end, or are no JSON: they have tests of their own. */
const STREAMS: ReadonlySet<string> = new Set(['GET /live', 'GET /requests/export']);

before(async () => {
  await world.start();
  const { body } = await world.call('GET', '/api/v1/openapi.json');
  codes = new Set(body.components.schemas.Problem.properties.code.enum);
  operations = Object.entries(body.paths as Record<string, Record<string, Described['operation']>>).flatMap(
    ([whole, item]) =>
      Object.entries(item).map(([method, operation]) => {
        const path = whole.replace('/api/v1', '');
        return { name: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), path, operation };
      }),
  );
  operations = operations.filter(({ name }) => !STREAMS.has(name));
  const site = await world.must('POST', '/sites', { name: 'home' });
  const resource = await world.must('POST', '/resources', { name: 'demo', host: 'demo.manis.localhost' });
  const user = await world.must('POST', '/users', { email: 'ann@example.com', name: 'Ann' });
  const role = await world.must('POST', '/roles', { name: 'dev' });
  const group = await world.must('POST', '/groups', { name: 'team' });
  ids = { sites: site.id, resources: resource.id, users: user.id, roles: role.id, groups: group.id };
  const other = await world.must('POST', '/organisations', { name: 'Other' });
  const inside = { authorization: `Bearer ${world.apiToken}`, 'manis-organisation': other.id };
  const eve = await world.call(
    'POST',
    '/api/v1/users',
    { email: 'eve@other.example', name: 'Eve', roles: ['owner'] },
    inside,
  );
  const made = await world.call('POST', '/api/v1/api-tokens', { name: 'eve', userId: eve.body.id }, inside);
  strangerToken = made.body.token;
});
after(() => world.end());

function filled(path: string, id: string): string {
  return path.replace(/\{\w+\}/g, id);
}

function ask({ method, path }: Described, id: string, body?: unknown, token = world.apiToken): Promise<Answer> {
  return world.call(method, `/api/v1${filled(path, id)}`, body, { authorization: `Bearer ${token}` });
}

/** Status, shape and code are what the document says. */
function judge({ name, operation }: Described, answer: Answer, how: string): void {
  const { status, body } = answer;
  const what = `${name}, ${how}: ${status} ${JSON.stringify(body)?.slice(0, 300)}`;
  assert.ok(status < 500 || body?.code !== 'internal', what);
  assert.ok(operation.responses[String(status)], `${what}: a status that is not described`);
  if (status < 400) {
    const schema = operation.responses[String(status)]?.content?.['application/json']?.schema;
    if (schema) assert.deepEqual(faultsIn(schema, body, ''), [], what);
    return;
  }
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/, what);
  assert.equal(body.status, status, what);
  assert.ok(codes.has(body.code), `${what}: a code that is not described`);
  for (const field of ['type', 'title', 'detail', 'requestId']) assert.equal(typeof body[field], 'string', what);
}

/** Where a value is not as its schema says; only what the schemas of answers use. */
function faultsIn(schema: JsonSchema, value: unknown, at: string): string[] {
  const { type, enum: values, const: constant } = schema;
  const parts = (schema['anyOf'] ?? schema['oneOf']) as JsonSchema[] | undefined;
  if (parts) return parts.some((part) => faultsIn(part, value, at).length === 0) ? [] : [`${at}: none of several`];
  if (constant !== undefined) return value === constant ? [] : [`${at}: not ${String(constant)}`];
  if (Array.isArray(values)) return values.includes(value) ? [] : [`${at}: ${String(value)}`];
  const types = type === undefined ? [] : [type].flat();
  if (types.length > 0 && !types.some((one) => isOfType(value, one as string))) return [`${at}: no ${types.join()}`];
  if (Array.isArray(value)) {
    const items = schema['items'] as JsonSchema | undefined;
    return items ? value.flatMap((one, i) => faultsIn(items, one, `${at}/${i}`)) : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  const properties = (schema['properties'] as Record<string, JsonSchema> | undefined) ?? {};
  const had = value as Record<string, unknown>;
  const missing = ((schema['required'] as string[] | undefined) ?? []).filter((field) => had[field] === undefined);
  return [
    ...missing.map((field) => `${at}/${field}: missing`),
    ...Object.entries(properties).flatMap(([field, property]) =>
      had[field] === undefined ? [] : faultsIn(property, had[field], `${at}/${field}`),
    ),
  ];
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}

const bodyOf = ({ operation }: Described): JsonSchema | undefined =>
  operation.requestBody?.content['application/json']?.schema;

/** The example with one field of it changed. */
function* wrongBodies(schema: JsonSchema): Generator<readonly [how: string, body: unknown]> {
  const right = exampleOf(schema);
  yield ['a body that is text', 'text'];
  yield ['a body that is a list', []];
  yield ['an unknown field', { ...(right as object), noSuchField: 1 }];
  yield ['a prototype', JSON.parse('{"__proto__":{"name":"x"},"constructor":1}')];
  const properties = schema['properties'] as Record<string, JsonSchema> | undefined;
  if (!properties || typeof right !== 'object' || right === null) return;
  yield ['nothing', {}];
  for (const [i, field] of Object.keys(properties).entries()) {
    const { [field]: _left, ...rest } = right as Record<string, unknown>;
    yield [`without ${field}`, rest];
    // Not each with each, which takes minutes: the fields of a body take turns.
    for (const [what, value] of WRONG_VALUES.filter((_, turn) => (turn + i) % 3 === 0))
      yield [`${field} is ${what}`, { ...right, [field]: value }];
  }
}

const WRONG_VALUES: readonly (readonly [string, unknown])[] = [
  ['a number', -1.5],
  ['a huge number', 1e300],
  ['a long text', 'x'.repeat(20_000)],
  ['an empty text', ''],
  ['control characters', 'a\u0000b\u001b[2J\ud800'],
  ['null', null],
  ['a truth', true],
  ['a list', [[], {}, null]],
  ['an object', { a: { b: [1] } }],
];

const WRONG_IDS = ['none', '..%2F..', '%00', 'x'.repeat(200), '%F0%9F%92%A9', "'%20or%201=1"];

describe('every operation of the API', { timeout: 300_000 }, () => {
  test('says what it is: summary, tag, name, security, every status with codes and an example', () => {
    assert.ok(operations.length > 150);
    const names = new Set(operations.map(({ operation }) => operation.operationId));
    assert.equal(names.size, operations.length, 'names are unique');
    for (const described of operations) {
      const { name, operation } = described;
      assert.ok(operation.summary && operation.summary.length < 160, name);
      assert.equal(operation.tags?.length, 1, name);
      assert.equal(operation['x-access'] === 'public', operation.security?.length === 0, name);
      for (const parameter of operation.parameters ?? [])
        assert.ok('example' in parameter, `${name} ${parameter.name}`);
      for (const content of Object.values(operation.requestBody?.content ?? {})) assert.ok('example' in content, name);
      for (const [status, { description = '', content }] of Object.entries(operation.responses)) {
        assert.match(status, /^\d{3}$/, name);
        assert.ok(description !== '' && description !== 'Default Response', `${name} ${status}`);
        if (Number(status) >= 400) assert.match(description, /Codes: \w/, `${name} ${status}`);
        for (const each of Object.values(content ?? {}))
          assert.ok('example' in each || !each.schema, `${name} ${status}`);
      }
    }
  });

  test('answers what it declares to what is right, and never with a failure of its own', async () => {
    let answered = 0;
    for (const described of operations.filter(({ method }) => method === 'GET')) {
      const noun = described.path.split('/')[1] ?? '';
      const answer = await ask(described, ids[noun] ?? 'none');
      if (answer.status === 200) answered++;
      judge(described, answer, 'as it should be');
    }
    assert.ok(answered > 50, `${answered} were answered`);
    for (const described of operations.filter(({ method, name }) => method !== 'GET' && !NOT_RIGHTLY.has(name))) {
      const schema = bodyOf(described);
      judge(described, await ask(described, 'none', schema && exampleOf(schema)), 'the example');
    }
  });

  test('refuses bodies that are wrong in any one way', async () => {
    for (const described of operations) {
      const schema = bodyOf(described);
      if (!schema) continue;
      for (const [how, body] of wrongBodies(schema)) judge(described, await ask(described, 'none', body), how);
    }
  });

  test('finds nothing under ids that are none, and takes no query that is wrong', async () => {
    for (const described of operations) {
      if (described.path.includes('{'))
        for (const id of WRONG_IDS) judge(described, await ask(described, id, bodyOf(described) && {}), id);
      if (described.method !== 'GET') continue;
      for (const query of ['limit=-1', 'limit=x', 'after=', `after=${'x'.repeat(500)}`, 'q=%00', 'limit=1&limit=2']) {
        const address = { ...described, path: `${filled(described.path, 'none')}?${query}` };
        judge(described, await ask(address, 'none'), query);
      }
    }
  });

  test('gives a stranger nothing', async () => {
    for (const described of operations) {
      if (!described.path.includes('{')) continue;
      const noun = described.path.split('/')[1] ?? '';
      const id = ids[noun];
      if (id === undefined) continue;
      const schema = bodyOf(described);
      const answer = await ask(described, id, schema && exampleOf(schema), strangerToken);
      judge(described, answer, 'a stranger');
      assert.ok(answer.status >= 400, described.name);
    }
  });
});
