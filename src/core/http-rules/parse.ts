import { parsePrefix } from '../../base/index.ts';
import { type Problem, ProblemList } from '../policy/index.ts';
import {
  MAXIMUM_MESSAGE_LENGTH,
  MAXIMUM_PAGE_LENGTH,
  MAXIMUM_SETTING_ENTRIES,
  MAXIMUM_SETTINGS_BYTES,
} from './constants.ts';
import { HEADER_RULE_FIELDS } from './header-rules.ts';
import {
  type CacheSettings,
  type CompressionSettings,
  type CorsSettings,
  type CustomPage,
  ENCODINGS,
  HEADER_PRESETS,
  type HeaderSettings,
  type HttpSettings,
  type LimitSettings,
  type MaintenanceSettings,
  PAGE_STATUSES,
  PREFLIGHTS,
  type RateLimit,
} from './model.ts';
import { routes } from './parse-routes.ts';
import { flag, listOf, objectOf, oneOf, type Reader, text, whole } from './shape.ts';
import { readPage } from './template.ts';

export type ParsedHttpSettings =
  | { readonly ok: true; readonly settings: HttpSettings }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const DAY_MS = 86_400_000;
const GIBIBYTE = 1_073_741_824;
const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;

const few = (check: (value: string) => string | undefined) => listOf(text(256, check), MAXIMUM_SETTING_ENTRIES);

const rate: Reader<RateLimit> = objectOf<RateLimit>(
  { requests: whole(1, 1_000_000), perMs: whole(1_000, DAY_MS), burst: whole(1, 1_000_000) },
  ['requests', 'perMs'],
);

const limits = objectOf<LimitSettings>({
  bodyBytes: whole(0, 1_024 * GIBIBYTE),
  headerBytes: whole(256, 65_536),
  uriBytes: whole(16, 16_384),
  answerMs: whole(100, DAY_MS),
  perClient: rate,
  perUser: rate,
  concurrent: whole(1, 100_000),
});

const compression = objectOf<CompressionSettings>({
  encodings: listOf(oneOf(ENCODINGS), ENCODINGS.length),
  minimumBytes: whole(0, GIBIBYTE),
  types: few((type) => (/^[a-z0-9.+-]+\/(\*|[a-z0-9.+-]+)$/.test(type) ? undefined : 'a media type, such as text/css')),
  personal: flag,
});

const isPrefix = (value: string) => parsePrefix(value) !== undefined;

const maintenance = objectOf<MaintenanceSettings>({
  on: flag,
  automatic: flag,
  message: text(MAXIMUM_MESSAGE_LENGTH),
  retryAfterMs: whole(1_000, DAY_MS),
  bypass: objectOf<NonNullable<MaintenanceSettings['bypass']>>({
    roles: few(() => undefined),
    addresses: few((value) => (isPrefix(value) ? undefined : 'an address or prefix, such as 192.0.2.0/24')),
  }),
});

const customPage = objectOf<CustomPage>(
  {
    statuses: listOf(oneOf(PAGE_STATUSES), PAGE_STATUSES.length),
    html: text(MAXIMUM_PAGE_LENGTH, (source) => {
      const read = readPage(source);
      return typeof read === 'string' ? read : undefined;
    }),
  },
  ['statuses', 'html'],
);

/** Pages in place of Manis's own, each status once. */
export const customPages: Reader<readonly CustomPage[]> = (json, at, list) => {
  const pages = listOf(customPage, PAGE_STATUSES.length)(json, at, list);
  const seen = new Set<number>();
  for (const [i, { statuses }] of (pages ?? []).entries())
    for (const status of statuses) {
      if (seen.has(status)) list.note(`${at}[${i}].statuses`, 'statuses that no other page has', status);
      seen.add(status);
    }
  return pages;
};

const cors = objectOf<CorsSettings>(
  {
    origins: few((origin) =>
      /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/.test(origin) ? undefined : 'an origin, such as https://app.example.com',
    ),
    credentials: flag,
    preflight: oneOf(PREFLIGHTS),
    methods: few((method) => (/^[A-Z]+$/.test(method) ? undefined : 'a request method in capitals')),
    headers: few((name) => (TOKEN.test(name) ? undefined : 'the name of a header field')),
    maxAgeMs: whole(0, DAY_MS),
  },
  ['origins'],
);

const settings = objectOf<HttpSettings>({
  routes,
  headers: objectOf<HeaderSettings>({ preset: oneOf(HEADER_PRESETS), ...HEADER_RULE_FIELDS }),
  compression,
  limits,
  maintenance,
  errorPages: customPages,
  cors,
  cache: objectOf<CacheSettings>({ answerBytes: whole(1, 16_777_216) }),
});

/**
 * Reads settings from JSON that anybody may have written. Unknown keys are problems, never ignored: a misspelt limit
 * must not become none.
 */
export function parseHttpSettings(json: unknown): ParsedHttpSettings {
  const list = new ProblemList();
  const read = settings(json, '', list);
  if (read && JSON.stringify(read).length > MAXIMUM_SETTINGS_BYTES)
    list.note('', `at most ${MAXIMUM_SETTINGS_BYTES} bytes`, 'more');
  return read && list.problems.length === 0 ? { ok: true, settings: read } : { ok: false, problems: list.problems };
}

export type ParsedCustomPages =
  | { readonly ok: true; readonly pages: readonly CustomPage[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Custom pages alone, as an organisation has them for all its resources. */
export function parseCustomPages(json: unknown): ParsedCustomPages {
  const list = new ProblemList();
  const pages = Array.isArray(json) && json.length === 0 ? [] : customPages(json, '', list);
  return pages && list.problems.length === 0 ? { ok: true, pages } : { ok: false, problems: list.problems };
}
