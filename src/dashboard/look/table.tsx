import { ArrowDown, ArrowUp } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { TEXTS } from '../texts/index.ts';
import { classes } from './classes.ts';
import { type Sorting, sortKeyOf, turned, useSortedRows } from './sorting.ts';
import { useTooWide } from './too-wide.ts';

/** Said, because browsers forget what an element of a table is when it is laid out as a block. */
export const ROLES = {
  table: { role: 'table' },
  rowgroup: { role: 'rowgroup' },
  row: { role: 'row' },
  columnheader: { role: 'columnheader' },
  cell: { role: 'cell' },
} as const;

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ReactNode;
  /** Left out on narrow screens. */
  readonly isWide?: boolean;
  readonly isNumber?: boolean;
  /** Where rows are stacked it needs no name: in place of the first as title, beside that, or among what else there is. */
  readonly stacked?: 'title' | 'corner' | 'bare';
  /** Holds buttons: its name is for screen readers alone. */
  readonly isAction?: boolean;
  /** What rows are sorted by that are all here. */
  readonly sortBy?: (row: Row) => string | number;
  /** What the API calls it, where it is the API that sorts. */
  readonly sort?: string;
}

interface TableProps<Row> {
  /** For screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

export function Table<Row>({ caption, columns, rows: given, keyOf }: TableProps<Row>) {
  const { rows, sorting } = useSortedRows(columns, given);
  const frame = useRef<HTMLElement>(null);
  const isStacked = useTooWide(frame);
  return (
    // Where even one cell is wider than the screen it scrolls by itself, by keyboard as well.
    <section
      ref={frame}
      className="relative overflow-x-auto first:[&_thead>tr]:border-t-0"
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
      tabIndex={0}
    >
      <table {...ROLES.table} className={tableClass(isStacked)}>
        <caption className="sr-only">{caption}</caption>
        <TableHead columns={columns} sorting={sorting} isStacked={isStacked} />
        <tbody {...ROLES.rowgroup} className={isStacked ? 'block' : ''}>
          {rows.map((row) => (
            <tr key={keyOf(row)} {...ROLES.row} className={classes(rowClass(isStacked), 'last:border-b-0')}>
              {columns.map((column, index) => (
                <TableCell
                  key={column.name}
                  column={column}
                  row={row}
                  stack={stackOf(isStacked, column, index)}
                  isEdge={isEdge(columns, index)}
                />
              ))}
              {isStacked && <StackBreak />}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/**
 * Of a table whose rows are stacked because it would be too wide: the first cell is a title with the state at its right,
 * the others follow one another below. It stays a table to screen readers.
 */
export function tableClass(isStacked: boolean): string {
  return classes('w-full border-collapse text-left text-sm', isStacked && 'block');
}

export function rowClass(isStacked: boolean): string {
  return classes(
    'border-b hover:bg-accent-soft/40',
    isStacked && 'flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3',
  );
}

/** How a cell is shown: in its row, or in a stack, the first as its title. */
export type Stack = 'none' | 'title' | 'corner' | 'bare' | 'named' | 'action';

export function stackOf<Row>(isStacked: boolean, { stacked, isAction }: Column<Row>, index: number): Stack {
  if (!isStacked) return 'none';
  if (stacked) return stacked;
  if (index === 0) return 'title';
  return isAction ? 'action' : 'named';
}

const STACKED: Readonly<Record<Exclude<Stack, 'none'>, string>> = {
  // Whatever stands in the corner is short.
  title: 'order-1 grow basis-[calc(100%-12rem)]',
  corner: 'order-2 shrink-0',
  bare: 'order-4',
  named: 'order-4 inline-flex flex-wrap gap-x-1.5',
  action: 'order-5 ml-auto',
};

/** Ends the line of the title. */
export function StackBreak() {
  return <td aria-hidden="true" className="order-3 basis-full" />;
}

const PADDING = 'px-3 first:pl-5 last:pr-5 max-sm:px-2.5 max-sm:first:pl-5';

/** Whether every column after it is left out on a phone. */
export function isEdge<Row>(columns: readonly Column<Row>[], index: number): boolean {
  return columns.slice(index + 1).every(({ isWide }) => isWide);
}

interface TableHeadProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly sorting?: Sorting | undefined;
  readonly isStacked?: boolean;
}

/** Of stacked rows those names alone are seen that sort: the others stand in each row. */
export function TableHead<Row>({ columns, sorting, isStacked = false }: TableHeadProps<Row>) {
  const isSorted = sorting !== undefined && columns.some((column) => sortKeyOf(column) !== undefined);
  return (
    <thead {...ROLES.rowgroup} className={classes(isStacked && (isSorted ? 'block' : 'sr-only'))}>
      <tr
        {...ROLES.row}
        className={classes('border-y text-xs text-quiet', isStacked && 'flex flex-wrap gap-x-4 px-5 py-1.5')}
      >
        {isStacked && isSorted && (
          // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
          <th aria-hidden="true" className="font-normal">
            {TEXTS.frame.sortBy}
          </th>
        )}
        {columns.map((column, index) => {
          const { name, isWide, isNumber, isAction } = column;
          const key = sorting && sortKeyOf(column);
          return (
            <th
              key={name}
              scope="col"
              {...ROLES.columnheader}
              aria-sort={sortOf(key, sorting?.by)}
              className={classes(
                'font-medium whitespace-nowrap',
                !isStacked && `py-2 ${PADDING}`,
                !isStacked && isEdge(columns, index) && 'max-sm:pr-5',
                isStacked && key === undefined && 'sr-only',
                isWide && 'max-sm:hidden',
                !isStacked && (isNumber || isAction) && 'text-right',
              )}
            >
              {isAction && <span className="sr-only">{name}</span>}
              {!isAction && key === undefined && name}
              {!isAction && key !== undefined && sorting && (
                <SortButton name={name} sortKey={key} sorting={sorting} isNumber={isNumber && !isStacked} />
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function sortOf(key: string | undefined, by: string | undefined): 'ascending' | 'descending' | undefined {
  if (key === undefined) return undefined;
  return by === key ? 'ascending' : by === `-${key}` ? 'descending' : undefined;
}

interface SortButtonProps {
  readonly name: string;
  readonly sortKey: string;
  readonly sorting: Sorting;
  readonly isNumber?: boolean | undefined;
}

/** The head of a column that sorts. Its arrow is there for whoever points at it, and while it sorts. */
function SortButton({ name, sortKey, sorting: { by, onSort }, isNumber = false }: SortButtonProps) {
  const sort = sortOf(sortKey, by);
  const Arrow = sort === 'descending' ? ArrowDown : ArrowUp;
  return (
    <button
      type="button"
      onClick={() => onSort(turned(by, sortKey))}
      className={classes('group relative -mx-1 -my-1 rounded px-1 py-1 font-medium hover:text-ink', sort && 'text-ink')}
    >
      {name}
      <Arrow
        size={13}
        aria-hidden="true"
        className={classes(
          'absolute top-1/2 -translate-y-1/2',
          isNumber ? '-left-3' : '-right-3',
          !sort && 'opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100',
        )}
      />
    </button>
  );
}

interface TableCellProps<Row> {
  readonly column: Column<Row>;
  readonly row: Row;
  readonly stack?: Stack;
  /** On a phone nothing stands to the right of it. */
  readonly isEdge?: boolean;
}

export function TableCell<Row>({ column, row, stack = 'none', isEdge }: TableCellProps<Row>) {
  const { name, cell, isWide, isNumber, isAction } = column;
  if (stack !== 'none')
    return (
      <td
        {...ROLES.cell}
        className={classes(
          'min-w-0 max-w-full break-words [overflow-wrap:anywhere]',
          STACKED[stack],
          isWide && 'max-sm:hidden',
        )}
      >
        {stack === 'named' && (
          <span aria-hidden="true" className="text-quiet">
            {name}
          </span>
        )}
        <span className="block min-w-0">{cell(row)}</span>
      </td>
    );
  return (
    <td
      {...ROLES.cell}
      className={classes(
        `py-2.5 align-middle ${PADDING}`,
        isEdge && 'max-sm:pr-5',
        isWide && 'max-sm:hidden',
        (isNumber || isAction) && 'text-right tabular-nums',
      )}
    >
      {cell(row)}
    </td>
  );
}
