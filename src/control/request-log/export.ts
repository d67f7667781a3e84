/** The log as a file: a table, or one JSON document a line. */
import type { RequestItem } from '../api/request-shapes.ts';

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

type Cell = string | number | null | undefined;

const COLUMNS: readonly (readonly [name: string, cell: (item: RequestItem) => Cell])[] = [
  ['time', ({ unixMs }) => new Date(unixMs).toISOString()],
  ['request', ({ requestId }) => requestId],
  ['application', ({ resourceName, resourceId }) => resourceName ?? resourceId],
  ['host', ({ host }) => host],
  ['method', ({ method }) => method],
  ['path', ({ path }) => path],
  ['status', ({ status }) => status],
  ['outcome', ({ outcome }) => outcome],
  ['reason', ({ reason }) => reason],
  ['rule', ({ ruleName }) => ruleName],
  ['user', ({ subject }) => subject?.name],
  ['address', ({ address }) => address],
  ['country', ({ country }) => country],
  ['pop', ({ popName, popId }) => popName ?? popId],
  ['agent', ({ agent }) => agent],
  ['bytes in', ({ bytesIn }) => bytesIn],
  ['bytes out', ({ bytesOut }) => bytesOut],
  ['judge ms', ({ stageMs }) => stageMs.judge],
  ['way ms', ({ stageMs }) => stageMs.way],
  ['backend ms', ({ stageMs }) => stageMs.backend],
  ['total ms', ({ stageMs }) => stageMs.total],
  ['trace', ({ traceId }) => traceId],
];

export const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
};

/** What stands before the first request. */
export function exportHead(format: ExportFormat): string {
  return format === 'csv' ? csvLine(COLUMNS.map(([name]) => name)) : '';
}

export function exportLine(format: ExportFormat, item: RequestItem & { readonly capture?: unknown }): string {
  return format === 'csv' ? csvLine(COLUMNS.map(([, cell]) => cell(item))) : `${JSON.stringify(item)}\n`;
}

function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * A cell (RFC 4180) that no spreadsheet takes for a formula: what strangers send as a path or agent may begin with `=`. Numbers
 * of ours are left as they are.
 */
export function csvCell(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  // A spreadsheet may be set to begin cells at other signs than ours, quoted or not.
  const harmless = value.replace(/(?<=^|["',;|\t\r\n])(?=[=+\-@\t\r＝＋－＠])/g, "'");
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
