import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAXIMUM_PATTERN_STEPS } from '../constants.ts';
import { True, Unknown } from '../truth.ts';
import { Automaton } from './automaton.ts';
import { readGlob } from './glob.ts';
import { PathIndex } from './path-index.ts';
import { readRegex } from './regex.ts';

test('every pattern of an index has its own answer', () => {
  const index = new PathIndex();
  const patterns = ['/a/*', '/a/**', '/**/b', '/a'];
  const numbers = patterns.map((pattern) => index.add(readGlob(pattern)));
  const matching = (path: string) => patterns.filter((_, i) => index.matches(numbers[i] ?? -1, path) === True);
  assert.deepEqual(matching('/a/b'), ['/a/*', '/a/**', '/**/b']);
  assert.deepEqual(matching('/a'), ['/a/**', '/a']);
  assert.deepEqual(matching('/c'), []);
  const late = index.add(readGlob('/c'));
  assert.equal(index.matches(late, '/c'), True);
});

test('thousands of pathological patterns cost a bounded number of steps, and then nobody knows', () => {
  const automaton = new Automaton();
  const index = new PathIndex();
  for (let i = 0; i < 5_000; i++) {
    const tree = readGlob(`/${'*a'.repeat(30)}${i}`);
    automaton.add(tree);
    index.add(tree);
  }
  const simple = index.add(readGlob('/a*'));
  const path = `/${'a'.repeat(16_000)}`;
  assert.equal(automaton.read(path, MAXIMUM_PATTERN_STEPS, new Set()), false);
  assert.ok(automaton.steps <= MAXIMUM_PATTERN_STEPS + automaton.size, `${automaton.steps} steps`);
  assert.equal(index.matches(simple, path), Unknown);
  assert.equal(index.matches(simple, '/b'), 0);
});

test('a pattern that makes a backtracking matcher run for years takes steps in proportion', () => {
  const automaton = new Automaton();
  const tree = readRegex('^/(a+)+b$');
  assert.ok(typeof tree !== 'string');
  automaton.add(tree);
  const found = new Set<number>();
  assert.equal(automaton.read(`/${'a'.repeat(16_000)}`, MAXIMUM_PATTERN_STEPS, found), true);
  assert.equal(found.size, 0);
  assert.ok(automaton.steps < 10 * 16_000, `${automaton.steps} steps`);
});
