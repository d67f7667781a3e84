import type { CookieDropReason } from './reasons.ts';

/** Every cookie of Manis starts so. `__Host-` has browsers refuse it from another host, path or plain HTTP (RFC 6265bis 4.1.3.2). */
export const MANIS_COOKIE_PREFIX = '__Host-manis_';
export const SESSION_COOKIE = '__Host-manis_session';
export const PORTAL_COOKIE = '__Host-manis_portal';
/** Binds forms that come before a session, such as the sign-in form, to a browser. */
export const FORM_COOKIE = '__Host-manis_form';
/** The second step of a sign-in, between the first and the session. */
export const SECOND_STEP_COOKIE = '__Host-manis_second';
/** A secret with which this browser may leave out the second step for a while. */
export const REMEMBERED_COOKIE = '__Host-manis_remembered';
/** Names the target that a browser came to, where its resource wants it to stay there. Not a secret. */
export const TARGET_COOKIE = '__Host-manis_target';
/** The ID token of the last sign-in at a provider that wants to see it at sign-out. */
export const HINT_COOKIE = '__Host-manis_hint';
const PROVIDER_COOKIE_PREFIX = '__Host-manis_provider_';
/** Says which PINs and passwords of resources a browser gave before. Opens nothing. */
export const KNOWN_COOKIE = '__Host-manis_known';
/** Holds the secret of a share link for the moment between the link and the button. */
export const SHARE_COOKIE = '__Host-manis_share';
/** The proof of a known device, which the sign-in page's script leaves for whoever comes back from an identity provider. Opens nothing. */
export const DEVICE_COOKIE = '__Host-manis_device';
const ATTEMPT_COOKIE_PREFIX = '__Host-manis_attempt_';

const PREFIX_LOWER = MANIS_COOKIE_PREFIX.toLowerCase();

/** The cookie of one sign-in attempt. */
export function attemptCookie(attemptId: string): string {
  return ATTEMPT_COOKIE_PREFIX + attemptId;
}

/** The cookie of an attempt to sign in at an identity provider. */
export function providerCookie(attemptId: string): string {
  return PROVIDER_COOKIE_PREFIX + attemptId;
}

/** The cookies of Manis in a request. */
export interface ManisCookies {
  readonly session?: string;
  readonly portal?: string;
  readonly form?: string;
  readonly target?: string;
  readonly known?: string;
  readonly share?: string;
  readonly second?: string;
  readonly remembered?: string;
  readonly hint?: string;
  readonly device?: string;
  /** Attempts at identity providers, by id. */
  readonly providers?: ReadonlyMap<string, string>;
  /** Verifiers by attempt id. */
  readonly attempts: ReadonlyMap<string, string>;
}

/** What Manis nodes write: base64url and dots. */
const TOKEN_TEXT = /^[A-Za-z0-9._-]+$/;

/** Cookies of which there is one. */
const SINGLE = {
  [SESSION_COOKIE]: 'session',
  [PORTAL_COOKIE]: 'portal',
  [FORM_COOKIE]: 'form',
  [TARGET_COOKIE]: 'target',
  [KNOWN_COOKIE]: 'known',
  [SHARE_COOKIE]: 'share',
  [SECOND_STEP_COOKIE]: 'second',
  [REMEMBERED_COOKIE]: 'remembered',
  [HINT_COOKIE]: 'hint',
  [DEVICE_COOKIE]: 'device',
} as const;

/** Cookies of which there may be several. */
const MANY = [
  [ATTEMPT_COOKIE_PREFIX, 'attempts'],
  [PROVIDER_COOKIE_PREFIX, 'providers'],
] as const;

const NONE: ManisCookies = { attempts: new Map() };

/**
 * Reads the Cookie field (several joined by `; `). A cookie of Manis that comes twice, or whose value no Manis node
 * writes, spoils the request: somebody tampers with the browser's cookies. Other cookies are passed over.
 */
export function readManisCookies(field: string | undefined): ManisCookies | CookieDropReason {
  if (!field?.includes(MANIS_COOKIE_PREFIX)) return NONE;
  const found: { [Key in (typeof SINGLE)[keyof typeof SINGLE]]?: string } = {};
  const attempts = new Map<string, string>();
  const providers = new Map<string, string>();
  for (const pair of field.split(';')) {
    const text = withoutBlanks(pair);
    if (!text.startsWith(MANIS_COOKIE_PREFIX)) continue;
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const value = equals < 0 ? '' : text.slice(equals + 1);
    if (!TOKEN_TEXT.test(value)) return 'cookie-malformed';
    const many = MANY.find(([prefix]) => name.startsWith(prefix));
    if (many) {
      const [prefix, kind] = many;
      const id = name.slice(prefix.length);
      const values = kind === 'attempts' ? attempts : providers;
      if (values.has(id)) return 'cookie-duplicated';
      values.set(id, value);
      continue;
    }
    if (!Object.hasOwn(SINGLE, name)) continue;
    const key = SINGLE[name as keyof typeof SINGLE];
    if (found[key] !== undefined) return 'cookie-duplicated';
    found[key] = value;
  }
  // What came of a request may last for hours, and few have any.
  return { ...found, ...(providers.size > 0 && { providers }), attempts: attempts.size > 0 ? attempts : NONE.attempts };
}

const BLANKS_AROUND = /^[ \t]+|[ \t]+$/g;

/**
 * Spaces and tabs alone, which browsers take off a name as well (RFC 6265bis section 5.6). `trim` takes off more, the no-break
 * space for one: a neighbouring host may set `<no-break space>__Host-manis_session`, for which the prefix is no protection.
 */
function withoutBlanks(pair: string): string {
  return pair.replace(BLANKS_AROUND, '');
}

/** A Set-Cookie value. `maximumAgeMs` left out: until the browser closes. */
export function serialiseCookie(name: string, value: string, maximumAgeMs?: number): string {
  const age = maximumAgeMs === undefined ? '' : `; Max-Age=${Math.max(0, Math.floor(maximumAgeMs / 1000))}`;
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax${age}`;
}

/** A Set-Cookie value that removes the cookie. */
export function removeCookie(name: string): string {
  return serialiseCookie(name, '', 0);
}

/**
 * The Cookie field without the cookies of Manis in any spelling, so that no backend sees them; undefined where nothing
 * is left. A field without them comes back as it is.
 */
export function stripManisCookies(field: string): string | undefined {
  if (!mentionsManis(field)) return field;
  const kept = field.split(';').filter((pair) => !isManisPair(pair));
  const text = kept.join(';').trim();
  return text === '' ? undefined : text;
}

/**
 * Whether a Set-Cookie value of a backend would set a cookie of Manis. Also caught: a cookie without a name whose value
 * looks like one (`=__Host-manis_session=x`), which browsers send back as `__Host-manis_session=x`.
 */
export function isManisSetCookie(value: string): boolean {
  return mentionsManis(value) && isManisPair(value.split(';', 1)[0] ?? '');
}

function mentionsManis(text: string): boolean {
  return text.toLowerCase().includes(PREFIX_LOWER);
}

/** Leading blanks, control characters, `=` and all that is not ASCII are passed over, as browsers and lenient backends do. */
function isManisPair(pair: string): boolean {
  let start = 0;
  while (start < pair.length && isPassedOver(pair.charCodeAt(start))) start++;
  return pair.slice(start, start + PREFIX_LOWER.length).toLowerCase() === PREFIX_LOWER;
}

function isPassedOver(code: number): boolean {
  return code <= 0x20 || code === 0x3d || code >= 0x7f;
}
