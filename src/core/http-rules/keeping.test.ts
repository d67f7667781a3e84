import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type KeptUse, keepingOf, keptUseOf } from './keeping.ts';

const NOW = Date.parse('Thu, 26 Nov 2026 12:00:00 GMT');
const MADE = 'Thu, 26 Nov 2026 11:00:00 GMT';
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
  ['stale, with a tag to ask by', 200, cached('public, max-age=0', 'ETag', '"a"'), 0],
  ['asked about each time, by its time', 200, cached('public, no-cache, max-age=60', 'Last-Modified', MADE), 0],
  ['without a time, by a weak tag', 200, cached('public', 'ETag', 'W/"a"'), 0],
  ['stale, with a tag that is none', 200, cached('public, max-age=0', 'ETag', 'a'), undefined],
  ['stale, and no answer that conditions are for', 404, cached('public, max-age=0', 'ETag', '"a"'), undefined],
  ['stale, with a tag, and private', 200, cached('private, max-age=0', 'ETag', '"a"'), undefined],
];

/** Cache-Control of an answer, and for how long it will do while its target is asked, and where that fails, in seconds. */
const STALE: readonly (readonly [cacheControl: string, whileAsked: number, onError: number])[] = [
  ['public, max-age=60', 0, 0],
  ['public, max-age=60, stale-while-revalidate=30', 30, 0],
  ['public, max-age=60, stale-while-revalidate=30, stale-if-error=600', 30, 600],
  ['public, max-age=60, stale-if-error=999999999', 0, 86_400],
  ['public, max-age=60, stale-if-error=soon', 0, 0],
  ['public, max-age=60, stale-if-error=600, must-revalidate', 0, 0],
  ['public, max-age=60, stale-if-error=600, proxy-revalidate', 0, 0],
  ['public, s-maxage=60, stale-while-revalidate=30', 0, 0],
];

describe('what is kept of an answer', () => {
  for (const [name, status, fields, leftMs] of ANSWERS)
    test(`${name}: ${leftMs}`, () => {
      const keeping = keepingOf(status, fields, NOW);
      assert.equal(keeping && keeping.freshMs - keeping.ageMs, leftMs);
    });
});

describe('what is stale will do', () => {
  for (const [cacheControl, whileAsked, onError] of STALE)
    test(`${cacheControl}: ${whileAsked} s, ${onError} s`, () => {
      const keeping = keepingOf(200, cached(cacheControl), NOW);
      assert.deepEqual([keeping?.staleWhileAskedMs, keeping?.staleOnErrorMs], [whileAsked * 1_000, onError * 1_000]);
    });
});

describe('what a request allows', () => {
  const PASS: KeptUse = { kind: 'pass' };
  const RENEW: KeptUse = { kind: 'renew' };
  const use = (youngerThanMs = Number.POSITIVE_INFINITY): KeptUse => ({ kind: 'use', youngerThanMs });
  const requests: readonly (readonly [string, readonly string[], KeptUse])[] = [
    ['GET', [], use()],
    ['HEAD', [], use()],
    ['POST', [], PASS],
    ['GET', ['Range', 'bytes=0-'], PASS],
    ['GET', ['If-Match', '"a"'], PASS],
    ['GET', ['Cache-Control', 'no-store'], PASS],
    ['GET', ['Cache-Control', 'no-cache'], RENEW],
    ['GET', ['Cache-Control', 'max-age=0'], use(0)],
    ['GET', ['Cache-Control', 'max-age=5'], use(5_000)],
    ['GET', ['Cache-Control', 'max-age=soon'], use()],
    ['GET', ['Pragma', 'no-cache'], RENEW],
    ['GET', ['Pragma', 'no-cache', 'Cache-Control', 'max-age=5'], use(5_000)],
    ['GET', ['If-None-Match', '"a"'], use()],
    ['GET', ['Content-Length', '3'], PASS],
  ];
  for (const [method, fields, wanted] of requests)
    test(`${method} ${fields.join(': ')}: ${wanted.kind}`, () => assert.deepEqual(keptUseOf(method, fields), wanted));
});
