import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** A file of a built browser application, in memory. */
export interface StaticFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** Compressed copies that were built beside it, by content coding (RFC 9110 section 8.4.1). */
  readonly encoded: ReadonlyMap<'br' | 'gzip', Buffer>;
  /** Strong entity tag. */
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};

/**
 * Every file of a folder whose kind is known, by its path within, `/` between parts. Reads each once: what is asked for
 * later never names a file of the machine. An empty map where there is no such folder.
 */
export async function readStaticFiles(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(ignoreMissing);
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = new Map<string, StaticFile>();
  for (const path of paths) {
    const contentType = TYPES[extname(path)];
    if (contentType === undefined) continue;
    const bytes = await readFile(path);
    const encoded = new Map<'br' | 'gzip', Buffer>();
    if (paths.includes(`${path}.br`)) encoded.set('br', await readFile(`${path}.br`));
    if (paths.includes(`${path}.gz`)) encoded.set('gzip', await readFile(`${path}.gz`));
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    files.set(path.slice(folder.length + 1).replaceAll('\\', '/'), { bytes, contentType, encoded, etag });
  }
  return files;
}

function ignoreMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
