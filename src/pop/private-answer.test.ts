import assert from 'node:assert/strict';
import { test } from 'node:test';
import { privateFields } from './private-answer.ts';

test('an answer for one client alone is kept by no cache on the way', async (t) => {
  const table: [string, string[], string][] = [
    ['nothing said', [], 'private'],
    ['public', ['Cache-Control', 'public, max-age=3600'], 'private, max-age=3600'],
    ['in capitals', ['CACHE-CONTROL', 'PUBLIC,S-MaxAge=60 , immutable'], 'private, immutable'],
    ['in two fields', ['Cache-Control', 'public', 'cache-control', 's-maxage=9, no-cache'], 'private, no-cache'],
    ['private for one field alone', ['Cache-Control', 'private="X-A, public", max-age=1'], 'private, max-age=1'],
    ['with a list', ['Cache-Control', 'no-cache="a, public", public'], 'private, no-cache="a, public"'],
    ['not kept at all', ['Cache-Control', 'no-store'], 'private, no-store'],
    [
      'for a CDN',
      ['CDN-Cache-Control', 'max-age=9', 'Acme-CDN-Cache-Control', 'x', 'Surrogate-Control', 'x'],
      'private',
    ],
  ];
  for (const [name, fields, expected] of table)
    await t.test(name, () =>
      assert.deepEqual(privateFields(['ETag', '"1"', ...fields]), ['ETag', '"1"', 'Cache-Control', expected]),
    );
});
