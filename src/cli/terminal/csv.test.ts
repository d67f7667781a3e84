import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvLine } from './csv.ts';

test('a cell is a text, whatever a spreadsheet would make of it', () => {
  const table: [string, string][] = [
    ['GET', '"GET"'],
    ['', '""'],
    ['a "b", c', '"a ""b"", c"'],
    ['=HYPERLINK("https://evil.example")', '"\'=HYPERLINK(""https://evil.example"")"'],
    ['+1', '"\'+1"'],
    ['-1+2', '"\'-1+2"'],
    ['@SUM(A1)', '"\'@SUM(A1)"'],
    [' =1', '"\' =1"'],
    ['\t=1', '"\'\t=1"'],
    ['\r=1', '"\' =1"'],
    ['|calc', '"\'|calc"'],
    ['a\nb', '"a\nb"'],
    ['\u001b[31mred', '" [31mred"'],
  ];
  for (const [text, cell] of table) assert.equal(csvLine([text]), cell, JSON.stringify(text));
  assert.equal(csvLine(['a', 'b']), '"a","b"');
});
