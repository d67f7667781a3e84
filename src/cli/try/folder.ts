/** A folder over HTTP: files as they are, `index.html` for folders, nothing that begins with a dot. */
import { createReadStream, type Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/vnd.microsoft.icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.pdf': 'application/pdf',
  '.mp4': 'video/mp4',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
};

export async function answerFromFolder(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const path = request.url?.split('?', 1)[0] ?? '/';
  const found = await fileAt(root, path);
  if (!found) {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is no such file.\n');
    return;
  }
  // Relative links of a page need the slash.
  if (found.isIndex && !path.endsWith('/')) {
    response.writeHead(308, { location: `${path.replace(/^\/+/, '/')}/` }).end();
    return;
  }
  response.writeHead(200, {
    'content-type': TYPES[extname(found.file).toLowerCase()] ?? 'application/octet-stream',
    'content-length': found.stats.size,
    'last-modified': found.stats.mtime.toUTCString(),
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(createReadStream(found.file), response);
}

interface Found {
  readonly file: string;
  readonly stats: Stats;
  readonly isIndex: boolean;
}

/** What is outside of the folder, also by a link, is not there; nor is what people hide: `.git`, `.env`. */
async function fileAt(root: string, path: string): Promise<Found | undefined> {
  const parts = decoded(path)?.split('/').filter(Boolean);
  if (!parts || parts.some((part) => part.startsWith('.') || part.includes('\\') || part.includes('\0')))
    return undefined;
  try {
    const inside = await realpath(root);
    const real = await realpath(join(inside, ...parts));
    if (real !== inside && !real.startsWith(inside.endsWith(sep) ? inside : `${inside}${sep}`)) return undefined;
    const stats = await stat(real);
    if (stats.isFile()) return { file: real, stats, isIndex: false };
    if (!stats.isDirectory()) return undefined;
    const file = await realpath(join(real, 'index.html'));
    const ofIndex = await stat(file);
    return file.startsWith(inside) && ofIndex.isFile() ? { file, stats: ofIndex, isIndex: true } : undefined;
  } catch {
    return undefined;
  }
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
