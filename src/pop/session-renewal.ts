import {
  issueSessionToken,
  type ResourceClaims,
  renewedClaims,
  SESSION_COOKIE,
  type SigningKey,
  serialiseCookie,
} from '../core/session/index.ts';
import type { SignedIn } from './authenticate.ts';
import type { AtResource } from './door.ts';

/** A session that is used is renewed now and then; the browser gets the new token with the answer. */
export function renewalOf(
  { view, context, resource }: AtResource,
  { claims }: SignedIn<ResourceClaims>,
  key: SigningKey,
): string[] {
  const renewed = renewedClaims(claims, view.lifetimesAt(resource.record), context.nowUnixMs);
  if (!renewed) return [];
  const remainingMs = renewed.expiresAtUnixMs - context.nowUnixMs;
  return [serialiseCookie(SESSION_COOKIE, issueSessionToken(renewed, key), remainingMs)];
}
