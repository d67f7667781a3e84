/** Keeps a second program out of a folder. The lock belongs to the process: however it ends, the lock is gone. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Failure } from '../base/index.ts';

export interface FolderLock {
  release(): void;
}

/**
 * Takes the lock of a folder, which must exist. Keep what it gives: a lock that nothing refers to goes with the garbage.
 * Failure `folder-in-use`, `folder-unusable`.
 */
export function lockFolder(path: string): FolderLock {
  const file = join(path, 'lock');
  try {
    // The file lock of SQLite is the kernel's: no process id that another process may have by now.
    const database = new DatabaseSync(file, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    if (/locked/.test((error as Error).message)) {
      throw new Failure('folder-in-use', `${path} is in use by another process`, error);
    }
    throw new Failure('folder-unusable', `${path} cannot be used: ${(error as Error).message}`, error);
  }
}
