import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { askingFields, freshenedFields, hasAlready, speaksOf, validatorsOf } from './conditions.ts';

const ELEVEN = 'Thu, 26 Nov 2026 11:00:00 GMT';
const NOON = 'Thu, 26 Nov 2026 12:00:00 GMT';
const ONE = 'Thu, 26 Nov 2026 13:00:00 GMT';

describe('whether a client has it already', () => {
  const cases: readonly (readonly [
    request: readonly string[],
    response: readonly string[],
    has: boolean,
    status?: number,
  ])[] = [
    [['If-None-Match', '"a"'], ['ETag', '"a"'], true],
    [['If-None-Match', '"a"'], ['ETag', '"a"'], false, 404],
    [['If-None-Match', 'W/"b", W/"a"'], ['ETag', '"a"'], true],
    [['If-None-Match', '"b,c", "a"'], ['ETag', 'W/"a"'], true],
    [['If-None-Match', '*'], ['ETag', '"a"'], true],
    [['If-None-Match', '*'], [], true],
    [['If-None-Match', '"*"'], ['ETag', '"a"'], false],
    [['If-None-Match', '"b"'], ['ETag', '"a"'], false],
    [['If-None-Match', '"a"'], [], false],
    [['If-None-Match', '"b"', 'If-Modified-Since', NOON], ['Last-Modified', ELEVEN], false],
    [['If-None-Match', '"a"', 'If-Modified-Since', ELEVEN], ['ETag', '"a"', 'Last-Modified', NOON], true],
    [['If-Modified-Since', NOON], ['Last-Modified', NOON], true],
    [['If-Modified-Since', ELEVEN], ['Last-Modified', NOON], false],
    [['If-Modified-Since', 'yesterday'], ['Last-Modified', ELEVEN], false],
    [['If-Modified-Since', NOON], ['Date', NOON], true],
    [['If-Modified-Since', ELEVEN], ['Date', NOON], false],
    [['If-Modified-Since', NOON], ['Date', ELEVEN, 'Last-Modified', ONE], false],
    [[], ['ETag', '"a"'], false],
  ];
  for (const [request, response, has, status = 200] of cases)
    test(`${request.join(': ')} against ${status} ${response.join(': ')}: ${has}`, () =>
      assert.equal(hasAlready(status, request, response), has));
});

describe('what a target is asked by', () => {
  const cases: readonly (readonly [
    status: number,
    response: readonly string[],
    asked: readonly string[] | undefined,
  ])[] = [
    [200, ['ETag', '"a"'], ['If-None-Match', '"a"']],
    [200, ['etag', 'W/"a"', 'Last-Modified', NOON], ['If-None-Match', 'W/"a"', 'If-Modified-Since', NOON]],
    [203, ['Last-Modified', NOON], ['If-Modified-Since', NOON]],
    [200, ['ETag', 'a'], undefined],
    [200, ['ETag', '"a"', 'ETag', '"b"'], undefined],
    [200, ['Last-Modified', 'lately'], undefined],
    [301, ['ETag', '"a"'], undefined],
    [200, [], undefined],
  ];
  for (const [status, response, asked] of cases)
    test(`${status} ${response.join(': ')}: ${asked?.join(': ')}`, () => {
      const validators = validatorsOf(status, response);
      assert.deepEqual(validators && askingFields([], validators), asked);
    });

  test('takes the place of what the client asks of its own', () => {
    const request = ['Host', 'a', 'if-none-match', '"mine"', 'If-Modified-Since', ELEVEN, 'Accept', '*/*'];
    const asked = askingFields(request, { etag: '"a"', lastModified: undefined });
    assert.deepEqual(asked, ['Host', 'a', 'Accept', '*/*', 'If-None-Match', '"a"']);
  });
});

describe('a 304', () => {
  const spoken: readonly (readonly [kept: string | undefined, notModified: readonly string[], isOfIt: boolean])[] = [
    ['"a"', [], true],
    ['"a"', ['ETag', '"a"'], true],
    ['"a"', ['ETag', 'W/"a"'], true],
    ['"a"', ['ETag', '"b"'], false],
    [undefined, ['ETag', '"b"'], false],
  ];
  for (const [etag, notModified, isOfIt] of spoken)
    test(`with ${notModified.join(': ')} speaks of ${etag}: ${isOfIt}`, () =>
      assert.equal(speaksOf({ etag, lastModified: NOON }, notModified), isOfIt));

  test('replaces the fields that it has, adds others, and leaves those of the body and the rest', () => {
    const kept = [
      'Content-Type',
      'text/css',
      'Content-Length',
      '3',
      'Age',
      '9',
      'Date',
      ELEVEN,
      'X-A',
      '1',
      'x-a',
      '2',
      'X-B',
      '3',
    ];
    const notModified = [
      'date',
      NOON,
      'X-A',
      '4',
      'Content-Length',
      '0',
      'content-type',
      'text/html',
      'Cache-Control',
      'public',
      'X-C',
      '5',
    ];
    assert.deepEqual(freshenedFields(kept, notModified), [
      ...['Content-Type', 'text/css', 'Content-Length', '3', 'X-B', '3'],
      ...['date', NOON, 'X-A', '4', 'Cache-Control', 'public', 'X-C', '5'],
    ]);
  });
});
