import type { CRITERIA } from '../policy/index.ts';

type Config<Criterion> = Criterion extends { parse(...args: never): infer Value } ? NonNullable<Value> : never;

/** As policies write it: one of `exact`, `prefix`, `glob`, `regex`. */
export type RoutePath = Config<typeof CRITERIA.path>;
export type RouteHeader = Config<typeof CRITERIA.header>;

/**
 * What a resource does with HTTP beyond passing it on: one part per concern, each left out where nothing differs from
 * the default. Plain JSON; `parseHttpSettings` is the one reader, `compileHttp` makes it ready for requests.
 */
export interface HttpSettings {
  readonly routes?: readonly Route[];
  readonly headers?: HeaderSettings;
  readonly compression?: CompressionSettings;
  readonly limits?: LimitSettings;
  readonly maintenance?: MaintenanceSettings;
  readonly errorPages?: readonly CustomPage[];
  readonly cors?: CorsSettings;
  readonly cache?: CacheSettings;
}

/** A way through a resource: which requests it takes, and exactly one of `forward`, `redirect`, `answer`. */
export interface Route {
  /** For people, unique in the resource; named in logs. */
  readonly name: string;
  /** Left out: true. */
  readonly enabled?: boolean;
  /** Higher is asked first. Left out: 0. Of equal ones the most specific path is asked first. */
  readonly priority?: number;
  /** Left out: every request. All that is said must hold. */
  readonly when?: RouteMatch;
  readonly forward?: ForwardAction;
  readonly redirect?: RedirectAction;
  readonly answer?: AnswerAction;
}

export interface RouteMatch {
  readonly path?: RoutePath;
  readonly method?: readonly string[];
  readonly header?: RouteHeader;
}

export interface ForwardAction {
  /** Ids of targets of the resource. Left out: all of them. */
  readonly targets?: readonly string[];
  /** At most one of these three. */
  readonly stripPrefix?: string;
  readonly replacePrefix?: { readonly prefix: string; readonly with: string };
  readonly replaceRegex?: { readonly regex: string; readonly with: string };
  /** On top of those of the resource. */
  readonly headers?: HeaderRules;
}

export const REDIRECT_STATUSES = [301, 302, 303, 307, 308] as const;
export type RedirectStatus = (typeof REDIRECT_STATUSES)[number];

export interface RedirectAction {
  /** A path of this host, or an absolute URL whose host is spelled out. A template. */
  readonly to: string;
  /** Left out: 302. */
  readonly status?: RedirectStatus;
  /** Whether the query goes along where `to` has none. Left out: true. */
  readonly keepQuery?: boolean;
}

export interface AnswerAction {
  readonly status: number;
  /** Left out: `text/plain; charset=utf-8`. */
  readonly contentType?: string;
  readonly body?: string;
  readonly headers?: readonly HeaderRule[];
}

/** `set` replaces, `add` puts one more, `default` sets where there is none, `remove` takes all of that name away. */
export type HeaderRule =
  | { readonly set: string; readonly value: string }
  | { readonly add: string; readonly value: string }
  | { readonly default: string; readonly value: string }
  | { readonly remove: string };

export interface HeaderRules {
  /** On the way to the target. */
  readonly request?: readonly HeaderRule[];
  /** On the way to the client. */
  readonly response?: readonly HeaderRule[];
}

export const HEADER_PRESETS = ['basic', 'strict'] as const;
export type HeaderPreset = (typeof HEADER_PRESETS)[number];

export interface HeaderSettings extends HeaderRules {
  /** Security headers that answers get where the target sends none. */
  readonly preset?: HeaderPreset;
}

/** The cheapest first: of a page of 90 kB zstd makes 27 in less than half of brotli's time, brotli 26, gzip 30 in the most. */
export const ENCODINGS = ['zstd', 'br', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** That it is there turns compression on. */
export interface CompressionSettings {
  /** In the order of preference. Left out: all, in the order zstd, br, gzip. */
  readonly encodings?: readonly Encoding[];
  readonly minimumBytes?: number;
  /** `text/css`, `text/*`. Left out: what is known to shrink. */
  readonly types?: readonly string[];
  /** Whether pages and data for people who are signed in are compressed, too (BREACH). Left out: false. */
  readonly personal?: boolean;
}

export interface RateLimit {
  readonly requests: number;
  readonly perMs: number;
  /** Most at once. Left out: `requests`. */
  readonly burst?: number;
}

export interface LimitSettings {
  readonly bodyBytes?: number;
  readonly headerBytes?: number;
  readonly uriBytes?: number;
  readonly answerMs?: number;
  readonly perClient?: RateLimit;
  readonly perUser?: RateLimit;
  readonly concurrent?: number;
}

export interface MaintenanceSettings {
  /** Left out: false. */
  readonly on?: boolean;
  /** Shown also when no target answers. Left out: false. */
  readonly automatic?: boolean;
  readonly message?: string;
  readonly retryAfterMs?: number;
  /** Who is served nevertheless. */
  readonly bypass?: { readonly roles?: readonly string[]; readonly addresses?: readonly string[] };
}

export const PAGE_STATUSES = [403, 404, 502, 503, 504] as const;
export type PageStatus = (typeof PAGE_STATUSES)[number];

/** A page in place of Manis's own. Templates in it are escaped. */
export interface CustomPage {
  readonly statuses: readonly PageStatus[];
  readonly html: string;
}

export const PREFLIGHTS = ['judge', 'pass', 'answer'] as const;
export type Preflight = (typeof PREFLIGHTS)[number];

export interface CorsSettings {
  /** `https://app.example.com`. */
  readonly origins: readonly string[];
  /** Whether scripts of those origins may send cookies. Left out: false. */
  readonly credentials?: boolean;
  /** What becomes of preflights of those origins. Left out: `judge`. */
  readonly preflight?: Preflight;
  /** For `answer`. */
  readonly methods?: readonly string[];
  readonly headers?: readonly string[];
  readonly maxAgeMs?: number;
}

/** That it is there turns the cache on. */
export interface CacheSettings {
  /** Largest answer that is kept. */
  readonly answerBytes?: number;
}
