/** Tables for spreadsheets (RFC 4180). */

/** What a spreadsheet takes for a formula where a cell begins with it, also after blanks. */
const FORMULA = /^[\s]*[=+\-@|%]/;

/** Every cell is quoted; one that a spreadsheet would calculate begins with an apostrophe, and is a text. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(',');
}

function csvCell(text: string): string {
  const plain = text.replace(/(?![\t\n])\p{Cc}/gu, ' ');
  const inert = FORMULA.test(plain) || /^[\t\r\n]/.test(text) ? `'${plain}` : plain;
  return `"${inert.replaceAll('"', '""')}"`;
}
