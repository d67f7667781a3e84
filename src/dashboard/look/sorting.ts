/** By what a table is sorted: the key of a column, with `-` before it where it is backwards. */
import { useState } from 'react';
import type { Column } from './table.tsx';

export interface Sorting {
  readonly by: string | undefined;
  readonly onSort: (by: string) => void;
}

/** Undefined where nobody sorts by the column. */
export function sortKeyOf<Row>({ sort, sortBy, name }: Column<Row>): string | undefined {
  return sort ?? (sortBy && name);
}

/** A click sorts, the next one turns it round. */
export function turned(by: string | undefined, key: string): string {
  return by === key ? `-${key}` : key;
}

/** As people read names: no difference of a and A, and 2 before 10. */
const NAMES = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Rows that are all here, as they came until somebody clicks on a head. */
export function useSortedRows<Row>(columns: readonly Column<Row>[], rows: readonly Row[]) {
  const [by, onSort] = useState<string>();
  const value = columns.find(({ name, sortBy }) => sortBy && (by === name || by === `-${name}`))?.sortBy;
  const isBackwards = by?.startsWith('-');
  const sorted = value ? rows.toSorted((a, b) => compare(value(a), value(b)) * (isBackwards ? -1 : 1)) : rows;
  return { rows: sorted, sorting: { by, onSort } satisfies Sorting };
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b || 0 : NAMES.compare(String(a), String(b));
}
