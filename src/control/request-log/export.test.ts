import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvCell } from './export.ts';

test('no cell is a formula, and every cell is one', () => {
  const table: [value: string | number | null, cell: string][] = [
    ['plain', 'plain'],
    [null, ''],
    [-1.5, '-1.5'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t'=1"],
    ['/a;=1+1', "/a;'=1+1"],
    ['x",=1', `"x"",'=1"`],
    ['＝1', "'＝1"],
    ['a-b; c=d', 'a-b; c=d'],
    ['\r=1', `"'\r'=1"`],
    ['=HYPERLINK("http://a","b")', `"'=HYPERLINK(""http://a"",""b"")"`],
    ['a,b', '"a,b"'],
    ['a\nb', '"a\nb"'],
  ];
  for (const [value, cell] of table) assert.equal(csvCell(value), cell);
});
