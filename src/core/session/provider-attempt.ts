import { toBase64Url } from '../../base/bytes.ts';
import { utf8 } from '../../base/text.ts';
import { newId } from './code.ts';
import {
  ATTEMPT_LIFETIME_MS,
  CLOCK_SKEW_MS,
  MAXIMUM_PROVIDER_ATTEMPTS,
  MAXIMUM_PROVIDER_RETURN_LENGTH,
} from './constants.ts';
import { type ManisCookies, providerCookie, removeCookie, serialiseCookie } from './cookies.ts';
import type { SessionCrypto, SigningKey } from './crypto.ts';
import type { IssuerKeys } from './keys.ts';
import type { TokenDropReason } from './reasons.ts';
import { isReturnTarget } from './return-target.ts';
import { openToken, sealToken } from './token.ts';

/** What the person is at the provider for: to sign in, to connect it with their account, to see what it says of them. */
export type ProviderPurpose = 'sign-in' | 'connect' | 'test';

/**
 * One visit to an identity provider: signed by the PoP that began it and kept in a cookie of the browser, so any PoP can take
 * the answer and no other browser can. The id is the OAuth `state`; the cookie is removed when the answer has come, so a state
 * works once.
 */
export interface ProviderAttempt {
  readonly id: string;
  readonly providerId: string;
  readonly purpose: ProviderPurpose;
  /** 32 random bytes each, base64url: OpenID Connect's nonce, and PKCE's verifier (RFC 7636). */
  readonly nonce: string;
  readonly verifier: string;
  /** Path and query of the portal to go on to. */
  readonly returnTo: string;
  /** Whose account it is to be connected with; empty otherwise. */
  readonly userId: string;
  /** The person has to prove anew who they are. */
  readonly fresh: boolean;
  readonly issuedAtUnixMs: number;
}

export type AttemptDropReason =
  | TokenDropReason
  | 'attempt-missing'
  | 'state-wrong'
  | 'provider-wrong'
  | 'attempt-expired';

export interface BegunProviderAttempt {
  readonly attempt: ProviderAttempt;
  readonly setCookies: readonly string[];
}

export function beginProviderAttempt(
  crypto: SessionCrypto,
  key: SigningKey,
  asked: Pick<ProviderAttempt, 'providerId' | 'purpose' | 'returnTo' | 'userId' | 'fresh'>,
  cookies: ManisCookies,
  nowUnixMs: number,
): BegunProviderAttempt {
  const isShort =
    JSON.stringify(asked.returnTo).length - 2 <= MAXIMUM_PROVIDER_RETURN_LENGTH && isReturnTarget(asked.returnTo);
  const attempt: ProviderAttempt = {
    ...asked,
    id: newId(crypto),
    nonce: toBase64Url(crypto.bytes(32)),
    verifier: toBase64Url(crypto.bytes(32)),
    returnTo: isShort ? asked.returnTo : '/',
    issuedAtUnixMs: Math.floor(nowUnixMs),
  };
  const open = cookies.providers ?? new Map();
  const stale = open.size < MAXIMUM_PROVIDER_ATTEMPTS ? [] : [...open.keys()];
  const token = sealToken('manis provider attempt v1', encode(attempt), key);
  return {
    attempt,
    setCookies: [
      ...stale.map((id) => removeCookie(providerCookie(id))),
      serialiseCookie(providerCookie(attempt.id), token, ATTEMPT_LIFETIME_MS),
    ],
  };
}

/** The attempt that an answer of a provider belongs to, or why it belongs to none of this browser. */
export function readProviderAttempt(
  cookies: ManisCookies,
  state: string,
  providerId: string,
  keys: IssuerKeys,
  nowUnixMs: number,
): ProviderAttempt | AttemptDropReason {
  const token = cookies.providers?.get(state);
  if (token === undefined) return 'attempt-missing';
  const opened = openToken('manis provider attempt v1', token, keys);
  if (typeof opened === 'string') return opened;
  const attempt = decode(opened.payload);
  if (!attempt) return 'token-not-canonical';
  if (attempt.id !== state) return 'state-wrong';
  // Each provider has a redirect URI of its own: an answer at another one's is a mix-up (RFC 9700 section 4.4).
  if (attempt.providerId !== providerId) return 'provider-wrong';
  const ageMs = nowUnixMs - attempt.issuedAtUnixMs;
  return ageMs > ATTEMPT_LIFETIME_MS || ageMs < -CLOCK_SKEW_MS ? 'attempt-expired' : attempt;
}

/** Base64url of the SHA-256 of the verifier's text (RFC 7636 section 4.2). */
export function pkceChallenge(crypto: SessionCrypto, attempt: ProviderAttempt): string {
  return toBase64Url(crypto.sha256(utf8(attempt.verifier)));
}

/** A Set-Cookie value that removes the attempt. */
export function removeProviderAttempt(state: string): string {
  return removeCookie(providerCookie(state));
}

function encode({
  id,
  providerId,
  purpose,
  nonce,
  verifier,
  returnTo,
  userId,
  fresh,
  issuedAtUnixMs,
}: ProviderAttempt) {
  return JSON.stringify([id, providerId, purpose, nonce, verifier, returnTo, userId, fresh, issuedAtUnixMs]);
}

function decode(payload: string): ProviderAttempt | undefined {
  const [id, providerId, purpose, nonce, verifier, returnTo, userId, fresh, issuedAtUnixMs, ...rest] = listOf(payload);
  const texts = [id, providerId, nonce, verifier, returnTo, userId];
  if (!texts.every((text) => typeof text === 'string') || rest.length > 0) return undefined;
  if (typeof fresh !== 'boolean' || !Number.isSafeInteger(issuedAtUnixMs)) return undefined;
  if (purpose !== 'sign-in' && purpose !== 'connect' && purpose !== 'test') return undefined;
  if (!isReturnTarget(returnTo as string)) return undefined;
  const [a, b, c, d, e, f] = texts as [string, string, string, string, string, string];
  const attempt = { id: a, providerId: b, purpose, nonce: c, verifier: d, returnTo: e, userId: f, fresh } as const;
  return { ...attempt, issuedAtUnixMs: issuedAtUnixMs as number };
}

function listOf(payload: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(payload);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}
