import { Failure } from '../../base/index.ts';
import { conflictFailure, referenceFailure, StoreFailure, type StoreFailureCode } from './store-failure.ts';

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
const SQLITE_FAILURES: Readonly<Record<number, readonly [StoreFailureCode, string]>> = {
  5: ['store-busy', 'the store is busy: another process is writing to it; try again'],
  6: ['store-busy', 'the store is busy: another process is writing to it; try again'],
  8: ['store-read-only', 'the store cannot be written: its file or directory is read-only'],
  10: ['store-unreadable', 'the store cannot be read or written: the disk reported an error'],
  11: ['store-corrupt', 'the store is damaged: its file is not a well-formed database; restore a backup'],
  13: [
    'store-disk-full',
    'the disk is full: nothing more can be stored until there is room; what was confirmed is safe',
  ],
  14: ['store-unreadable', 'the store cannot be opened: its file or directory cannot be read or written by this user'],
  23: ['store-unreadable', 'the store cannot be opened: access is denied'],
  26: ['store-corrupt', 'the store is damaged: its file is not a database; restore a backup'],
};

/** Turns what the driver threw into a failure with a stable code. Failures pass as they are. */
export function sqliteFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = (error as { errcode?: unknown }).errcode;
  const message = error instanceof Error ? error.message : String(error);
  if (typeof code !== 'number') return new StoreFailure('store-error', `the store failed: ${message}`, error);
  if ((code & 0xff) === 19) return constraintFailure(message, error);
  const known = SQLITE_FAILURES[code & 0xff];
  if (known) return new StoreFailure(known[0], known[1], error);
  return new StoreFailure('store-error', `the store failed: ${message}`, error);
}

function constraintFailure(message: string, error: unknown): StoreFailure {
  const unique = /^UNIQUE constraint failed: (.+)/.exec(message)?.[1];
  if (unique) {
    const columns = unique.split(', ').map((column) => column.split('.'));
    return conflictFailure(
      columns[0]?.[0] ?? '',
      columns.map(([, column = '']) => column),
      error,
    );
  }
  if (message.startsWith('FOREIGN KEY')) return referenceFailure(error);
  return new StoreFailure('store-error', `the store refused a row: ${message}`, error);
}
