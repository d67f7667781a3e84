/** Where a page of a sorted list ends: the value that its last row is sorted by, and its id. Opaque to who asks. */
import { StoreFailure } from '../store-failure.ts';

/** As both dialects make letters small: those of ASCII alone. */
function small(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** @param columns of the sort, the first that is not empty counts. */
export function cursorOf(columns: readonly string[], row: { readonly id: string }): string {
  const values = columns.map((column) => String((row as Readonly<Record<string, unknown>>)[column] ?? ''));
  const key = small(values.find((value) => value !== '') ?? '');
  return Buffer.from(JSON.stringify([key, row.id])).toString('base64url');
}

/** Failure `store-cursor-invalid` for what `cursorOf` did not make. */
export function readCursor(cursor: string): { readonly key: string; readonly id: string } {
  const [key, id] = parsed(Buffer.from(cursor, 'base64url').toString());
  if (typeof key === 'string' && typeof id === 'string' && !key.includes('\0') && !id.includes('\0'))
    return { key, id };
  throw new StoreFailure('store-cursor-invalid', 'after: expected `next` of the page before, sorted by the same');
}

function parsed(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
