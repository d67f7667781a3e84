import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStyle, styleFor } from './style.ts';
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

test('marks are for a person at a terminal who did not ask for none', () => {
  const table: [isTTY: boolean | undefined, noColor: boolean, marked: boolean][] = [
    [true, false, true],
    [true, true, false],
    [false, false, false],
    [undefined, false, false],
  ];
  for (const [isTTY, noColor, marked] of table)
    assert.equal(styleFor(isTTY === undefined ? {} : { isTTY }, { noColor }).good('x') !== 'x', marked);
});

test('a table is no wider than the terminal: long cells are cut, then columns are left out; ids stay whole', () => {
  const heads = ['id', 'name', 'where', 'created'];
  const rows = [['sit_0123456789', 'a name of some length', 'https://a.very.long.host.example.com/', '3 h ago']];
  const lines = (columns: number) => formatTable(heads, rows, columns).split('\n');
  for (const columns of [200, 80, 60, 40, 30])
    for (const line of lines(columns).slice(0, 2)) assert.ok(line.length <= columns, `${columns}: ${line}`);
  assert.match(lines(80)[1] ?? '', /^sit_0123456789 .*… {2}3 h ago$/);
  assert.deepEqual(lines(40).slice(2), ['', 'Not shown for want of room: where, created.']);
  assert.match(lines(30)[1] ?? '', /^sit_0123456789 {2}a name of som…$/);
});
