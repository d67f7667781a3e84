/** What schemas refuse: a right body with one thing wrong. */
import { exampleOf, type JsonSchema } from '../control/api/examples.ts';

type Wrong = readonly [how: string, body: unknown];

const WRONG_VALUES: readonly Wrong[] = [
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

/** What no operation takes, whatever its body is. */
export const NEVER_JSON: readonly (readonly [how: string, text: string])[] = [
  ['half an object', '{"name":'],
  ['a bare word', 'name'],
  ['two documents', '{}{}'],
];

/** What may be wrong with a body in one place; where the example itself will not do, it is so in two. */
export function* wrongBodies(schema: JsonSchema, right: unknown = exampleOf(schema)): Generator<Wrong> {
  yield ['a text', JSON.stringify('text')];
  yield ['a list', []];
  yield ['a prototype', '{"__proto__":{"name":"x"},"constructor":1}'];
  const properties = schema['properties'] as Record<string, JsonSchema> | undefined;
  if (!properties || typeof right !== 'object' || right === null) return;
  yield ['nothing', {}];
  for (const [i, field] of Object.keys(properties).entries()) {
    const { [field]: _left, ...rest } = right as Record<string, unknown>;
    yield [`without ${field}`, rest];
    // Not each with each, which takes minutes: the fields of a body take turns.
    for (const [what, value] of WRONG_VALUES.filter((_, turn) => (turn + i) % 4 === 0))
      yield [`${field} is ${what}`, { ...right, [field]: value }];
  }
}

/** A body with a field that its schema does not have, at each place where it takes no others. */
export function* withUnknownFields(schema: JsonSchema, right: unknown = exampleOf(schema)): Generator<Wrong> {
  if (typeof right !== 'object' || right === null) return;
  if (schema['additionalProperties'] === false) yield ['noSuchField', { ...right, noSuchField: 1 }];
  const properties = (schema['properties'] as Record<string, JsonSchema> | undefined) ?? {};
  for (const [field, own] of Object.entries(properties))
    for (const [place, value] of withUnknownFields(own, (right as Record<string, unknown>)[field]))
      yield [`${field}.${place}`, { ...right, [field]: value }];
}
