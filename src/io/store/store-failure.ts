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

/** A row that another one of the same name stands against, in either dialect. */
export function conflictFailure(constraint: string, cause: unknown): StoreFailure {
  return new StoreFailure('store-conflict', `another row has the same ${constraint}`, cause, constraint);
}

/** A row that refers to nothing, or that others refer to, in either dialect. */
export function referenceFailure(cause: unknown): StoreFailure {
  return new StoreFailure('store-reference', 'the row refers to one that is not there, or is still referred to', cause);
}
