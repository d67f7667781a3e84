import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAXIMUM_LOGGED_PATH_LENGTH } from '../constants.ts';
import { redactedPath } from './redacted-path.ts';

test('of a query the names are shown and no value', () => {
  const table: [path: string, query: string, shown: string][] = [
    ['/', '', '/'],
    ['/a/b', '?', '/a/b?'],
    ['/a', '?token=abc&next=/x', '/a?token=…&next=…'],
    ['/a', '?justasecret', '/a?…'],
    ['/a', '?a=b=c&&d', '/a?a=…&&…'],
    ['/.manis/share/mnl_secret', '', '/.manis/share/…'],
  ];
  for (const [path, query, shown] of table) assert.equal(redactedPath({ path, query }), shown);
});

test('what is longer than a path is cut', () => {
  const shown = redactedPath({ path: `/${'a'.repeat(5000)}`, query: `?${'b=c&'.repeat(5000)}` });
  assert.equal(shown.length, MAXIMUM_LOGGED_PATH_LENGTH);
});
