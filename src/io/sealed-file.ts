import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Failure, utf8 } from '../base/index.ts';
import { OWNER_ONLY, replaceFile } from './files.ts';

/**
 * A file that only this node can read and that nobody can change unseen: AES-256-GCM (NIST SP 800-38D) with a key
 * derived (HKDF, RFC 5869) from a secret of the node. It is replaced whole, by rename, so a crash leaves the old or
 * the new contents and never a part.
 *
 *     0        8             20                      n-16      n
 *     | magic  | nonce (12)  | ciphertext            | tag (16)|
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

const MAGIC = utf8('manisSF1');
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const HEAD_BYTES = MAGIC.length + NONCE_BYTES;

/**
 * @param path where it is kept; its folder must exist.
 * @param secret at least 32 bytes that belong to this node alone.
 * @param purpose what the file is for; a file sealed for one purpose does not open for another.
 */
export function sealedFile(path: string, secret: Uint8Array, purpose: string): SealedFile {
  if (secret.length < KEY_BYTES) throw new RangeError('the secret of a sealed file has at least 32 bytes');
  const key = new Uint8Array(hkdfSync('sha256', secret, MAGIC, utf8(`manis sealed file ${purpose}`), KEY_BYTES));
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
  const contents = unseal(bytes, key);
  if (contents) return contents;
  throw new SealedFileFailure('sealed-file-damaged', `${path} is damaged or was sealed by another node`);
}

function unseal(bytes: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  if (bytes.length < HEAD_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(MAGIC.length, HEAD_BYTES));
  decipher.setAAD(bytes.subarray(0, MAGIC.length));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    const plain = decipher.update(bytes.subarray(HEAD_BYTES, bytes.length - TAG_BYTES));
    decipher.final();
    return Buffer.compare(bytes.subarray(0, MAGIC.length), MAGIC) === 0 ? plain : undefined;
  } catch {
    return undefined;
  }
}

async function writeSealed(path: string, key: Uint8Array, contents: Uint8Array): Promise<void> {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(MAGIC);
  const sealed = Buffer.concat([MAGIC, nonce, cipher.update(contents), cipher.final(), cipher.getAuthTag()]);
  try {
    await replaceFile(path, sealed, OWNER_ONLY);
  } catch (error) {
    throw new SealedFileFailure('sealed-file-unwritable', (error as Error).message, error);
  }
}
