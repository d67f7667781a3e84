import { toBase64Url } from '../../base/bytes.ts';
import { utf8 } from '../../base/text.ts';
import type {
  CodeClaims,
  PortalClaims,
  ResourceClaims,
  SessionLifetimes,
  SessionSubject,
  SignInFacts,
} from './claims.ts';
import { decodeCodeClaims, encodeCodeClaims } from './claims-codec.ts';
import { CLOCK_SKEW_MS, CODE_LIFETIME_MS } from './constants.ts';
import { attemptCookie, type ManisCookies, removeCookie } from './cookies.ts';
import type { SessionCrypto, SigningKey } from './crypto.ts';
import { writeQuery } from './query.ts';
import type { CodeDropReason } from './reasons.ts';
import { endOf } from './renewal.ts';
import { isReturnTarget } from './return-target.ts';
import { type AuthorizeRequest, attemptIdOf, challengeOf } from './sign-in.ts';
import { openToken, sealToken } from './token.ts';
import { type Circumstances, judgeMayIssue } from './verify.ts';

/** The resource that a code is for, as the snapshot has it; never as a query says. */
export interface CodeAudience {
  readonly resourceId: string;
  readonly host: string;
}

const ID_BYTES = 16;

/** A fresh id of a session or code: 128 bits in 22 characters. */
export function newId(crypto: SessionCrypto): string {
  return toBase64Url(crypto.bytes(ID_BYTES));
}

/** Somebody who has just proved who they are, or what they hold. */
export interface CodeGrant extends SignInFacts {
  readonly subject: SessionSubject;
  readonly epoch: number;
  readonly methods: readonly string[];
  readonly authenticatedAtUnixMs: number;
  /** The portal session. Left out: none, the session with the resource stands alone. */
  readonly parentId?: string;
  /** What the session does not outlive: the portal session, the credential. */
  readonly parentExpiresAtUnixMs: number;
}

/**
 * The portal's answer to an authorisation request: a one-time code for whoever holds the verifier, good for 30 seconds on
 * one host. The portal session has been verified by the caller.
 */
export function issueCode(
  crypto: SessionCrypto,
  key: SigningKey,
  portal: PortalClaims,
  request: AuthorizeRequest,
  audience: CodeAudience,
  nowUnixMs: number,
): string {
  const grant = { ...portal, parentId: portal.id, parentExpiresAtUnixMs: portal.expiresAtUnixMs };
  return issueCodeFor(crypto, key, grant, request, audience, nowUnixMs);
}

/** The same without a portal session: for a guest, or who holds a credential of the resource. */
export function issueCodeFor(
  crypto: SessionCrypto,
  key: SigningKey,
  grant: CodeGrant,
  request: Pick<AuthorizeRequest, 'challenge' | 'returnTo'>,
  audience: CodeAudience,
  nowUnixMs: number,
): string {
  const id = newId(crypto);
  const claims: CodeClaims = {
    kind: 'code',
    id,
    subject: grant.subject,
    epoch: grant.epoch,
    methods: grant.methods,
    authenticatedAtUnixMs: grant.authenticatedAtUnixMs,
    issuedAtUnixMs: nowUnixMs,
    expiresAtUnixMs: nowUnixMs + CODE_LIFETIME_MS,
    host: audience.host,
    resourceId: audience.resourceId,
    parentId: grant.parentId ?? sessionIdOfCode(crypto, id),
    parentExpiresAtUnixMs: grant.parentExpiresAtUnixMs,
    challenge: request.challenge,
    returnTo: request.returnTo,
    ...factsOf(grant),
  };
  return sealToken('manis code v1', encodeCodeClaims(claims), key);
}

/** Where the portal sends the browser with a code. */
export function callbackLocation(resourceOrigin: string, code: string): string {
  return `${resourceOrigin}/.manis/callback${writeQuery({ code })}`;
}

export interface RedeemedCode {
  /** The session that begins; to be signed with the PoP's own key. */
  readonly claims: ResourceClaims;
  readonly returnTo: string;
  /** A Set-Cookie value that removes the verifier. */
  readonly removeAttempt: string;
}

/**
 * The session that a code stands for. It is worked out from the code alone: the same id, beginning and end on whichever
 * PoP and however often, so a code that is replayed gives the session that already is, or already was, revoked.
 */
export function redeemCode(
  crypto: SessionCrypto,
  code: string,
  cookies: ManisCookies,
  audience: CodeAudience,
  lifetimes: SessionLifetimes,
  circumstances: Circumstances,
  nowUnixMs: number,
): RedeemedCode | CodeDropReason {
  const opened = openToken('manis code v1', code, circumstances.keys);
  if (typeof opened === 'string') return opened;
  const claims = decodeCodeClaims(opened.payload);
  if (!claims || !isReturnTarget(claims.returnTo)) return 'token-not-canonical';
  if (!opened.key.mayIssue(claims)) return 'issuer-may-not';
  const fault =
    faultInAudience(claims, audience) ?? faultInTimes(claims, nowUnixMs) ?? faultInVerifier(crypto, claims, cookies);
  if (fault !== undefined) return fault;
  const session = sessionOf(crypto, claims, lifetimes, nowUnixMs);
  if (session.expiresAtUnixMs <= nowUnixMs) return 'expired';
  if (!judgeMayIssue(circumstances.keys, session)) return 'issuer-may-not';
  const revoked = circumstances.revocations.reasonAgainst(session, opened.keyId);
  if (revoked !== undefined) return revoked;
  return {
    claims: session,
    returnTo: claims.returnTo,
    removeAttempt: removeCookie(attemptCookie(attemptIdOf(claims.challenge))),
  };
}

/** The id of the session that a code begins. One way, so a session's id does not tell the code's. */
export function sessionIdOfCode(crypto: SessionCrypto, codeId: string): string {
  return toBase64Url(crypto.sha256(utf8(`manis session id v1\n${codeId}`)).subarray(0, ID_BYTES));
}

function sessionOf(
  crypto: SessionCrypto,
  code: CodeClaims,
  lifetimes: SessionLifetimes,
  nowUnixMs: number,
): ResourceClaims {
  const expiresAtUnixMs = endOf(code.issuedAtUnixMs, lifetimes, code.parentExpiresAtUnixMs);
  return {
    kind: 'resource',
    id: sessionIdOfCode(crypto, code.id),
    subject: code.subject,
    epoch: code.epoch,
    methods: code.methods,
    authenticatedAtUnixMs: code.authenticatedAtUnixMs,
    startedAtUnixMs: code.issuedAtUnixMs,
    issuedAtUnixMs: Math.max(nowUnixMs, code.issuedAtUnixMs),
    expiresAtUnixMs,
    idleExpiresAtUnixMs: Math.min(nowUnixMs + lifetimes.idleMs, expiresAtUnixMs),
    host: code.host,
    resourceId: code.resourceId,
    parentId: code.parentId,
    ...factsOf(code),
  };
}

/** What is known of a sign-in, without the fields that are not. */
export function factsOf({ via, pathPrefix, deviceKeyId, judgedBy, mfaAtUnixMs }: SignInFacts): SignInFacts {
  return {
    ...(via !== undefined && { via }),
    ...(pathPrefix !== undefined && { pathPrefix }),
    ...(deviceKeyId !== undefined && { deviceKeyId }),
    ...(judgedBy !== undefined && { judgedBy }),
    ...(mfaAtUnixMs !== undefined && { mfaAtUnixMs }),
  };
}

function faultInAudience(claims: CodeClaims, audience: CodeAudience): CodeDropReason | undefined {
  if (claims.host !== audience.host) return 'host-wrong';
  return claims.resourceId === audience.resourceId ? undefined : 'resource-wrong';
}

function faultInTimes(claims: CodeClaims, nowUnixMs: number): CodeDropReason | undefined {
  if (claims.issuedAtUnixMs > nowUnixMs + CLOCK_SKEW_MS) return 'issued-in-the-future';
  if (claims.expiresAtUnixMs - claims.issuedAtUnixMs > CODE_LIFETIME_MS) return 'lifetime-too-long';
  return nowUnixMs >= claims.expiresAtUnixMs ? 'expired' : undefined;
}

function faultInVerifier(crypto: SessionCrypto, claims: CodeClaims, cookies: ManisCookies): CodeDropReason | undefined {
  const verifier = cookies.attempts.get(attemptIdOf(claims.challenge));
  if (verifier === undefined) return 'attempt-missing';
  if (!/^[A-Za-z0-9_-]{43}$/.test(verifier)) return 'verifier-malformed';
  return challengeOf(crypto, verifier) === claims.challenge ? undefined : 'verifier-wrong';
}
