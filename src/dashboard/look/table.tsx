import type { ReactNode } from 'react';
import { classes } from './classes.ts';

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ReactNode;
  /** Left out on narrow screens. */
  readonly isWide?: boolean;
  readonly isNumber?: boolean;
  /** Holds buttons: its name is for screen readers alone. */
  readonly isAction?: boolean;
}

interface TableProps<Row> {
  /** For screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

export function Table<Row>({ caption, columns, rows, keyOf }: TableProps<Row>) {
  return (
    // Wider than the screen it scrolls by itself, by keyboard as well.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
    <section className="relative overflow-x-auto first:[&_thead>tr]:border-t-0" aria-label={caption} tabIndex={0}>
      <table className="w-full border-collapse text-left text-sm">
        <caption className="sr-only">{caption}</caption>
        <TableHead columns={columns} />
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

export function TableHead<Row>({ columns }: { readonly columns: readonly Column<Row>[] }) {
  return (
    <thead>
      <tr className="border-y text-xs text-quiet">
        {columns.map(({ name, isWide, isNumber, isAction }) => (
          <th
            key={name}
            scope="col"
            className={classes(
              'px-5 py-2 font-medium whitespace-nowrap',
              isWide && 'max-sm:hidden',
              (isNumber || isAction) && 'text-right',
            )}
          >
            {isAction ? <span className="sr-only">{name}</span> : name}
          </th>
        ))}
      </tr>
    </thead>
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
