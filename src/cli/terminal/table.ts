/** A table for people: columns as wide as their longest cell, two spaces apart, no lines. */
import { printable } from '../../base/index.ts';
import { cutText } from './wrap.ts';

const GAP = '  ';
/** What a column keeps before whole columns are left out: most names. */
const USEFUL_CHARS = 16;
/** What a column keeps in any case: a word. */
const LEAST_CHARS = 8;
/** So many columns stay, however narrow the terminal is. */
const LEAST_COLUMNS = 2;

/** @param columns of the terminal; left out: as wide as it needs to be. */
export function formatTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number = Number.POSITIVE_INFINITY,
): string {
  const clean = rows.map((row) => row.map(printable));
  const natural = heads.map((head, i) => Math.max(head.length, ...clean.map((row) => (row[i] ?? '').length)));
  const widths = fitted(natural, heads, columns);
  const line = (cells: readonly string[]) =>
    widths
      .map((width, i) => cutText(cells[i] ?? '', width).padEnd(width))
      .join(GAP)
      .trimEnd();
  const left = heads.slice(widths.length).filter((head) => head !== '');
  const note = left.length > 0 ? ['', `Not shown for want of room: ${left.join(', ')}.`] : [];
  return [line(heads.map((head) => head.toUpperCase())), ...clean.map(line), ...note].join('\n');
}

/** Long cells are cut first, then columns are left out from the right, then all are as narrow as they have to be. */
function fitted(natural: readonly number[], heads: readonly string[], columns: number): readonly number[] {
  let widths = narrowed(natural, heads, columns, USEFUL_CHARS);
  while (totalOf(widths) > columns && widths.length > LEAST_COLUMNS)
    widths = narrowed(natural.slice(0, widths.length - 1), heads, columns, USEFUL_CHARS);
  return narrowed(widths, heads, columns, LEAST_CHARS);
}

/** Takes from the widest again and again. What names a thing for another command is never cut. */
function narrowed(natural: readonly number[], heads: readonly string[], columns: number, least: number): number[] {
  const widths = [...natural];
  for (let excess = totalOf(widths) - columns; excess > 0; ) {
    const cuttable = widths.map((width, i) => (isWhole(heads[i]) || width <= least ? 0 : width));
    const widest = Math.max(...cuttable);
    if (widest === 0) break;
    const at = cuttable.indexOf(widest);
    const next = Math.max(least, ...cuttable.filter((width) => width < widest));
    const taken = Math.min(excess, Math.max(1, widest - next));
    widths[at] = widest - taken;
    excess -= taken;
  }
  return widths;
}

function isWhole(head: string | undefined): boolean {
  return head === 'id' || head === 'request';
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
}
