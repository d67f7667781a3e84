/** What a command prints: for people, and as JSON. */
import { type Failure, printable } from '../../base/index.ts';
import { formatTable } from '../terminal/table.ts';
import { agoText, durationText, timeText } from '../terminal/times.ts';
import { formatPairs } from '../terminal/wrap.ts';
import { type NameOf, withNames } from './names.ts';

/** Who reads it, and when. */
export interface Reader {
  readonly nowUnixMs: number;
  readonly nameOf: NameOf;
  /** Of their terminal; undefined where it goes elsewhere, and nothing is cut. */
  readonly columns: number | undefined;
}

export interface Printed {
  readonly text: string | ((reader: Reader) => string);
  readonly value: unknown;
  /** It was done, and what is printed is bad: this is said after it. */
  readonly failure?: Failure;
}

export function textFor({ text }: Printed, reader: Reader): string {
  return typeof text === 'string' ? text : text(reader);
}

/** What is listed or shown. */
export type Item = object;

/** A time that never was. */
const NEVER = 0;

type FieldOf<Row> = Row extends object ? keyof Row & string : never;

export function listed<Row extends object>(
  noun: { readonly name?: string; readonly columns: readonly FieldOf<Row>[]; readonly names?: readonly string[] },
  items: readonly Row[],
): Printed {
  return { text: (reader) => listText(noun, items, reader), value: items };
}

interface Columns {
  readonly name?: string;
  readonly title?: string;
  readonly columns: readonly string[];
  readonly names?: readonly string[];
}

/** Ids are shown where names do not tell things apart: every command takes a name as well. */
function listText({ columns, names = [], ...noun }: Columns, items: readonly object[], reader: Reader): string {
  if (items.length === 0 && noun.name !== undefined) return `There is no ${noun.title ?? noun.name} yet.`;
  const naming = columns.filter((column) => names.includes(column));
  const named = items.map((item) => naming.map((column) => Reflect.get(item, column)).join('\n'));
  const isTold = naming.length > 0 && new Set(named).size === items.length;
  const rest = columns.filter((column) => column !== 'id');
  const shownColumns = isTold || !columns.includes('id') ? rest : ['id', ...rest];
  const rows = items.map((item) => shownColumns.map((column) => cell(column, Reflect.get(item, column), reader)));
  return formatTable(shownColumns.map(headOf), rows, reader.columns);
}

/** What is empty is left out: `--json` has it. */
export function shown(item: Item): Printed {
  return { text: (reader) => formatPairs(linesOf(item, reader), reader.columns).join('\n'), value: item };
}

function linesOf(item: Item, reader: Reader, before: string = ''): [string, string][] {
  return Object.entries(item).flatMap(([field, value]): [string, string][] => {
    const head = `${before}${headOf(field)}`;
    if (value === null || value === undefined) return [];
    if (typeof value === 'object' && !Array.isArray(value) && field !== 'policy')
      return linesOf(value, reader, `${head} `);
    return [[head, printable(shownCell(field, value, reader))]];
  });
}

/** A list says how long ago; what is shown alone says when, too. */
function shownCell(field: string, value: unknown, reader: Reader): string {
  if (!field.endsWith('UnixMs') || value === NEVER) return cell(field, value, reader);
  return `${timeText(Number(value))} UTC (${agoText(Number(value), reader.nowUnixMs)})`;
}

/** `createdUnixMs` -> `created`, `graceMs` -> `grace`, `siteId` -> `site`, `memberIds` -> `members`. */
function headOf(field: string): string {
  return field
    .replace(/(Unix)?Ms$/, '')
    .replace(/(?<=.)Ids$/, 's')
    .replace(/(?<=.)Id$/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
}

function cell(field: string, value: unknown, reader: Reader): string {
  if (value === null || value === undefined || value === '') return '-';
  if (field.endsWith('UnixMs')) return value === NEVER ? '-' : agoText(Number(value), reader.nowUnixMs);
  if (field.endsWith('Ms') && typeof value === 'number') return durationText(value);
  if (field === 'policy') return policyInShort(value);
  if (field === 'source') return withNames(sourceText(String(value)), reader.nameOf);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map((one) => cell('', one, reader)).join(', ') || '-';
  if (typeof value === 'object') return objectInShort(value, reader) || '-';
  return field === 'id' ? String(value) : withNames(String(value), reader.nameOf);
}

/** Whose a thing is: what people made with their hands is nobody else's. */
export function sourceText(source: string): string {
  return source === 'dashboard' ? 'by hand' : source;
}

function objectInShort(value: object, reader: Reader): string {
  return Object.entries(value)
    .filter(([, one]) => one !== null && one !== undefined)
    .map(([field, one]) => `${headOf(field)} ${cell(field, one, reader)}`)
    .join(', ');
}

/** The names of its rules; `manis policy show` tells all. */
function policyInShort(policy: unknown): string {
  const { rules = [] } = policy as { readonly rules?: readonly { readonly name?: string; readonly id?: string }[] };
  return rules.map(({ name, id }) => name || id).join(', ') || 'lets nobody in';
}
