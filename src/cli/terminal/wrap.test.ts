import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutText, formatPairs, wrapText } from './wrap.ts';

test('text is cut with a mark, where it is too long', () => {
  assert.equal(cutText('abcdef', 6), 'abcdef');
  assert.equal(cutText('abcdefg', 6), 'abcde…');
});

test('lines are of whole words, and a long word has one for itself', () => {
  assert.deepEqual(wrapText('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrapText('a https://example.com/long b', 8), ['a', 'https://example.com/long', 'b']);
  assert.deepEqual(wrapText('', 8), ['']);
});

test('what there is to say goes on below itself', () => {
  const pairs = [
    ['name', 'wiki'],
    ['may', 'site.read site.write resource.read'],
  ] as const;
  assert.deepEqual(formatPairs(pairs, 30), ['name  wiki', 'may   site.read site.write', '      resource.read']);
  assert.deepEqual(
    formatPairs(pairs, undefined, (name) => `<${name}>`, ' ')[1],
    ' <may>   site.read site.write resource.read',
  );
});
