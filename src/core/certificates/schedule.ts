/** When a certificate is renewed, and when what failed is tried again. */
import { assertNever } from '../../base/index.ts';
import {
  LAST_SHARE,
  ORDER_LOOK_MAX_MS,
  ORDER_LOOK_MS,
  RATE_LIMITED_DELAYS_MS,
  REFUSED_DELAYS_MS,
  RENEW_AT_SHARE,
  RENEW_SHORT_LIVED_AT_SHARE,
  RENEWAL_SPREAD_SHARE,
  RETRY_SPREAD_SHARE,
  SHORT_LIVED_MS,
  UNREACHABLE_DELAYS_MS,
  WINDOW_CHECK_MAX_MS,
  WINDOW_CHECK_MIN_MS,
  WINDOW_CHECK_MS,
} from './constants.ts';

export interface Validity {
  readonly notBeforeUnixMs: number;
  readonly notAfterUnixMs: number;
}

/** When the authority wants a renewal (RFC 9773). */
export interface RenewalWindow {
  readonly startUnixMs: number;
  readonly endUnixMs: number;
}

/**
 * When a certificate is renewed: at a moment of chance within the authority's window (RFC 9773 section 4.2), else at two
 * thirds of its life, or at half of a short one. Whatever the window, some of its life is left.
 * @param chance from 0 to 1, drawn once for a certificate and its window.
 */
export function renewalUnixMs(validity: Validity, window: RenewalWindow | undefined, chance: number): number {
  const { notBeforeUnixMs, notAfterUnixMs } = validity;
  const lifeMs = Math.max(0, notAfterUnixMs - notBeforeUnixMs);
  const lastUnixMs = Math.floor(notAfterUnixMs - LAST_SHARE * lifeMs);
  if (window) {
    const { startUnixMs, endUnixMs } = window;
    return Math.min(lastUnixMs, Math.floor(startUnixMs + chance * (endUnixMs - startUnixMs)));
  }
  const share = lifeMs <= SHORT_LIVED_MS ? RENEW_SHORT_LIVED_AT_SHARE : RENEW_AT_SHARE;
  return Math.floor(notBeforeUnixMs + (share + chance * RENEWAL_SPREAD_SHARE) * lifeMs);
}

/** When the authority is asked for its window again. */
export function windowCheckUnixMs(nowUnixMs: number, retryAfterMs: number | undefined): number {
  const waitMs = retryAfterMs ?? WINDOW_CHECK_MS;
  return Math.round(nowUnixMs + Math.min(Math.max(waitMs, WINDOW_CHECK_MIN_MS), WINDOW_CHECK_MAX_MS));
}

/** Why a try to get a certificate came to nothing. */
export type Setback = 'unreachable' | 'refused' | 'rate-limited';

/**
 * When it is tried again.
 * @param failures tries in a row that failed, this one included.
 * @param retryAfterMs what the directory asked for: never sooner.
 */
export function retryUnixMs(
  setback: Setback,
  failures: number,
  { nowUnixMs, retryAfterMs = 0, chance }: { nowUnixMs: number; retryAfterMs?: number | undefined; chance: number },
): number {
  const delays = delaysOf(setback);
  const usualMs = delays[Math.min(Math.max(failures, 1), delays.length) - 1] as number;
  const asked = setback === 'rate-limited' && retryAfterMs > 0 ? retryAfterMs : Math.max(usualMs, retryAfterMs);
  // What a directory asks for is hours and days: a quarter of that more would be lost for nothing.
  const spreadMs = chance * RETRY_SPREAD_SHARE * Math.min(asked, usualMs);
  return Math.ceil(nowUnixMs + asked + spreadMs);
}

function delaysOf(setback: Setback): readonly number[] {
  switch (setback) {
    case 'unreachable':
      return UNREACHABLE_DELAYS_MS;
    case 'refused':
      return REFUSED_DELAYS_MS;
    case 'rate-limited':
      return RATE_LIMITED_DELAYS_MS;
    default:
      return assertNever(setback);
  }
}

/** When an order that the directory works on is looked at again: soon at first, then less and less often. */
export function orderLookUnixMs(nowUnixMs: number, sinceUnixMs: number, retryAfterMs: number | undefined): number {
  const grownMs = ORDER_LOOK_MS + Math.max(0, nowUnixMs - sinceUnixMs) / 4;
  return Math.ceil(nowUnixMs + Math.max(Math.min(grownMs, ORDER_LOOK_MAX_MS), retryAfterMs ?? 0));
}
