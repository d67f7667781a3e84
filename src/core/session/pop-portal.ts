import type { PortalClaims, SessionLifetimes, SignInFacts } from './claims.ts';
import { newId } from './code.ts';
import { MAXIMUM_POP_PORTAL_LIFETIME_MS } from './constants.ts';
import type { SessionCrypto, SigningKey } from './crypto.ts';
import type { IssuerKeys } from './keys.ts';
import type { RevocationTable } from './revocation-table.ts';
import { issueSessionToken, judgeMayIssue } from './verify.ts';

/** A sign-in that a PoP has judged itself, because control could not be reached. */
export interface JudgedSignIn extends Omit<SignInFacts, 'judgedBy' | 'pathPrefix'> {
  readonly userId: string;
  readonly methods: readonly string[];
  readonly authenticatedAtUnixMs: number;
}

/**
 * A portal session under the PoP's own key (decision 0043). It is not renewed: it ends after the idle time at the latest,
 * and nobody but PoPs takes it. Its epoch is the lowest that would hold here, so whatever ended the user's sessions before,
 * and is heard of only later, ends this one as well.
 */
export function issuePopPortalSession(
  crypto: SessionCrypto,
  key: SigningKey,
  signIn: JudgedSignIn,
  at: { readonly host: string; readonly lifetimes: SessionLifetimes; readonly revocations: RevocationTable },
  nowUnixMs: number,
): { readonly token: string; readonly claims: PortalClaims } {
  const { userId, methods, authenticatedAtUnixMs, via, deviceKeyId, mfaAtUnixMs } = signIn;
  const startedAtUnixMs = Math.floor(nowUnixMs);
  const { absoluteMs, idleMs } = at.lifetimes;
  const expiresAtUnixMs = startedAtUnixMs + Math.min(absoluteMs, MAXIMUM_POP_PORTAL_LIFETIME_MS);
  const claims: PortalClaims = {
    kind: 'portal',
    id: newId(crypto),
    subject: { kind: 'user', userId },
    epoch: at.revocations.minimumEpochOf(userId),
    methods,
    authenticatedAtUnixMs: Math.max(0, Math.floor(Math.min(authenticatedAtUnixMs, nowUnixMs))),
    startedAtUnixMs,
    issuedAtUnixMs: startedAtUnixMs,
    expiresAtUnixMs,
    idleExpiresAtUnixMs: Math.min(startedAtUnixMs + idleMs, expiresAtUnixMs),
    host: at.host,
    ...(via && { via }),
    ...(deviceKeyId !== undefined && { deviceKeyId }),
    ...(mfaAtUnixMs !== undefined && { mfaAtUnixMs: Math.floor(mfaAtUnixMs) }),
    judgedBy: key.id,
  };
  return { token: issueSessionToken(claims, key), claims };
}

/** Whether a code for the resource may be made from a portal session: a PoP's word opens what that PoP serves. */
export function mayOpen(keys: IssuerKeys, portal: PortalClaims, resourceId: string): boolean {
  return judgeMayIssue(keys, { ...portal, kind: 'resource', resourceId, parentId: portal.id });
}
