/**
 * Entity tags (RFC 9110 section 8.8.3): every answer to a GET has one, of its bytes. `If-None-Match` spares the answer
 * that is known; `If-Match` on a change refuses it where somebody else has changed the thing since it was read.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { toBase64Url, utf8 } from '../../base/index.ts';
import { isAmong } from '../../core/http-rules/index.ts';
import type { Control } from '../control.ts';
import { ControlFailure, changedMeanwhile } from '../problems.ts';

const CHANGES: ReadonlySet<string> = new Set(['PUT', 'PATCH', 'DELETE', 'POST']);
const TAG_CHARS = 27;
/** What a request is made with; the rest is about its body. */
const OF_WHO_ASKS = ['authorization', 'cookie', 'manis-organisation', 'x-manis-link', 'x-manis-client-address'];

export function addEntityTags(app: FastifyInstance, control: Control): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return payload;
    if (reply.statusCode !== 200 || typeof payload !== 'string') return payload;
    const tag = tagOf(control, payload);
    reply.header('etag', tag);
    const known = request.headers['if-none-match'];
    if (known === undefined || !isAmong(tag, known, 'weak')) return payload;
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return null;
  });
  app.addHook('preHandler', async (request) => {
    const { 'if-match': wanted, 'if-none-match': unwanted } = request.headers;
    if (!CHANGES.has(request.method) || (wanted === undefined && unwanted === undefined)) return;
    await judge(app, control, request, wanted, unwanted);
  });
}

function tagOf({ crypto }: Control, payload: string): string {
  return `"${toBase64Url(crypto.sha256(utf8(payload))).slice(0, TAG_CHARS)}"`;
}

/**
 * Compares with what a GET of the same address answers now. The revision of before goes along with the change, which
 * refuses where anything was published in between: so nothing comes between the look and the change. Failures
 * `precondition-failed`, `precondition-invalid`.
 */
async function judge(
  app: FastifyInstance,
  control: Control,
  request: FastifyRequest,
  wanted: string | undefined,
  unwanted: string | undefined,
): Promise<void> {
  const { revision } = await control.store.database.selectFrom('counters').select('revision').executeTakeFirstOrThrow();
  const told = OF_WHO_ASKS.flatMap((field) => {
    const value = request.headers[field];
    return typeof value === 'string' ? [[field, value] as const] : [];
  });
  const read = await app.inject({ method: 'GET', url: request.url, headers: Object.fromEntries(told) });
  const tag = read.statusCode === 200 ? String(read.headers['etag'] ?? '') : undefined;
  if (read.statusCode !== 200 && read.statusCode !== 404)
    throw new ControlFailure(
      'precondition-invalid',
      'there is nothing at this address that a condition could be about',
    );
  const holds =
    (wanted === undefined || (tag !== undefined && isAmong(tag, wanted, 'strong'))) &&
    (unwanted === undefined || tag === undefined || !isAmong(tag, unwanted, 'weak'));
  if (!holds) throw changedMeanwhile(tag);
  if (request.principal) request.principal = { ...request.principal, atRevision: Number(revision) };
}
