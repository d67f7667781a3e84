import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import { type Sorting, sortKeyOf, turned, useSortedRows } from './sorting.ts';

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ReactNode;
  /** Left out on narrow screens. */
  readonly isWide?: boolean;
  readonly isNumber?: boolean;
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
  return (
    // Wider than the screen it scrolls by itself, by keyboard as well.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
    <section className="relative overflow-x-auto first:[&_thead>tr]:border-t-0" aria-label={caption} tabIndex={0}>
      <table className="w-full border-collapse text-left text-sm">
        <caption className="sr-only">{caption}</caption>
        <TableHead columns={columns} sorting={sorting} />
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} className="border-b last:border-b-0 hover:bg-accent-soft/40">
              {columns.map((column) => (
                <TableCell key={column.name} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface TableHeadProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly sorting?: Sorting | undefined;
}

export function TableHead<Row>({ columns, sorting }: TableHeadProps<Row>) {
  return (
    <thead>
      <tr className="border-y text-xs text-quiet">
        {columns.map((column) => {
          const { name, isWide, isNumber, isAction } = column;
          const key = sorting && sortKeyOf(column);
          return (
            <th
              key={name}
              scope="col"
              aria-sort={sortOf(key, sorting?.by)}
              className={classes(
                'px-5 py-2 font-medium whitespace-nowrap',
                isWide && 'max-sm:hidden',
                (isNumber || isAction) && 'text-right',
              )}
            >
              {isAction && <span className="sr-only">{name}</span>}
              {!isAction && key === undefined && name}
              {!isAction && key !== undefined && sorting && <SortButton name={name} sortKey={key} sorting={sorting} />}
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
}

/** The head of a column that sorts. Its arrow is there for whoever points at it, and while it sorts. */
function SortButton({ name, sortKey, sorting: { by, onSort } }: SortButtonProps) {
  const sort = sortOf(sortKey, by);
  const Arrow = sort === 'descending' ? ArrowDown : ArrowUp;
  return (
    <button
      type="button"
      onClick={() => onSort(turned(by, sortKey))}
      className={classes(
        'group -mx-1.5 -my-1 inline-flex items-center gap-1 rounded px-1.5 py-1 font-medium hover:text-ink',
        sort && 'text-ink',
      )}
    >
      {name}
      <Arrow
        size={13}
        aria-hidden="true"
        className={sort ? '' : 'opacity-0 group-hover:opacity-100 group-focus-visible:opacity-100'}
      />
    </button>
  );
}

export function TableCell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  const { cell, isWide, isNumber, isAction } = column;
  return (
    <td
      className={classes(
        'px-5 py-3 align-middle',
        isWide && 'max-sm:hidden',
        (isNumber || isAction) && 'text-right tabular-nums',
      )}
    >
      {cell(row)}
    </td>
  );
}
