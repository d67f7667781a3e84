import { toBase64Url, utf8 } from '../../base/index.ts';
import {
  browserOf,
  csrfToken,
  FORM_COOKIE,
  faultInCsrfToken,
  issueKeyChallenge,
  type KeyChallengePurpose,
  type SessionCrypto,
  type SigningKey,
  serialiseCookie,
} from '../../core/session/index.ts';
import type { PortalVisit } from '../portal-visit.ts';

/** 32 random bytes in base64url. */
const FORM_COOKIE_VALUE = /^[A-Za-z0-9_-]{43}$/;

/** What the forms of a page are bound to: this browser, by a cookie that only it has. */
export interface PageForm {
  /** `browserOf` the cookie: what control is told. */
  readonly browser: string;
  /** The token of a form for a purpose. */
  csrf(purpose: string): string;
  readonly setCookies: readonly string[];
  challenge(purpose: KeyChallengePurpose, within: string): { readonly token: string; readonly nonce: string };
}

/** Binds a page's forms; the cookie is made where the browser has none, so once a page. */
export function pageForm(
  crypto: SessionCrypto,
  key: SigningKey,
  { at, cookies }: Pick<PortalVisit, 'at' | 'cookies'>,
): PageForm {
  const isKnown = cookies.form !== undefined && FORM_COOKIE_VALUE.test(cookies.form);
  const value = isKnown ? (cookies.form ?? '') : toBase64Url(crypto.bytes(32));
  const { nowUnixMs } = at.context;
  const browser = browserOf(crypto, value);
  return {
    browser,
    csrf: (purpose) => csrfToken(crypto, utf8(value), { browser: value, purpose }, nowUnixMs),
    setCookies: isKnown ? [] : [serialiseCookie(FORM_COOKIE, value)],
    challenge: (what, within) => issueKeyChallenge(crypto, key, { purpose: what, browser, within }, nowUnixMs),
  };
}

/** Whether a form that came back was shown to this browser. */
export function isOwnForm(
  crypto: SessionCrypto,
  { at, cookies }: Pick<PortalVisit, 'at' | 'cookies'>,
  purpose: string,
  token: string,
): boolean {
  const browser = cookies.form ?? '';
  if (browser === '') return false;
  return faultInCsrfToken(crypto, utf8(browser), { browser, purpose }, token, at.context.nowUnixMs) === undefined;
}
