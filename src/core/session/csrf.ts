import { equalBytes, fromBase64Url, toBase64Url } from '../../base/bytes.ts';
import { utf8 } from '../../base/text.ts';
import { CLOCK_SKEW_MS, CSRF_LIFETIME_MS, MAXIMUM_PURPOSE_LENGTH } from './constants.ts';
import type { SessionCrypto } from './crypto.ts';

/** What a form's token is for. */
export interface FormBinding {
  /** The session's id, or the value of the form cookie before there is a session. */
  readonly browser: string;
  /** Which form: `sign-in`, `sign-out`. A token of one does nothing for another. */
  readonly purpose: string;
}

export type CsrfDropReason = 'csrf-malformed' | 'csrf-expired' | 'csrf-wrong';

/** `v1.<issued at, base 36>.<HMAC-SHA-256>`; the key is shared by the nodes that may judge the form. */
export function csrfToken(crypto: SessionCrypto, key: Uint8Array, binding: FormBinding, nowUnixMs: number): string {
  const issuedAt = Math.floor(nowUnixMs).toString(36);
  return `v1.${issuedAt}.${toBase64Url(tag(crypto, key, binding, issuedAt))}`;
}

/** Undefined where the token belongs to this browser and form, else why not. Takes the same time for every wrong tag. */
export function faultInCsrfToken(
  crypto: SessionCrypto,
  key: Uint8Array,
  binding: FormBinding,
  token: string,
  nowUnixMs: number,
): CsrfDropReason | undefined {
  const match = /^v1\.([0-9a-z]{1,11})\.([A-Za-z0-9_-]{43})$/.exec(token);
  const issuedAt = match?.[1];
  const given = match?.[2] === undefined ? undefined : fromBase64Url(match[2]);
  if (issuedAt === undefined || given === undefined) return 'csrf-malformed';
  if (!equalBytes(given, tag(crypto, key, binding, issuedAt))) return 'csrf-wrong';
  const ageMs = nowUnixMs - Number.parseInt(issuedAt, 36);
  return ageMs > CSRF_LIFETIME_MS || ageMs < -CLOCK_SKEW_MS ? 'csrf-expired' : undefined;
}

function tag(crypto: SessionCrypto, key: Uint8Array, { browser, purpose }: FormBinding, issuedAt: string): Uint8Array {
  if (purpose.length > MAXIMUM_PURPOSE_LENGTH || purpose.includes('\n'))
    throw new RangeError('the purpose of a form is one short line');
  return crypto.hmacSha256(key, utf8(`manis csrf v1\n${purpose}\n${issuedAt}\n${browser}`));
}
