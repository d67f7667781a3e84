import { printable } from '../../base/index.ts';

/** A table for people: columns as wide as their longest cell, two spaces apart, no lines. */
export function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(printable));
  const widths = heads.map((head, i) => Math.max(head.length, ...clean.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(heads.map((head) => head.toUpperCase())), ...clean.map(line)].join('\n');
}
