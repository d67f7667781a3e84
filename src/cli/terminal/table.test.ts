import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStyle } from './style.ts';
import { formatTable } from './table.ts';

test('a table is as wide as its longest cells', () => {
  const rows = [
    ['demo', 'demo.manis.localhost'],
    ['a longer name', 'x'],
  ];
  assert.equal(
    formatTable(['name', 'host'], rows),
    'NAME           HOST\ndemo           demo.manis.localhost\na longer name  x',
  );
});

test('an empty table is its heads', () => assert.equal(formatTable(['id', 'name'], []), 'ID  NAME'));

test('a cell cannot move the cursor', () => {
  assert.equal(formatTable(['name'], [['a\u001b[2Jb\nc']]), 'NAME\na [2Jb c');
});

test('marks appear with colour alone', () => {
  assert.equal(createStyle(true).strong('x'), '\u001b[1mx\u001b[22m');
  assert.equal(createStyle(false).strong('x'), 'x');
});
