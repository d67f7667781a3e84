/** Documents of strangers that are made to take time or memory. Nothing here looks at a clock: what is not bounded does not end. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readYaml } from './yaml-document.ts';

const many = (count: number, line: (at: number) => string, between = '\n'): string =>
  Array.from({ length: count }, (_, at) => line(at)).join(between);

describe('a document that is made to hurt', () => {
  const KEY = many(3_000, (at) => `k${at}: 1`, ',');
  const table: [what: string, text: string, why: RegExp][] = [
    ['brackets without end', '['.repeat(900_000), /nests deeper/],
    ['brackets over lines', '[\n'.repeat(450_000), /nests deeper/],
    ['braces', '{a: '.repeat(20_000), /nests deeper/],
    ['lists in lists', `${'- '.repeat(150)}a`, /nests deeper/],
    ['commas, each of them a mistake', `[${','.repeat(890_000)}]`, /words and signs/],
    ['tags', '- !a b\n'.repeat(120_000), /words and signs/],
    ['aliases', `a: &a 1\nb: [${many(2_000, () => '*a', ', ')}]`, /aliases/],
    [
      'aliases of aliases',
      `a: &a [x,x,x,x,x,x,x,x]\n${many(9, (at) => `${'bcdefghij'[at]}: &${'bcdefghij'[at]} [${many(8, () => `*${'abcdefghi'[at]}`, ',')}]`)}`,
      /aliases are written out/,
    ],
    ['a long text, often', `a: &a ${'x'.repeat(100_000)}\nb: [${many(400, () => '*a', ', ')}]`, /aliases are written/],
    ['merges', `a: &a {${KEY}}\n${many(400, (at) => `b${at}: { <<: *a }`)}`, /aliases are written out/],
    ['an alias of itself', 'a: &a [*a]', /part of/],
    ['a key that is there twice', 'a: 1\nb: { c: 1, c: 2 }', /unique: c/],
    ['one that is a number', '1: a\n"1": b', /unique: 1/],
  ];
  for (const [what, text, why] of table)
    test(`is refused: ${what}`, () => {
      const read = readYaml(text);
      assert.match(read.ok ? 'read' : read.message, why);
    });

  test('tells the line of its mistake', () => {
    const read = readYaml('a: 1\nb:\n  c: 1\n  c: 2\n');
    assert.equal(read.ok ? 0 : read.line, 4);
  });
});

describe('a document', () => {
  test('may have as many keys as fit', () => {
    const read = readYaml(many(60_000, (at) => `a${at}: ${at}`));
    assert.equal(Object.keys(read.ok ? (read.json as object) : {}).length, 60_000);
  });

  test('may say the same in several places, and add to it', () => {
    const read = readYaml('x-a: &a { b: 1 }\nc: *a\nd: { <<: *a, e: "[{" }\n');
    assert.deepEqual(read.ok && read.json, { 'x-a': { b: 1 }, c: { b: 1 }, d: { b: 1, e: '[{' } });
  });

  test('changes nothing but itself, whatever its keys are called', () => {
    const read = readYaml('__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }');
    assert.deepEqual(Object.keys(read.ok ? (read.json as object) : {}), ['__proto__', 'constructor']);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });
});
