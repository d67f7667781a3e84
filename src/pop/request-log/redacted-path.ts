import type { NormalisedTarget } from '../../core/policy/index.ts';
import { MAXIMUM_LOGGED_PATH_LENGTH } from '../constants.ts';

/** What follows is the secret of a share link. */
const SECRET_PATH = '/.manis/share/';

/** Stands where a value was. */
const LEFT_OUT = '…';

/** Path and query as others may read them: of the query the names alone, since its values are often secrets. */
export function redactedPath({ path, query }: Pick<NormalisedTarget, 'path' | 'query'>): string {
  const shown = path.startsWith(SECRET_PATH) ? `${SECRET_PATH}${LEFT_OUT}` : path;
  const text = shown + redactedQuery(query);
  return text.length > MAXIMUM_LOGGED_PATH_LENGTH
    ? `${text.slice(0, MAXIMUM_LOGGED_PATH_LENGTH - 1)}${LEFT_OUT}`
    : text;
}

/** `?a=…&b=…`; what has no name is a value itself. */
export function redactedQuery(query: string): string {
  if (query.length < 2) return query;
  const parts = query.slice(1, 1 + MAXIMUM_LOGGED_PATH_LENGTH).split('&');
  return `?${parts.map(redactedPart).join('&')}`;
}

function redactedPart(part: string): string {
  const equals = part.indexOf('=');
  return equals < 0 ? (part === '' ? '' : LEFT_OUT) : `${part.slice(0, equals)}=${LEFT_OUT}`;
}
