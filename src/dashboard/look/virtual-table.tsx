import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef } from 'react';
import { classes } from './classes.ts';
import type { Sorting } from './sorting.ts';
import type { Column } from './table.tsx';
import { isEdge, ROLES, rowClass, StackBreak, stackOf, TableCell, TableHead, tableClass } from './table.tsx';
import { useTooWide } from './too-wide.ts';

const ROW_PX = 43;
const AHEAD = 12;

/** A table of any length: only the rows in view are in the page, and more are asked for before they are reached. */
export function VirtualTable<Row>({
  caption,
  columns,
  rows,
  count,
  keyOf,
  sorting,
  onEndNear,
}: {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** Rows there are in all, with those that are not read yet. */
  readonly count: number;
  readonly keyOf: (row: Row) => string;
  /** Left out: nobody sorts. */
  readonly sorting?: Sorting;
  readonly onEndNear: () => void;
}) {
  const top = useRef<HTMLTableSectionElement>(null);
  const frame = useRef<HTMLElement>(null);
  const isStacked = useTooWide(frame);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_PX,
    overscan: AHEAD,
    scrollMargin: top.current?.offsetTop ?? 0,
    getItemKey: (index) => keyOf(rows[index] as Row),
  });
  const shown = virtual.getVirtualItems();
  const [first, last] = [shown[0], shown.at(-1)];
  const margin = virtual.options.scrollMargin;
  const isEndNear = last !== undefined && last.index >= rows.length - 2 * AHEAD && rows.length < count;
  useEffect(() => {
    if (isEndNear) onEndNear();
  }, [isEndNear, onEndNear]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
    <section ref={frame} className="relative overflow-x-auto" aria-label={caption} tabIndex={0}>
      <table {...ROLES.table} className={tableClass(isStacked)} aria-rowcount={count + 1}>
        <caption className="sr-only">{caption}</caption>
        <TableHead columns={columns} sorting={sorting} isStacked={isStacked} />
        <tbody ref={top} {...ROLES.rowgroup} className={isStacked ? 'block' : ''}>
          <Space columns={columns.length} px={first ? first.start - margin : 0} />
          {shown.map(({ index, key }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <RowInView
                key={key}
                measure={virtual.measureElement}
                index={index}
                columns={columns}
                row={row}
                isStacked={isStacked}
                isLast={index === rows.length - 1}
              />
            );
          })}
          <Space columns={columns.length} px={last ? virtual.getTotalSize() - (last.end - margin) : 0} />
        </tbody>
      </table>
    </section>
  );
}

interface RowInViewProps<Row> {
  readonly measure: (element: HTMLTableRowElement | null) => void;
  readonly index: number;
  readonly columns: readonly Column<Row>[];
  readonly row: Row;
  readonly isStacked: boolean;
  readonly isLast: boolean;
}

/** Made anew only where something of it is different: while somebody scrolls, for rows that come into view. */
const RowInView = memo(PlainRow) as typeof PlainRow;

function PlainRow<Row>({ measure, index, columns, row, isStacked, isLast }: RowInViewProps<Row>) {
  return (
    <tr
      ref={measure}
      data-index={index}
      aria-rowindex={index + 2}
      {...ROLES.row}
      className={classes(rowClass(isStacked), isLast && 'border-b-0')}
    >
      {columns.map((column, at) => (
        <TableCell
          key={column.name}
          column={column}
          row={row}
          stack={stackOf(isStacked, column, at)}
          isEdge={isEdge(columns, at)}
        />
      ))}
      {isStacked && <StackBreak />}
    </tr>
  );
}

/** Where rows are that are not in view. */
function Space({ columns, px }: { readonly columns: number; readonly px: number }) {
  if (px <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <tr aria-hidden="true">
      <td colSpan={columns} style={{ height: px }} />
    </tr>
  );
}
