import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { acceptable, chooseEncoding, encodedFields, withVary } from './encoding.ts';
import { ENCODINGS } from './model.ts';

const WISHES: readonly (readonly [field: string | undefined, encoding: string | undefined])[] = [
  [undefined, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['gzip, br', 'br'],
  ['gzip;q=1, br;q=0.5', 'gzip'],
  ['br;q=0, gzip;q=0.001', 'gzip'],
  ['*', 'zstd'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['*;q=0.5, br;q=0', 'zstd'],
  ['identity, gzip;q=0.5', undefined],
  ['identity;q=0.2, gzip;q=0.5', 'gzip'],
  ['identity;q=0', undefined],
  ['x-gzip', 'gzip'],
  ['br;q=1.5', undefined],
  ['br;q=nonsense, GZIP ; q=1.0', 'gzip'],
  [`${'x,'.repeat(100)}br`, undefined],
];

describe('what a client takes', () => {
  for (const [field, encoding] of WISHES)
    test(`${field}: ${encoding}`, () => assert.equal(acceptable(field, ENCODINGS), encoding));
});

const page = (...fields: readonly string[]) => [
  'Content-Type',
  'text/html; charset=utf-8',
  'Content-Length',
  '5000',
  ...fields,
];
const base = { method: 'GET', request: ['Accept-Encoding', 'br'], status: 200, isPersonal: false };

const ANSWERS: readonly (readonly [
  name: string,
  change: Record<string, unknown>,
  encoding: string | undefined,
  varies: boolean,
])[] = [
  ['a page', {}, 'br', true],
  ['a page for somebody who is signed in', { isPersonal: true }, undefined, false],
  ['a style sheet for them', { isPersonal: true, response: ['Content-Type', 'text/css'] }, 'br', true],
  ['a picture', { response: ['Content-Type', 'image/png'] }, undefined, false],
  ['events', { response: ['Content-Type', 'text/event-stream'] }, undefined, false],
  ['what is compressed', { response: page('Content-Encoding', 'gzip') }, undefined, false],
  ['what must not be transformed', { response: page('Cache-Control', 'public, no-transform') }, undefined, false],
  ['what has a digest', { response: page('Content-Digest', 'sha-256=:x:') }, undefined, false],
  ['a part', { status: 206 }, undefined, false],
  [
    'the whole where a part was asked for',
    { request: ['Accept-Encoding', 'br', 'Range', 'bytes=0-1'] },
    undefined,
    true,
  ],
  ['something short', { response: ['Content-Type', 'text/html', 'Content-Length', '10'] }, undefined, true],
  ['something of unknown length', { response: ['Content-Type', 'text/html'] }, 'br', true],
  ['the head alone', { method: 'HEAD' }, undefined, true],
  ['nothing new', { status: 304 }, undefined, true],
];

describe('what is compressed', () => {
  for (const [name, change, encoding, varies] of ANSWERS)
    test(`${name}: ${encoding}`, () => {
      const choice = chooseEncoding({}, { ...base, response: page(), ...change });
      assert.deepEqual([choice.encoding, choice.varies], [encoding, varies]);
    });

  test('with personal: true, pages too', () =>
    assert.equal(chooseEncoding({ personal: true }, { ...base, isPersonal: true, response: page() }).encoding, 'br'));
});

test('a compressed answer is another representation', () => {
  const fields = encodedFields(page('ETag', '"a"', 'Accept-Ranges', 'bytes', 'X-A', 'b'), 'gzip');
  assert.deepEqual(fields, [
    'Content-Type',
    'text/html; charset=utf-8',
    'ETag',
    'W/"a"',
    'X-A',
    'b',
    'Content-Encoding',
    'gzip',
  ]);
  assert.deepEqual(withVary(['Vary', 'Origin, accept-encoding'], 'Accept-Encoding').length, 2);
  assert.deepEqual(withVary([], 'Accept-Encoding'), ['Vary', 'Accept-Encoding']);
});
