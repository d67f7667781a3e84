/** The package of this program as one file, made from the program itself, so that it is of the same version. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { Failure } from '../../base/index.ts';
import { EVERYBODY_READS, ensureFolder, replaceFile } from '../files.ts';
import { COMPILE_TIMEOUT_MS } from './constants.ts';
import { describePackage, packageFiles } from './package-files.ts';
import { ustarOf } from './ustar.ts';

export interface MadePackage {
  readonly path: string;
  readonly sizeBytes: number;
  /** Of the whole file. */
  readonly sha512: Uint8Array;
}

/**
 * Makes `<folder>/<fileName>`, and removes what else is in the folder: packages of earlier versions.
 * Failures `package-incomplete`, and those of files.
 */
export async function makePackage(root: string, folder: string, fileName: string): Promise<MadePackage> {
  // A package brings its programs compiled.
  if (existsSync(join(root, 'src'))) await compile(root);
  await ensureFolder(folder, 0o700);
  const description = await describePackage(root);
  const counted = new Counted(() => zipped(ustarOf(packageFiles(root, description))));
  const path = join(folder, fileName);
  await replaceFile(path, counted, EVERYBODY_READS);
  const others = (await readdir(folder)).filter((name) => name !== fileName);
  await Promise.all(others.map((name) => rm(join(folder, name), { force: true })));
  return { path, sizeBytes: counted.sizeBytes, sha512: counted.sha512() };
}

/** As `npm pack` does first. */
function compile(root: string): Promise<void> {
  const args = [join(root, 'scripts', 'pack.mjs')];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: root, timeout: COMPILE_TIMEOUT_MS }, (error, _stdout, stderr) => {
      if (!error) return resolve();
      const why = stderr.trimEnd().split('\n').at(-1) || error.message;
      reject(new Failure('package-incomplete', `the programs of ${root} could not be compiled: ${why}`, error));
    });
  });
}

/** To be read at once: a fault that comes while nobody reads would end the process. */
function zipped(bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const archive = Readable.from(bytes, { objectMode: false });
  const packed = createGzip({ level: 9 });
  archive.on('error', (error) => packed.destroy(error));
  return archive.pipe(packed);
}

/** Bytes that are measured on their way, which begins when they are asked for. */
class Counted implements AsyncIterable<Uint8Array> {
  readonly #source: () => AsyncIterable<Uint8Array>;
  readonly #hash = createHash('sha512');
  sizeBytes = 0;

  constructor(source: () => AsyncIterable<Uint8Array>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source()) {
      this.#hash.update(chunk);
      this.sizeBytes += chunk.length;
      yield chunk;
    }
  }

  /** When all of it has passed. */
  sha512(): Uint8Array {
    return this.#hash.digest();
  }
}
