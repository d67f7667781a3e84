import { fieldValue, verdictOn } from '../routing/index.ts';
import { LONGEST_KEPT_MS } from './constants.ts';

/** What may be kept of an answer, and for how long (RFC 9111). Fields are flat lists. */
export interface Keeping {
  /** How long it is fresh, from when it was made. */
  readonly freshMs: number;
  /** How old it was when it came. */
  readonly ageMs: number;
  /** Names of request fields, in lower case, that it was chosen by. */
  readonly vary: readonly string[];
}

const KEPT_STATUSES: ReadonlySet<number> = new Set([200, 203, 301, 308, 404, 410]);

/**
 * Whether a shared cache may keep an answer to a GET, stricter than section 3 asks: only what says `public` and how long it
 * is fresh, sets no cookie, and was chosen by nothing that Manis writes or that belongs to one person. Undefined: it may not.
 */
export function keepingOf(status: number, response: readonly string[], nowUnixMs: number): Keeping | undefined {
  if (!KEPT_STATUSES.has(status)) return undefined;
  const directives = directivesOf(fieldValue(response, 'cache-control'));
  if (!directives.has('public') || ['no-store', 'private', 'no-cache'].some((name) => directives.has(name)))
    return undefined;
  if (fieldValue(response, 'set-cookie') !== undefined || fieldValue(response, 'content-range') !== undefined)
    return undefined;
  const vary = (fieldValue(response, 'vary') ?? '')
    .toLowerCase()
    .split(/\s*,\s*/)
    .filter((name) => name !== '');
  if (vary.some((name) => name === '*' || name === 'authorization' || verdictOn(name) !== 'keep')) return undefined;
  const freshMs = Math.min(lifetimeOf(directives, response, nowUnixMs), LONGEST_KEPT_MS);
  const ageMs = ageOf(response, nowUnixMs);
  return freshMs > ageMs ? { freshMs, ageMs, vary } : undefined;
}

/** Section 4.2.1. */
function lifetimeOf(directives: ReadonlyMap<string, string>, response: readonly string[], nowUnixMs: number): number {
  const seconds = directives.get('s-maxage') ?? directives.get('max-age');
  if (seconds !== undefined) return /^\d{1,10}$/.test(seconds) ? Number(seconds) * 1_000 : 0;
  const expires = Date.parse(fieldValue(response, 'expires') ?? '');
  const made = Date.parse(fieldValue(response, 'date') ?? '');
  return Number.isNaN(expires) ? 0 : expires - (Number.isNaN(made) ? nowUnixMs : made);
}

/** Section 4.2.3, without the time of the way back, which is short. */
function ageOf(response: readonly string[], nowUnixMs: number): number {
  const said = fieldValue(response, 'age') ?? '';
  const made = Date.parse(fieldValue(response, 'date') ?? '');
  const apparentMs = Number.isNaN(made) ? 0 : Math.max(0, nowUnixMs - made);
  return Math.max(apparentMs, /^\d{1,10}$/.test(said) ? Number(said) * 1_000 : 0);
}

/** Whether a request may be answered with what was kept, and its answer be kept: a plain GET that does not ask for news. */
export function mayUseKept(method: string, request: readonly string[]): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (
    ['range', 'content-length', 'transfer-encoding', 'if-range', 'if-match', 'if-unmodified-since'].some(
      (name) => fieldValue(request, name) !== undefined,
    )
  )
    return false;
  const directives = directivesOf(fieldValue(request, 'cache-control') ?? fieldValue(request, 'pragma'));
  return !directives.has('no-cache') && !directives.has('no-store') && directives.get('max-age') !== '0';
}

/** Whether the client has what was kept already (RFC 9110 section 13.2.2): the answer is then 304. */
export function hasAlready(request: readonly string[], response: readonly string[]): boolean {
  const wanted = fieldValue(request, 'if-none-match');
  const tag = fieldValue(response, 'etag');
  if (wanted !== undefined) {
    const tags = wanted.match(/(?:W\/)?"[^"]*"|\*/g) ?? [];
    return tags.some((one) => one === '*' || (tag !== undefined && opaque(one) === opaque(tag)));
  }
  const since = Date.parse(fieldValue(request, 'if-modified-since') ?? '');
  const modified = Date.parse(fieldValue(response, 'last-modified') ?? '');
  return !Number.isNaN(since) && !Number.isNaN(modified) && modified <= since;
}

/** Weak comparison (RFC 9110 section 8.8.3.2). */
function opaque(tag: string): string {
  return tag.replace(/^W\//, '');
}

/** Directives by their name in lower case; of two of one name the first counts. */
function directivesOf(field: string | undefined): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  for (const text of (field ?? '').match(/(?:[^,"]|"[^"]*")+/g) ?? []) {
    const [name = '', value = ''] = text.trim().split(/\s*=\s*(.*)/s);
    const key = name.toLowerCase();
    if (key !== '' && !directives.has(key)) directives.set(key, value.replace(/^"(.*)"$/s, '$1'));
  }
  return directives;
}
