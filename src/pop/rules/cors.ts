import type { CompiledHttp } from '../../core/http-rules/index.ts';
import { fieldsWithout, fieldValue } from '../../core/routing/index.ts';
import type { AtResource } from '../door.ts';

/** Fields of Manis's own answers that scripts of admitted origins may read. */
const EXPOSED = 'X-Manis-Request-Id, Retry-After, WWW-Authenticate';
const DEFAULT_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';

type At = Pick<AtResource, 'context'>;

/** The origin of a script whose page may read answers of the resource; undefined for anybody else. */
function admittedOrigin({ context }: At, { origins }: CompiledHttp): string | undefined {
  const origin = origins.size > 0 ? fieldValue(context.request.rawHeaders, 'origin') : undefined;
  return origin !== undefined && origins.has(origin.toLowerCase()) ? origin : undefined;
}

/** Fields that let the page of another origin read what Manis answers (Fetch, "CORS protocol"). */
export function corsFields(at: At, http: CompiledHttp): Record<string, string> {
  if (http.origins.size === 0) return {};
  const origin = admittedOrigin(at, http);
  // Whoever keeps the answer must not show it to another origin.
  return { ...(origin !== undefined && allowing(origin, http)), Vary: 'Origin' };
}

function allowing(origin: string, { settings }: CompiledHttp): Record<string, string> {
  return {
    'Access-Control-Allow-Origin': origin,
    ...(settings.cors?.credentials && { 'Access-Control-Allow-Credentials': 'true' }),
    'Access-Control-Expose-Headers': EXPOSED,
  };
}

/**
 * What is to be done with a preflight (Fetch, "CORS-preflight fetch"), which browsers send without cookies. Undefined:
 * it is no preflight of an admitted origin, or it is judged as any request is.
 */
export function preflightOf(at: At, http: CompiledHttp | undefined): 'pass' | 'answer' | undefined {
  const how = http?.settings.cors?.preflight;
  if (!http || at.context.method !== 'OPTIONS' || (how !== 'pass' && how !== 'answer')) return undefined;
  const { rawHeaders } = at.context.request;
  const hasBody =
    fieldValue(rawHeaders, 'transfer-encoding') !== undefined ||
    (fieldValue(rawHeaders, 'content-length') ?? '0') !== '0';
  if (hasBody || fieldValue(rawHeaders, 'access-control-request-method') === undefined) return undefined;
  return admittedOrigin(at, http) === undefined ? undefined : how;
}

/** The answer to a preflight. */
export function preflightFields(at: At, http: CompiledHttp): Record<string, string> {
  const { methods, headers, maxAgeMs } = http.settings.cors ?? {};
  const asked = fieldValue(at.context.request.rawHeaders, 'access-control-request-headers');
  const allowed =
    headers?.join(', ') ?? (asked !== undefined && /^[\x21-\x7e ]{1,1024}$/.test(asked) ? asked : undefined);
  return {
    ...corsFields(at, http),
    'Access-Control-Allow-Methods': methods?.join(', ') ?? DEFAULT_METHODS,
    ...(allowed !== undefined && { 'Access-Control-Allow-Headers': allowed }),
    ...(maxAgeMs !== undefined && { 'Access-Control-Max-Age': String(Math.floor(maxAgeMs / 1_000)) }),
  };
}

/** The fields of a backend's answer where Manis speaks for it: what it says of other origins does not count. */
export function withCors(at: At, http: CompiledHttp, fields: readonly string[]): string[] {
  if (http.settings.cors?.preflight !== 'answer') return [...fields];
  const kept = fieldsWithout(fields, (name) => /^access-control-(?!expose-headers$)/.test(name));
  for (const [name, value] of Object.entries(corsFields(at, http)))
    if (name !== 'Access-Control-Expose-Headers') kept.push(name, value);
  return kept;
}
