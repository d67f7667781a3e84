/** The console: the browser application for administrators, as it was built, under `/console/`. It uses the API alone. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Random, toBase64Url } from '../base/index.ts';
import { isAmong } from '../core/http-rules/index.ts';
import { readStaticFiles, type StaticFile } from '../io/static-files.ts';
import { ControlFailure } from './problems.ts';

export const CONSOLE_PREFIX = '/console';
/** Stands in the built page where each answer has a nonce of its own. */
const NONCE_MARK = 'MANIS_NONCE';
/** Files whose name holds a hash of their contents. */
const HASHED = /^assets\//;

/** The built console; none where the node was installed without one. */
export async function consoleFiles(folder: string | undefined): Promise<ReadonlyMap<string, StaticFile>> {
  return folder === undefined ? new Map() : readStaticFiles(folder);
}

/** @param files of the built console by their path; without an `index.html` there is no console. */
export function consoleRoutes(app: FastifyInstance, files: ReadonlyMap<string, StaticFile>, random: Random): void {
  const page = files.get('index.html')?.bytes.toString('utf8');
  app.get(CONSOLE_PREFIX, async (_request, reply) => reply.redirect(`${CONSOLE_PREFIX}/`, 308));
  app.get(`${CONSOLE_PREFIX}/*`, async (request, reply) => {
    const path = (request.params as { '*': string })['*'];
    const file = path === 'index.html' ? undefined : files.get(path);
    if (file) return sendFile(file, path, request, reply);
    if (HASHED.test(path)) throw new ControlFailure('not-found', 'the console has no such file; load the page again');
    if (page === undefined) throw new ControlFailure('not-found', 'this control node was installed without a console');
    // Every other path is one of the application's own.
    const nonce = toBase64Url(random.bytes(16));
    return reply.type('text/html; charset=utf-8').headers(pageFields(nonce)).send(page.replaceAll(NONCE_MARK, nonce));
  });
}

function sendFile(file: StaticFile, path: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.header('cache-control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
  reply.header('etag', file.etag).header('vary', 'accept-encoding').type(file.contentType);
  if (isAmong(file.etag, request.headers['if-none-match'] ?? '', 'weak')) return reply.code(304).send();
  const accepted = String(request.headers['accept-encoding'] ?? '');
  for (const [coding, bytes] of file.encoded)
    if (new RegExp(`\\b${coding}\\b(?!;\\s*q=0(?:\\.0+)?\\b)`).test(accepted))
      return reply.header('content-encoding', coding).send(bytes);
  return reply.send(file.bytes);
}

/** Nothing from elsewhere, no script but the built ones, styles of the page's own and those that carry the nonce. */
function pageFields(nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'x-frame-options': 'DENY',
  };
}
