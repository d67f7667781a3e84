import { type SessionClaims, type SessionLifetimes, subjectId } from './claims.ts';
import { MAXIMUM_SESSION_LIFETIME_MS, RENEW_AFTER_FRACTION } from './constants.ts';
import type { Revocation } from './revocation-table.ts';

/**
 * The claims of the next token of a session, or undefined while the present one will do. A token is renewed once a
 * quarter of the idle time has passed since it was issued; id, beginning and absolute end stay as they are.
 */
export function renewedClaims<Claims extends SessionClaims>(
  claims: Claims,
  lifetimes: SessionLifetimes,
  nowUnixMs: number,
): Claims | undefined {
  const endsAtUnixMs = endOf(claims.startedAtUnixMs, lifetimes, claims.expiresAtUnixMs);
  const idleExpiresAtUnixMs = Math.min(nowUnixMs + lifetimes.idleMs, endsAtUnixMs);
  const isYoung = nowUnixMs - claims.issuedAtUnixMs < lifetimes.idleMs * RENEW_AFTER_FRACTION;
  const isShortened =
    claims.idleExpiresAtUnixMs > nowUnixMs + lifetimes.idleMs || claims.expiresAtUnixMs > endsAtUnixMs;
  if (isYoung && !isShortened) return undefined;
  if (endsAtUnixMs <= nowUnixMs || idleExpiresAtUnixMs === claims.idleExpiresAtUnixMs) return undefined;
  return { ...claims, issuedAtUnixMs: nowUnixMs, idleExpiresAtUnixMs, expiresAtUnixMs: endsAtUnixMs };
}

/** When a session that began at a time ends at the latest: by its lifetime, by Manis's, and by `noLaterThan`. */
export function endOf(startedAtUnixMs: number, lifetimes: SessionLifetimes, noLaterThanUnixMs: number): number {
  return Math.min(startedAtUnixMs + Math.min(lifetimes.absoluteMs, MAXIMUM_SESSION_LIFETIME_MS), noLaterThanUnixMs);
}

/**
 * Signing out. `here` ends this session alone; `everywhere` ends the portal session too, and with it every session
 * with a resource that came from it.
 */
export function signOut(
  claims: SessionClaims,
  extent: 'here' | 'everywhere',
  nowUnixMs: number,
): readonly Revocation[] {
  const revocation = (sessionId: string, expiresAtUnixMs: number): Revocation => ({
    kind: 'session',
    sessionId,
    userId: subjectId(claims.subject),
    atUnixMs: nowUnixMs,
    expiresAtUnixMs,
  });
  const here = revocation(claims.id, claims.expiresAtUnixMs);
  if (claims.kind === 'portal' || claims.parentId === claims.id || extent === 'here') return [here];
  // The end of the parent is not known here; its children do not outlive it, so the longest life is long enough.
  return [here, revocation(claims.parentId, nowUnixMs + MAXIMUM_SESSION_LIFETIME_MS)];
}
