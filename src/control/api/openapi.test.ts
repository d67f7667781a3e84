/** The OpenAPI document as a document: what its readers may rely on, whatever the operations do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { DescribedApi, type Document } from '../../testing/described-api.ts';
import { OPENAPI_SCHEMA } from '../../testing/openapi-schema.ts';
import { PROBLEM_STATUSES } from '../problem-statuses.ts';
import { describeApi } from './openapi.ts';

const api = new DescribedApi((await describeApi()) as Document);
const { document, operations } = api;

/** Every schema that stands in the document, with the place. */
function* schemasIn(part: unknown, place: string): Generator<readonly [place: string, schema: object]> {
  if (typeof part !== 'object' || part === null) return;
  for (const [key, value] of Object.entries(part))
    if (key === 'schema' && typeof value === 'object') yield [`${place}/${key}`, value];
    else if (key !== 'example') yield* schemasIn(value, `${place}/${key}`);
}

test('it is OpenAPI 3.1, as far as it uses that', () => {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  assert.ok(ajv.validate(OPENAPI_SCHEMA, document), ajv.errorsText(ajv.errors?.slice(0, 10)));
});

test('every schema is JSON Schema 2020-12, and what it refers to is there', () => {
  const ajv = new Ajv2020({ strict: false });
  const named = Object.entries(document.components.schemas);
  for (const [place, schema] of [...schemasIn(document.paths, '#/paths'), ...named]) {
    assert.ok(ajv.validateSchema(schema), `${place}: ${ajv.errorsText()}`);
    for (const [, name = ''] of JSON.stringify(schema).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      assert.ok(document.components.schemas[name], `${place}: there is no ${name}`);
  }
  assert.ok(named.length > 5, `${named.length} have names`);
});

test('every operation says what it is, and what its path takes', () => {
  assert.ok(operations.length > 190, `${operations.length} operations`);
  assert.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length);
  for (const { name, path, access, operation } of operations) {
    assert.ok(operation.summary && operation.summary.length < 160, name);
    assert.equal(operation.tags?.length, 1, name);
    assert.equal(access === 'public', operation.security?.length === 0, name);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
    const told = operation.parameters?.filter((parameter) => parameter.in === 'path') ?? [];
    assert.deepEqual(told.map((parameter) => parameter.name).sort(), inPath.sort(), name);
    assert.ok(
      told.every(({ required }) => required),
      name,
    );
  }
});

test('every answer says why, with the codes that it may have and no others', () => {
  for (const { name, operation } of operations)
    for (const [status, { description = '', content = {} }] of Object.entries(operation.responses)) {
      assert.match(status, /^\d{3}$/, name);
      assert.ok(description !== '' && description !== 'Default Response', `${name} ${status}`);
      if (Number(status) < 400) continue;
      const codes = description.split('Codes: ')[1]?.split(', ') ?? [];
      assert.ok(codes.length > 0, `${name} ${status}`);
      for (const code of codes) assert.equal(PROBLEM_STATUSES[code as 'internal'], Number(status), `${name} ${code}`);
      assert.deepEqual(Object.keys(content), ['application/problem+json'], `${name} ${status}`);
    }
});

test('every example is what its schema says', () => {
  const wrong: string[] = [];
  for (const { name, operation } of operations) {
    const answers = Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
      Object.values(content).map((each) => [`${name} ${status}`, each] as const),
    );
    const taken = Object.values(operation.requestBody?.content ?? {}).map((each) => [`${name} takes`, each] as const);
    const parameters = (operation.parameters ?? []).map((each) => [`${name} ${each.name}`, each] as const);
    for (const [place, { schema, example }] of [...answers, ...taken, ...parameters]) {
      const fault = example === undefined ? 'no example' : api.faultIn(schema, example);
      if (fault !== undefined) wrong.push(`${place}: ${fault}: ${JSON.stringify(example)?.slice(0, 200)}`);
    }
  }
  assert.deepEqual(wrong, []);
});
