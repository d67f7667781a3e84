import { fieldValue, verdictOn } from '../routing/index.ts';
import { type Directives, directivesOf, millisecondsOf } from './cache-control.ts';
import { type Validators, validatorsOf } from './conditions.ts';
import { LONGEST_KEPT_MS } from './constants.ts';

/** What may be kept of an answer, and for how long (RFC 9111). Fields are flat lists. */
export interface Keeping {
  /** How long it is fresh, from when it was made; 0: it is asked for each time whether it is still so. */
  readonly freshMs: number;
  /** How old it was when it came. */
  readonly ageMs: number;
  /** Names of request fields, in lower case, that it was chosen by. */
  readonly vary: readonly string[];
  /** What the target is asked by once it is stale; undefined: it is asked for anew. */
  readonly validators: Validators | undefined;
  /** For how long after that it will do while somebody asks for news of it, and where the target fails (RFC 5861). */
  readonly staleWhileAskedMs: number;
  readonly staleOnErrorMs: number;
}

const KEPT_STATUSES: ReadonlySet<number> = new Set([200, 203, 301, 308, 404, 410]);

/** Directives by which nothing stale is ever given (RFC 9111 section 4.2.4). */
const NEVER_STALE = ['must-revalidate', 'proxy-revalidate', 's-maxage', 'no-cache'];

/**
 * Whether a shared cache may keep an answer to a GET, stricter than section 3 asks: only what says `public` and how long it
 * is fresh or what to ask by, sets no cookie, and was chosen by nothing that Manis writes or that belongs to one person.
 * Undefined: it may not.
 */
export function keepingOf(status: number, response: readonly string[], nowUnixMs: number): Keeping | undefined {
  if (!KEPT_STATUSES.has(status)) return undefined;
  const directives = directivesOf(fieldValue(response, 'cache-control'));
  if (!directives.has('public') || directives.has('no-store') || directives.has('private')) return undefined;
  if (fieldValue(response, 'set-cookie') !== undefined || fieldValue(response, 'content-range') !== undefined)
    return undefined;
  const vary = (fieldValue(response, 'vary') ?? '')
    .toLowerCase()
    .split(/\s*,\s*/)
    .filter((name) => name !== '');
  if (vary.some((name) => name === '*' || name === 'authorization' || verdictOn(name) !== 'keep')) return undefined;
  const freshMs = Math.min(lifetimeOf(directives, response, nowUnixMs), LONGEST_KEPT_MS);
  const ageMs = ageOf(response, nowUnixMs);
  const validators = validatorsOf(status, response);
  if (freshMs <= ageMs && validators === undefined) return undefined;
  const isNeverStale = NEVER_STALE.some((name) => directives.has(name));
  const staleMs = (name: string): number =>
    isNeverStale ? 0 : Math.min(millisecondsOf(directives, name) ?? 0, LONGEST_KEPT_MS);
  const stale = { staleWhileAskedMs: staleMs('stale-while-revalidate'), staleOnErrorMs: staleMs('stale-if-error') };
  return { freshMs, ageMs, vary, validators, ...stale };
}

/** Section 4.2.1. */
function lifetimeOf(directives: Directives, response: readonly string[], nowUnixMs: number): number {
  if (directives.has('no-cache')) return 0;
  const name = directives.has('s-maxage') ? 's-maxage' : 'max-age';
  if (directives.has(name)) return millisecondsOf(directives, name) ?? 0;
  const expires = Date.parse(fieldValue(response, 'expires') ?? '');
  const made = Date.parse(fieldValue(response, 'date') ?? '');
  return Number.isNaN(expires) ? 0 : Math.max(0, expires - (Number.isNaN(made) ? nowUnixMs : made));
}

/** Section 4.2.3, without the time of the way back, which is short. */
function ageOf(response: readonly string[], nowUnixMs: number): number {
  const said = fieldValue(response, 'age') ?? '';
  const made = Date.parse(fieldValue(response, 'date') ?? '');
  const apparentMs = Number.isNaN(made) ? 0 : Math.max(0, nowUnixMs - made);
  return Math.max(apparentMs, /^\d{1,10}$/.test(said) ? Number(said) * 1_000 : 0);
}

/**
 * What a request allows. `pass`: neither to be answered with what was kept, nor its answer to be kept. `renew`: its answer
 * may be kept. `use`: it may be answered with what is younger than so many milliseconds, or is still so.
 */
export type KeptUse =
  | { readonly kind: 'pass' }
  | { readonly kind: 'renew' }
  | { readonly kind: 'use'; readonly youngerThanMs: number };

/** Only a plain GET or HEAD is answered with what was kept; `no-cache` asks for all of it anew (RFC 9111 section 5.2.1). */
export function keptUseOf(method: string, request: readonly string[]): KeptUse {
  if (method !== 'GET' && method !== 'HEAD') return { kind: 'pass' };
  if (
    ['range', 'content-length', 'transfer-encoding', 'if-range', 'if-match', 'if-unmodified-since'].some(
      (name) => fieldValue(request, name) !== undefined,
    )
  )
    return { kind: 'pass' };
  const directives = directivesOf(fieldValue(request, 'cache-control') ?? fieldValue(request, 'pragma'));
  if (directives.has('no-store')) return { kind: 'pass' };
  if (directives.has('no-cache')) return { kind: 'renew' };
  return { kind: 'use', youngerThanMs: millisecondsOf(directives, 'max-age') ?? Number.POSITIVE_INFINITY };
}
