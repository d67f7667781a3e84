import { Failure } from '../../base/index.ts';

export type StoreFailureCode =
  | 'store-unreadable'
  | 'store-read-only'
  | 'store-locked'
  | 'store-busy'
  | 'store-disk-full'
  | 'store-corrupt'
  | 'store-newer'
  | 'store-conflict'
  | 'store-reference'
  | 'store-value-invalid'
  | 'store-cursor-invalid'
  | 'store-unavailable'
  | 'store-authentication'
  | 'store-permission'
  | 'store-url-invalid'
  | 'store-not-empty'
  | 'store-error';

/** What went wrong in the store. `constraint` names what a conflict is about: `resources.host`. */
export class StoreFailure extends Failure {
  override readonly name = 'StoreFailure';
  declare readonly code: StoreFailureCode;
  readonly constraint: string | undefined;

  constructor(code: StoreFailureCode, message: string, cause?: unknown, constraint?: string) {
    super(code, message, cause);
    this.constraint = constraint;
  }
}

/**
 * A row that another one stands against, in either dialect. Of a key that holds within an organisation the constraint
 * names what differs. The sentence names no table: who hears it knows none.
 */
export function conflictFailure(table: string, columns: readonly string[], cause: unknown): StoreFailure {
  const column = columns.find((one) => one !== 'organisation_id') ?? columns[0] ?? '';
  const what = column === 'name' || column === 'host' ? column : 'value';
  const sentence = `there is another one with the same ${what} already`;
  return new StoreFailure('store-conflict', sentence, cause, `${table}.${column}`);
}

/** A row that refers to nothing, or that others refer to, in either dialect. */
export function referenceFailure(cause: unknown): StoreFailure {
  return new StoreFailure('store-reference', 'the row refers to one that is not there, or is still referred to', cause);
}
