import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasAlready, keepingOf, mayUseKept } from './keeping.ts';

const NOW = Date.parse('Thu, 26 Nov 2026 12:00:00 GMT');
const cached = (value: string, ...more: readonly string[]) => ['Cache-Control', value, ...more];

/** An answer, and for how long it stays fresh from now; undefined: it is not kept. */
const ANSWERS: readonly (readonly [
  name: string,
  status: number,
  fields: readonly string[],
  leftMs: number | undefined,
])[] = [
  ['public and fresh for a while', 200, cached('public, max-age=60'), 60_000],
  ['shared for longer than private caches', 200, cached('public, max-age=1, s-maxage=60'), 60_000],
  ['old already', 200, cached('public, max-age=60', 'Age', '20'), 40_000],
  ['made a while ago', 200, cached('public, max-age=60', 'Date', 'Thu, 26 Nov 2026 11:59:50 GMT'), 50_000],
  ['stale already', 200, cached('public, max-age=60', 'Age', '60'), undefined],
  ['until a time', 200, cached('public', 'Expires', 'Thu, 26 Nov 2026 12:00:30 GMT'), 30_000],
  ['until a time that is none', 200, cached('public', 'Expires', '0'), undefined],
  ['for ever', 200, cached('public, immutable, max-age=31536000'), 86_400_000],
  ['not said to be public', 200, cached('max-age=60'), undefined],
  ['private', 200, cached('public, private, max-age=60'), undefined],
  ['private for one field', 200, cached('public, private="x", max-age=60'), undefined],
  ['not to be stored', 200, cached('public, no-store, max-age=60'), undefined],
  ['to be asked for each time', 200, cached('public, no-cache, max-age=60'), undefined],
  ['quoted', 200, cached('public, max-age="60"'), 60_000],
  ['first said short, then long', 200, cached('public, max-age=1, max-age=60'), 1_000],
  ['nonsense', 200, cached('public, max-age=1e9'), undefined],
  ['with a cookie', 200, cached('public, max-age=60', 'Set-Cookie', 'a=b'), undefined],
  ['by language', 200, cached('public, max-age=60', 'Vary', 'Accept-Language'), 60_000],
  ['by everything', 200, cached('public, max-age=60', 'Vary', '*'), undefined],
  ['by cookie', 200, cached('public, max-age=60', 'Vary', 'Accept, Cookie'), undefined],
  ['by who asks', 200, cached('public, max-age=60', 'Vary', 'Remote-User'), undefined],
  ['a part', 206, cached('public, max-age=60'), undefined],
  ['a failure', 500, cached('public, max-age=60'), undefined],
  ['a permanent redirect', 301, cached('public, max-age=60'), 60_000],
];

describe('what is kept of an answer', () => {
  for (const [name, status, fields, leftMs] of ANSWERS)
    test(`${name}: ${leftMs}`, () => {
      const keeping = keepingOf(status, fields, NOW);
      assert.equal(keeping && keeping.freshMs - keeping.ageMs, leftMs);
    });
});

describe('what is answered with it', () => {
  const requests: readonly (readonly [string, readonly string[], boolean])[] = [
    ['GET', [], true],
    ['HEAD', [], true],
    ['POST', [], false],
    ['GET', ['Range', 'bytes=0-'], false],
    ['GET', ['Cache-Control', 'no-cache'], false],
    ['GET', ['Cache-Control', 'max-age=0'], false],
    ['GET', ['Pragma', 'no-cache'], false],
    ['GET', ['If-None-Match', '"a"'], true],
    ['GET', ['Content-Length', '3'], false],
  ];
  for (const [method, fields, may] of requests)
    test(`${method} ${fields.join(': ')}: ${may}`, () => assert.equal(mayUseKept(method, fields), may));

  const validators: readonly (readonly [request: readonly string[], response: readonly string[], has: boolean])[] = [
    [['If-None-Match', '"a"'], ['ETag', '"a"'], true],
    [['If-None-Match', 'W/"b", W/"a"'], ['ETag', '"a"'], true],
    [['If-None-Match', '*'], ['ETag', '"a"'], true],
    [['If-None-Match', '"b"'], ['ETag', '"a"'], false],
    [
      ['If-None-Match', '"b"', 'If-Modified-Since', 'Thu, 26 Nov 2026 12:00:00 GMT'],
      ['Last-Modified', 'Thu, 26 Nov 2020 12:00:00 GMT'],
      false,
    ],
    [['If-Modified-Since', 'Thu, 26 Nov 2026 12:00:00 GMT'], ['Last-Modified', 'Thu, 26 Nov 2026 12:00:00 GMT'], true],
    [['If-Modified-Since', 'Thu, 26 Nov 2026 11:00:00 GMT'], ['Last-Modified', 'Thu, 26 Nov 2026 12:00:00 GMT'], false],
    [[], ['ETag', '"a"'], false],
  ];
  for (const [request, response, has] of validators)
    test(`${request.join(': ')} against ${response.join(': ')}: ${has}`, () =>
      assert.equal(hasAlready(request, response), has));
});
