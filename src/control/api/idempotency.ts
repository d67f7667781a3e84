/**
 * Requests that name themselves (draft-ietf-httpapi-idempotency-key-header-07): a POST with `Idempotency-Key` is done
 * once; the same one again is answered as the first was. Kept for a day, by who asked.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  beginIdempotent,
  countIdempotencyKeys,
  deleteOldIdempotencyKeys,
  finishIdempotent,
  forgetIdempotent,
  type IdempotencyKeysTable,
  keptAnswerChars,
  type Queries,
} from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { ControlFailure } from '../problems.ts';
import {
  IDEMPOTENCY_ANSWER_MAX_BYTES,
  IDEMPOTENCY_ANSWER_SHORT_BYTES,
  IDEMPOTENCY_ANSWERS_MAX_BYTES,
  IDEMPOTENCY_KEY_CHARS_MAX,
  IDEMPOTENCY_KEYS_MAX,
  IDEMPOTENCY_LIFE_MS,
  IDEMPOTENCY_RUNNING_MS,
} from './constants.ts';

export const IDEMPOTENCY_HEADER = 'idempotency-key';
/** Says that an answer is that of an earlier request. */
const REPLAYED_HEADER = 'idempotency-replayed';

type Named = Pick<IdempotencyKeysTable, 'principal' | 'key'>;

declare module 'fastify' {
  interface FastifyRequest {
    /** The name under which what comes of the request is kept. */
    named: Named | null;
  }
}

export function addIdempotency(app: FastifyInstance, control: Control): void {
  app.decorateRequest('named', null);
  app.addHook('preHandler', async (request, reply) => {
    const header = request.headers[IDEMPOTENCY_HEADER];
    if (header === undefined || request.method !== 'POST' || !request.principal) return undefined;
    const { name, organisationId } = request.principal;
    const named = { principal: `${name} ${organisationId ?? ''}`, key: readKey(header) };
    const known = await begin(control, named, fingerprintOf(control, request));
    if (known) return answerAgain(control, reply, known);
    request.named = named;
    return undefined;
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const { named } = request;
    if (!named) return;
    request.named = null;
    await end(control, named, reply.statusCode, payload);
  });
}

/** A structured string (RFC 9651 section 3.3.3), or what people write in its place: the bare text. */
function readKey(header: string | readonly string[]): string {
  const text = typeof header === 'string' ? header.trim() : '';
  const bare = /^"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"$/.test(text)
    ? text.slice(1, -1).replace(/\\(.)/g, '$1')
    : text;
  const isKey = /^[\x21\x23-\x7e]+$/.test(bare) && bare.length <= IDEMPOTENCY_KEY_CHARS_MAX;
  if (isKey) return bare;
  const expected = `1 to ${IDEMPOTENCY_KEY_CHARS_MAX} visible characters, such as a UUID`;
  throw new ControlFailure('idempotency-key-invalid', `Idempotency-Key: expected ${expected}`);
}

/** Keyed: bodies hold passwords and PINs, which a plain hash would have guessed by whoever reads the store. */
function fingerprintOf({ keys }: Control, request: FastifyRequest): string {
  const asked = `${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`;
  return keys.sealing.mac(asked, 'idempotency');
}

/** Undefined where it is to be done now. Failures `idempotency-in-progress`, `idempotency-key-reused`, `idempotency-keys-too-many`. */
async function begin(control: Control, named: Named, fingerprint: string): Promise<IdempotencyKeysTable | undefined> {
  const { database } = control.store;
  const nowUnixMs = Math.round(control.clock.unixMs());
  const row = { ...named, fingerprint, state: 'running' as const, status: 0, answer: '', created_unix_ms: nowUnixMs };
  await deleteOldIdempotencyKeys(database, nowUnixMs - IDEMPOTENCY_LIFE_MS);
  if ((await countIdempotencyKeys(database, named.principal)) >= IDEMPOTENCY_KEYS_MAX)
    throw new ControlFailure('idempotency-keys-too-many', `more than ${IDEMPOTENCY_KEYS_MAX} names within a day`, {
      retryAfterMs: IDEMPOTENCY_LIFE_MS / 24,
    });
  const known = await beginIdempotent(database, row);
  if (!known) return undefined;
  if (known.fingerprint !== fingerprint)
    throw new ControlFailure('idempotency-key-reused', 'this Idempotency-Key was used for another request');
  if (known.state === 'done') return known;
  if (nowUnixMs - known.created_unix_ms < IDEMPOTENCY_RUNNING_MS)
    throw new ControlFailure(
      'idempotency-in-progress',
      'the first request with this Idempotency-Key is still under way',
      {
        retryAfterMs: 1_000,
      },
    );
  await forgetIdempotent(database, named);
  return begin(control, named, fingerprint);
}

function answerAgain({ keys }: Control, reply: FastifyReply, known: IdempotencyKeysTable): FastifyReply {
  const body = keys.sealing.unseal(known.answer, boundTo(known));
  if (body === undefined)
    throw new ControlFailure('idempotency-answer-lost', 'it was done, and its answer is not kept any more');
  reply.code(known.status).header(REPLAYED_HEADER, 'true');
  if (body === '') return reply.send();
  // As bytes, which go out as they are: it was made to fit the schema the first time.
  const type = known.status >= 400 ? 'problem+json' : 'json';
  return reply.type(`application/${type}; charset=utf-8`).send(Buffer.from(body));
}

/** What may come out otherwise the next time is not kept: failures of ours, limits, and what was not allowed. */
async function end({ store, keys }: Control, named: Named, status: number, payload: unknown): Promise<void> {
  const isFinal = status < 500 && ![401, 403, 408, 429].includes(status);
  if (!isFinal) return forgetIdempotent(store.database, named);
  const body = typeof payload === 'string' ? payload : '';
  const answer = (await isKept(store.database, named, Buffer.byteLength(body)))
    ? keys.sealing.seal(body, boundTo(named))
    : '';
  await finishIdempotent(store.database, named, { status, answer });
}

/** Long answers have room together, so that nobody fills the disk with what a day will delete. */
async function isKept(queries: Queries, { principal }: Named, bytes: number): Promise<boolean> {
  if (bytes <= IDEMPOTENCY_ANSWER_SHORT_BYTES) return true;
  if (bytes > IDEMPOTENCY_ANSWER_MAX_BYTES) return false;
  return bytes + (await keptAnswerChars(queries, principal)) <= IDEMPOTENCY_ANSWERS_MAX_BYTES;
}

function boundTo({ principal, key }: Named): string {
  return `idempotency ${principal} ${key}`;
}
