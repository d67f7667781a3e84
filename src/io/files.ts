/** Files that are replaced whole, so that a crash leaves the old contents or the new, and never a part. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../base/index.ts';

/** For secrets: nobody but the owner may read. */
export const OWNER_ONLY = 0o600;
/** The same of folders. */
export const OWNER_FOLDER = 0o700;
/** For what everybody on the machine may read, such as a CA certificate. */
export const EVERYBODY_READS = 0o644;

export type FileFailureCode = 'file-unreadable' | 'file-unwritable' | 'file-malformed';

export class FileFailure extends Failure {
  override readonly name = 'FileFailure';
  declare readonly code: FileFailureCode;

  constructor(code: FileFailureCode, message: string, cause?: unknown) {
    super(code, message, cause);
  }
}

/** At once, or a piece at a time. */
export type FileContents = Uint8Array | string | AsyncIterable<Uint8Array>;

/** Writes beside the file, syncs, and renames over it. Resolved when the contents are on the disk. */
export async function replaceFile(path: string, contents: FileContents, mode: number): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    await writeDurably(beside, contents, mode);
    await rename(beside, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(beside, { force: true });
    throw new FileFailure('file-unwritable', `${path} cannot be written: ${(error as Error).message}`, error);
  }
}

/** The text of a file, or undefined where there is none. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FileFailure('file-unreadable', `${path} cannot be read: ${(error as Error).message}`, error);
  }
}

/**
 * The text of a file that somebody else may have put there: an ordinary one of no more than so many bytes, or undefined where
 * there is none. Pipes and devices have no end, and whoever waits for one keeps everything else of the disk waiting.
 */
export async function readSmallText(path: string, bytesMax: number): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await file.stat();
      if (!found.isFile()) throw new Error('it is no ordinary file');
      if (found.size > bytesMax) throw new Error(`it is larger than ${bytesMax} bytes`);
      // It may grow while it is read.
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytesMax), 0, bytesMax, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FileFailure('file-unreadable', `${path} cannot be read: ${(error as Error).message}`, error);
  }
}

/** The value of a JSON file, or undefined where there is no file. Its shape is the caller's to check. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FileFailure('file-malformed', `${path} is not JSON: ${(error as Error).message}`, error);
  }
}

/** Replaces a JSON file. */
export function writeJson(path: string, value: unknown, mode: number): Promise<void> {
  return replaceFile(path, `${JSON.stringify(value, null, 2)}\n`, mode);
}

/** Removes a file; one that is not there is fine. */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw new FileFailure('file-unwritable', `${path} cannot be removed: ${(error as Error).message}`, error);
  }
}

/** Makes a folder, and those above it, where they are missing. */
export async function ensureFolder(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode });
  } catch (error) {
    throw new FileFailure('file-unwritable', `${path} cannot be made: ${(error as Error).message}`, error);
  }
}

/**
 * The same for a node's own, which is nobody else's to look into: one that is there, ours and empty is closed to others, such as
 * what Kubernetes and `mkdir` make. One that is in use stays as its owner has it; the secrets in it are closed one by one.
 */
export async function ensureOwnFolder(path: string): Promise<void> {
  await ensureFolder(path, OWNER_FOLDER);
  const { mode, uid } = await stat(path);
  if ((mode & 0o077) === 0 || uid !== process.getuid?.()) return;
  if ((await readdir(path)).length === 0) await chmod(path, OWNER_FOLDER).catch(() => undefined);
}

async function writeDurably(path: string, contents: FileContents, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(contents);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself durable; some file systems refuse to sync a folder, which is no reason to fail. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
