import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressesInTurn } from './addresses-in-turn.ts';

const six = (address: string) => ({ address, family: 6 });
const four = (address: string) => ({ address, family: 4 });

const TABLE: readonly (readonly [what: string, found: Parameters<typeof addressesInTurn>[0], inTurn: string[]])[] = [
  ['nothing', [], []],
  ['one family', [four('a'), four('b')], ['a', 'b']],
  ['families take turns', [six('a'), six('b'), six('c'), four('d')], ['a', 'd', 'b', 'c']],
  ['the first one stays the first', [four('a'), six('b'), six('c'), four('d')], ['a', 'b', 'd', 'c']],
];

for (const [what, found, inTurn] of TABLE)
  test(`addresses in turn: ${what}`, () => assert.deepEqual(addressesInTurn(found), inTurn));
