import { toBase64Url } from '../../base/bytes.ts';
import { utf8 } from '../../base/text.ts';
import { ATTEMPT_LIFETIME_MS, MAXIMUM_ATTEMPTS } from './constants.ts';
import { attemptCookie, type ManisCookies, removeCookie, serialiseCookie } from './cookies.ts';
import type { SessionCrypto } from './crypto.ts';
import { readQuery, writeQuery } from './query.ts';
import type { AuthorizeDropReason } from './reasons.ts';
import { isReturnTarget, returnTargetOrRoot } from './return-target.ts';

/**
 * The first two steps of signing in across domains. The resource's host keeps a verifier in a cookie of the browser and
 * sends its SHA-256 along (RFC 7636 in small), so the code that comes back is of use in this browser only.
 *
 *     resource host  --302 /authorize?resource&host&challenge&redirect-->  portal
 *     resource host  <--302 /.manis/callback?code--                   portal
 */
export interface SignInAttempt {
  /** Where the browser is sent. */
  readonly location: string;
  /** Set-Cookie values: the verifier, and the removal of attempts that are too many. */
  readonly setCookies: readonly string[];
}

/** What the policy asked for beyond being signed in; tells the portal not to hand out a code at once. */
export const PROMPTS = ['method-required', 'mfa-required', 'session-too-old'] as const;
export type Prompt = (typeof PROMPTS)[number];

export interface SignInRequest {
  /** `https://portal.example.org`, with a port where it is not 443. */
  readonly portalOrigin: string;
  readonly resourceId: string;
  /** The normalised host that the browser asked for: one resource may have many. */
  readonly host: string;
  /** Path and query that the browser asked for; anything else becomes `/`. */
  readonly returnTo: string;
  readonly prompt?: Prompt;
  /** The cookies that came along, to keep the number of attempts small. */
  readonly cookies: ManisCookies;
}

/** Begins an attempt on the resource's host. */
export function beginSignIn(crypto: SessionCrypto, request: SignInRequest): SignInAttempt {
  const verifier = toBase64Url(crypto.bytes(32));
  const challenge = challengeOf(crypto, verifier);
  const query = writeQuery({
    resource: request.resourceId,
    host: request.host,
    challenge,
    redirect: returnTargetOrRoot(request.returnTo),
    prompt: request.prompt,
  });
  const stale = request.cookies.attempts.size < MAXIMUM_ATTEMPTS ? [] : [...request.cookies.attempts.keys()];
  return {
    location: `${request.portalOrigin}/authorize${query}`,
    setCookies: [
      ...stale.map((id) => removeCookie(attemptCookie(id))),
      serialiseCookie(attemptCookie(attemptIdOf(challenge)), verifier, ATTEMPT_LIFETIME_MS),
    ],
  };
}

/** Base64url of the SHA-256 of the verifier's text. */
export function challengeOf(crypto: SessionCrypto, verifier: string): string {
  return toBase64Url(crypto.sha256(utf8(verifier)));
}

/** An attempt is known by the beginning of its challenge: 96 bits, plenty to tell a browser's attempts apart. */
export function attemptIdOf(challenge: string): string {
  return challenge.slice(0, 16);
}

/** What a browser asks the portal for. */
export interface AuthorizeRequest {
  readonly resourceId: string;
  /** Where the browser wants to go back to; whether it is the resource's is the portal's to check. */
  readonly host: string;
  readonly challenge: string;
  readonly returnTo: string;
  readonly prompt?: Prompt;
}

/** Reads the query of `/authorize`. The caller looks the resource up; a host is never taken from the query. */
export function readAuthorizeRequest(query: string): AuthorizeRequest | AuthorizeDropReason {
  const parameters = readQuery(query);
  if (typeof parameters === 'string') return parameters;
  const resourceId = parameters.get('resource');
  const host = parameters.get('host') ?? '';
  const challenge = parameters.get('challenge') ?? '';
  const returnTo = parameters.get('redirect') ?? '/';
  if (resourceId === undefined || resourceId === '' || resourceId.length > 256) return 'resource-missing';
  if (host === '' || host.length > 253) return 'host-missing';
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) return 'challenge-malformed';
  if (!isReturnTarget(returnTo)) return 'return-target-refused';
  const prompt = PROMPTS.find((name) => name === parameters.get('prompt'));
  return { resourceId, host, challenge, returnTo, ...(prompt && { prompt }) };
}
