import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closestOf } from './closest.ts';

const WORDS = ['site', 'session', 'resource', 'requests', 'policy', 'pop', 'list', 'login'];

test('a slip of the finger is seen, and a guess is none', () => {
  const table: [typed: string, meant: string | undefined][] = [
    ['sit', 'site'],
    ['sites', 'site'],
    ['stie', 'site'],
    ['resorce', 'resource'],
    ['request', 'requests'],
    ['Policy', 'policy'],
    ['lits', 'list'],
    ['application', undefined],
    ['x', undefined],
    ['r'.repeat(1000), undefined],
  ];
  for (const [typed, meant] of table) assert.equal(closestOf(typed, WORDS), meant, typed);
});
