import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { areAlike, isAmong, isEntityTag } from './entity-tags.ts';

describe('a list of entity tags', () => {
  const table: [list: string, tag: string, strong: boolean, weak: boolean][] = [
    ['"a"', '"a"', true, true],
    ['"b"', '"a"', false, false],
    ['W/"a"', '"a"', false, true],
    ['"a"', 'W/"a"', false, true],
    ['W/"a"', 'W/"a"', false, true],
    ['"x", "a"', '"a"', true, true],
    ['"x",W/"y" , W/"a"', '"a"', false, true],
    ['W/"a", "a"', '"a"', true, true],
    ['*', '"a"', true, true],
    [' * ', '"a"', true, true],
    ['"*"', '"a"', false, false],
    ['', '"a"', false, false],
    ['a', '"a"', false, false],
    ['""', '""', true, true],
    ['"a, b"', '"a"', false, false],
    ['"x,y"', '"x,y"', true, true],

    ['"a', '"a"', false, false],
  ];
  for (const [list, tag, strong, weak] of table)
    test(`${list || 'that is empty'} ${strong ? 'has' : 'has not'} ${tag}, ${weak ? 'has' : 'has not'} it weakly`, () => {
      assert.deepEqual([isAmong(tag, list, 'strong'), isAmong(tag, list, 'weak')], [strong, weak]);
    });
});

test('two tags are alike as RFC 9110 section 8.8.3.2 has it in its table', () => {
  const table: [one: string, other: string, strong: boolean, weak: boolean][] = [
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
  ];
  for (const [one, other, strong, weak] of table) {
    assert.deepEqual([areAlike(one, other, 'strong'), areAlike(one, other, 'weak')], [strong, weak], `${one} ${other}`);
    assert.deepEqual([areAlike(other, one, 'strong'), areAlike(other, one, 'weak')], [strong, weak], `${other} ${one}`);
  }
});

test('a tag is quoted, and may be weak', () => {
  for (const tag of ['"a"', 'W/"a"', '""', '"\xe9"']) assert.ok(isEntityTag(tag), tag);
  for (const text of ['a', '"a', '"a b"', 'w/"a"', '"a"b', '']) assert.ok(!isEntityTag(text), text);
});
