import { readFile } from 'node:fs/promises';
import { Failure } from '../base/index.ts';
import { OWNER_ONLY, replaceFile } from './files.ts';
import { SEALING_MAGIC, seal, sealingKey, unseal } from './sealing.ts';

/**
 * A file that only this node can read and that nobody can change unseen (see `sealing.ts`). It is replaced whole, by
 * rename, so a crash leaves the old or the new contents and never a part.
 *
 *     0        8                n
 *     | magic  | sealed contents|
 */
export interface SealedFile {
  /** The contents, or undefined where there is no file. Rejects with SealedFileFailure where it cannot be opened. */
  read(): Promise<Uint8Array | undefined>;
  /** Replaces the contents; resolved when they are on the disk. Calls are done one after another. */
  write(contents: Uint8Array): Promise<void>;
}

export type SealedFileFailureCode = 'sealed-file-damaged' | 'sealed-file-unreadable' | 'sealed-file-unwritable';

export class SealedFileFailure extends Failure {
  override readonly name = 'SealedFileFailure';
  declare readonly code: SealedFileFailureCode;

  constructor(code: SealedFileFailureCode, message: string, cause?: unknown) {
    super(code, message, cause);
  }
}

/**
 * @param path where it is kept; its folder must exist.
 * @param secret at least 32 bytes that belong to this node alone.
 * @param purpose what the file is for; a file sealed for one purpose does not open for another.
 */
export function sealedFile(path: string, secret: Uint8Array, purpose: string): SealedFile {
  const key = sealingKey(secret, purpose);
  let last: Promise<void> = Promise.resolve();
  return {
    read: () => readSealed(path, key),
    write(contents) {
      const written = last.then(() => writeSealed(path, key, contents));
      last = written.catch(() => undefined);
      return written;
    },
  };
}

async function readSealed(path: string, key: Uint8Array): Promise<Uint8Array | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SealedFileFailure('sealed-file-unreadable', `${path} cannot be read: ${(error as Error).message}`, error);
  }
  const isSealed = Buffer.compare(bytes.subarray(0, SEALING_MAGIC.length), SEALING_MAGIC) === 0;
  const contents = isSealed && unseal(key, SEALING_MAGIC, bytes.subarray(SEALING_MAGIC.length));
  if (contents) return contents;
  throw new SealedFileFailure('sealed-file-damaged', `${path} is damaged or was sealed by another node`);
}

async function writeSealed(path: string, key: Uint8Array, contents: Uint8Array): Promise<void> {
  const sealed = Buffer.concat([SEALING_MAGIC, seal(key, SEALING_MAGIC, contents)]);
  try {
    await replaceFile(path, sealed, OWNER_ONLY);
  } catch (error) {
    throw new SealedFileFailure('sealed-file-unwritable', (error as Error).message, error);
  }
}
