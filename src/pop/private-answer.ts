import { fieldsWithout, fieldValue } from '../core/routing/index.ts';

/** Fields by which only shared caches are told what to keep (RFC 9213, and what came before it). */
const FOR_SHARED_CACHES = /^(?:(?:[a-z0-9-]+-)?cdn-cache-control|surrogate-control|x-accel-expires|edge-control)$/;
/** Directives that let a shared cache keep an answer (RFC 9111 section 5.2.2); `private` is written anew. */
const SHARING = /^(?:public|private|s-maxage|proxy-revalidate|stale-while-revalidate|stale-if-error)\b/i;

/**
 * The fields of an answer that only its client's own cache may keep: an answer that sets a session's cookie, stored by a
 * cache on the way, would sign strangers in (RFC 9111 section 7.3). What the backend says about private caches stays.
 */
export function privateFields(fields: readonly string[]): string[] {
  const directives = (fieldValue(fields, 'cache-control') ?? '').match(/(?:[^,"]|"[^"]*")+/g) ?? [];
  const kept = directives.map((directive) => directive.trim()).filter((text) => text !== '' && !SHARING.test(text));
  const result = fieldsWithout(fields, (name) => name === 'cache-control' || FOR_SHARED_CACHES.test(name));
  result.push('Cache-Control', ['private', ...kept].join(', '));
  return result;
}
