/** Which requests are shown: it stands in the address of the page, so that it can be sent to somebody. */
import type { LoggedRequest } from '../../frame/live-state.ts';

export const FILTER_FIELDS = [
  'resourceId',
  'outcome',
  'status',
  'reason',
  'user',
  'path',
  'address',
  'country',
  'host',
  'popId',
  'method',
  'since',
] as const;
export type FilterField = (typeof FILTER_FIELDS)[number];

/** What is left out is not looked at. */
export type Filter = { readonly [Field in FilterField]?: string };

export const OUTCOMES = ['allowed', 'denied', 'challenged', 'failed'] as const;
type Outcome = (typeof OUTCOMES)[number];

const SPANS_MS: Readonly<Record<string, number>> = {
  '15m': 15 * 60_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 7 * 86_400_000,
};

/** Reads what an address says; what it does not know it leaves out. */
export function readFilter(search: Readonly<Record<string, unknown>>): Filter {
  return Object.fromEntries(
    FILTER_FIELDS.flatMap((field) => {
      const value = search[field];
      const text = typeof value === 'number' ? String(value) : value;
      return typeof text === 'string' && text !== '' ? [[field, text.slice(0, 256)]] : [];
    }),
  );
}

/** As the API is asked. */
export function apiQuery({ since, outcome, country, ...rest }: Filter, nowUnixMs: number) {
  const spanMs = SPANS_MS[since ?? ''];
  return {
    ...rest,
    ...(outcome !== undefined && isOutcome(outcome) && { outcome }),
    ...(country !== undefined && country.length === 2 && { country }),
    ...(spanMs !== undefined && { sinceUnixMs: nowUnixMs - spanMs }),
  };
}

function isOutcome(text: string): text is Outcome {
  return OUTCOMES.some((outcome) => outcome === text);
}

/** What the stream itself can leave out. */
const STREAMED = ['resourceId', 'popId', 'host', 'method', 'outcome', 'reason', 'country'] as const;

export function streamQuery(filter: Filter): URLSearchParams {
  const query = new URLSearchParams();
  for (const field of STREAMED) {
    const value = filter[field];
    if (value !== undefined) query.set(field, field === 'country' ? value.toUpperCase() : value);
  }
  return query;
}

/** The rest of the filter, for requests that come live. */
export function fits(request: LoggedRequest, { status, user, path, address }: Filter): boolean {
  const code = String(request.status);
  const isOfClass = status?.endsWith('xx') && code.length === 3 && code.startsWith(status.slice(0, 1));
  if (status !== undefined && code !== status && !isOfClass) return false;
  const { subject } = request;
  if (user !== undefined && subject?.id !== user && !holds(subject?.name ?? '', user)) return false;
  if (path !== undefined && !holds(request.path, path)) return false;
  // A block is looked for by the server alone.
  return address === undefined || address.includes('/') || request.address === address;
}

function holds(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
