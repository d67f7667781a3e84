import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { concat, utf8 } from '../base/index.ts';
import { OWNER_ONLY, replaceFile } from './files.ts';
import { SealedFileFailure } from './sealed-file.ts';
import { seal, sealingKey, unseal } from './sealing.ts';

/**
 * A sealed file for much: it is written a piece at a time, so that neither memory nor other work suffers, and replaced
 * whole. Each piece is bound to its file, its place and whether it is the last, so none can be left out or exchanged.
 *
 *     0       8         24
 *     | magic | file id | length (4, big-endian) | sealed piece | ...
 */
export interface SealedPieces {
  /** The pieces, or undefined where there is no file. Rejects with SealedFileFailure where it cannot be opened. */
  read(): Promise<Uint8Array[] | undefined>;
  /** Replaces the contents; resolved when they are on the disk. Calls are done one after another. */
  write(pieces: AsyncIterable<Uint8Array>): Promise<void>;
}

const MAGIC = utf8('manisSP1');
const FILE_ID_BYTES = 16;
const LENGTH_BYTES = 4;

/** See `sealedFile`. */
export function sealedPieces(path: string, secret: Uint8Array, purpose: string): SealedPieces {
  const key = sealingKey(secret, purpose);
  let last: Promise<void> = Promise.resolve();
  return {
    read: () => readPieces(path, key),
    write(pieces) {
      const written = last.then(() => writePieces(path, key, pieces));
      last = written.catch(() => undefined);
      return written;
    },
  };
}

async function writePieces(path: string, key: Uint8Array, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await replaceFile(path, sealedBytes(key, pieces), OWNER_ONLY);
  } catch (error) {
    throw new SealedFileFailure('sealed-file-unwritable', (error as Error).message, error);
  }
}

async function* sealedBytes(key: Uint8Array, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const fileId = randomBytes(FILE_ID_BYTES);
  yield concat(MAGIC, fileId);
  let [index, waiting]: [number, Uint8Array | undefined] = [0, undefined];
  for await (const piece of pieces) {
    if (waiting) yield framed(seal(key, boundTo(fileId, index++, false), waiting));
    waiting = piece;
  }
  yield framed(seal(key, boundTo(fileId, index, true), waiting ?? new Uint8Array()));
}

function framed(sealed: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, sealed.length);
  return concat(length, sealed);
}

function boundTo(fileId: Uint8Array, index: number, isLast: boolean): Uint8Array {
  const place = new Uint8Array(LENGTH_BYTES + 1);
  new DataView(place.buffer).setUint32(0, index);
  place[LENGTH_BYTES] = isLast ? 1 : 0;
  return concat(MAGIC, fileId, place);
}

async function readPieces(path: string, key: Uint8Array): Promise<Uint8Array[] | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SealedFileFailure('sealed-file-unreadable', `${path} cannot be read: ${(error as Error).message}`, error);
  }
  const pieces = unsealAll(bytes, key);
  if (pieces) return pieces;
  throw new SealedFileFailure('sealed-file-damaged', `${path} is damaged or was sealed by another node`);
}

function unsealAll(bytes: Buffer, key: Uint8Array): Uint8Array[] | undefined {
  if (Buffer.compare(bytes.subarray(0, MAGIC.length), MAGIC) !== 0) return undefined;
  const fileId = bytes.subarray(MAGIC.length, MAGIC.length + FILE_ID_BYTES);
  const pieces: Uint8Array[] = [];
  let at = MAGIC.length + FILE_ID_BYTES;
  for (;;) {
    if (at + LENGTH_BYTES > bytes.length) return undefined;
    const end = at + LENGTH_BYTES + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    const isLast = end === bytes.length;
    const piece = unseal(key, boundTo(fileId, pieces.length, isLast), bytes.subarray(at + LENGTH_BYTES, end));
    if (!piece) return undefined;
    pieces.push(piece);
    if (isLast) return pieces;
    at = end;
  }
}
