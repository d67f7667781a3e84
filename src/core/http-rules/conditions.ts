import { fieldsWithout, fieldValue } from '../routing/index.ts';
import { areAlike, isAmong, isEntityTag } from './entity-tags.ts';

/** What a target is asked by whether an answer is still as it was (RFC 9110 section 8.8): one of them at least. */
export interface Validators {
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** Statuses to whose answers conditions are judged at all (RFC 9110 section 13.2.1). */
const CONDITIONAL_STATUSES: ReadonlySet<number> = new Set([200, 203]);

export function validatorsOf(status: number, response: readonly string[]): Validators | undefined {
  if (!CONDITIONAL_STATUSES.has(status)) return undefined;
  const tag = fieldValue(response, 'etag');
  const modified = fieldValue(response, 'last-modified');
  const etag = tag !== undefined && isEntityTag(tag) ? tag : undefined;
  const lastModified = modified !== undefined && !Number.isNaN(Date.parse(modified)) ? modified : undefined;
  return etag === undefined && lastModified === undefined ? undefined : { etag, lastModified };
}

/**
 * Whether the client has what was kept already: the answer is then 304. Of its conditions the entity tag goes before the
 * time (RFC 9110 section 13.2.2); where it is not known when something was changed, it was when it was made (RFC 9111 section 4.3.2).
 */
export function hasAlready(status: number, request: readonly string[], response: readonly string[]): boolean {
  if (!CONDITIONAL_STATUSES.has(status)) return false;
  const wanted = fieldValue(request, 'if-none-match');
  const tag = fieldValue(response, 'etag');
  if (wanted !== undefined) {
    return isAmong(tag ?? '', wanted, 'weak');
  }
  const since = Date.parse(fieldValue(request, 'if-modified-since') ?? '');
  const modified = Date.parse(fieldValue(response, 'last-modified') ?? fieldValue(response, 'date') ?? '');
  return !Number.isNaN(since) && !Number.isNaN(modified) && modified <= since;
}

/** The fields of a request that asks whether what was kept is still so, in place of what the client asks of its own (RFC 9111 section 4.3.1). */
export function askingFields(request: readonly string[], { etag, lastModified }: Validators): string[] {
  const fields = fieldsWithout(request, (name) => name === 'if-none-match' || name === 'if-modified-since');
  if (etag !== undefined) fields.push('If-None-Match', etag);
  if (lastModified !== undefined) fields.push('If-Modified-Since', lastModified);
  return fields;
}

/** Whether a 304 may speak of the answer with these validators: of another one it must change nothing (RFC 9111 section 4.3.4). */
export function speaksOf({ etag }: Validators, notModified: readonly string[]): boolean {
  const tag = fieldValue(notModified, 'etag');
  return tag === undefined || (etag !== undefined && areAlike(tag, etag, 'weak'));
}

const OF_A_BODY = /^(?:content-(?:length|encoding|type|language|range)|transfer-encoding)$/;

/**
 * Whether a field (in lower case) speaks of a body. A 304 has none: such a field of a target's tells nothing of the answer that
 * it stands for (RFC 9111 section 3.2), and one that is made of an answer goes without (RFC 9110 section 15.4.5).
 */
export function isOfABody(lower: string): boolean {
  return OF_A_BODY.test(lower);
}

/** The fields of an answer after a 304 said what is new of them (RFC 9111 sections 3.2 and 4.3.4). */
export function freshenedFields(kept: readonly string[], notModified: readonly string[]): string[] {
  const newer = fieldsWithout(notModified, isOfABody);
  const names = new Set(newer.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()));
  // How old it was when it was kept is not how old it is now, whether or not the 304 says so.
  names.add('age');
  return [...fieldsWithout(kept, (name) => names.has(name)), ...newer];
}
