/** Longest token that is looked at; a cookie holds 4096 bytes, name and attributes included. */
export const MAXIMUM_TOKEN_LENGTH = 3_500;
/** Verified tokens that are remembered; at about 1.5 kB each this bounds the memory to some 30 MB. */
export const VERIFIED_TOKEN_CACHE_SIZE = 20_000;
/** How far a node's clock may be behind the issuer's. */
export const CLOCK_SKEW_MS = 60_000;
/** Life of a one-time code, from portal to resource. */
export const CODE_LIFETIME_MS = 30_000;
/** Life of the verifier cookie of one sign-in attempt: long enough for a second factor and a slow mail. */
export const ATTEMPT_LIFETIME_MS = 15 * 60_000;
/** Sign-in attempts that one browser may have open on a host; the oldest cookies are dropped beyond. */
export const MAXIMUM_ATTEMPTS = 10;
/** Part of the idle time after which a token is renewed: often enough for a lively session, seldom enough to be cheap. */
export const RENEW_AFTER_FRACTION = 1 / 4;
/** Revoked sessions that are kept one by one; beyond, a revocation counts for all of its user's sessions. */
export const MAXIMUM_REVOKED_SESSIONS = 100_000;
/** Longest return target (path and query). */
export const MAXIMUM_RETURN_TARGET_LENGTH = 2_048;
/** Life of a form's CSRF token. */
export const CSRF_LIFETIME_MS = 12 * 60 * 60_000;
/** Life of a signed identity assertion (access.md). */
export const ASSERTION_LIFETIME_MS = 5 * 60_000;
/** How long one assertion is used again for the same session, so that signing is off the hot path. */
export const ASSERTION_REUSE_MS = 60_000;
/** Assertions that are remembered. */
export const ASSERTION_CACHE_SIZE = 20_000;
/** Longest life of any session; a token that claims more is refused, so a revocation may be forgotten after this time. */
export const MAXIMUM_SESSION_LIFETIME_MS = 90 * 24 * 60 * 60_000;
/** Longest CSRF purpose, in characters. */
export const MAXIMUM_PURPOSE_LENGTH = 64;
/** Longest life of a portal session that a PoP signed while control was away: a working day, for nobody lists or renews it. */
export const MAXIMUM_POP_PORTAL_LIFETIME_MS = 12 * 60 * 60_000;
/** Sign-outs at providers that are kept one by one; beyond, one counts for all earlier sessions of its provider. */
export const MAXIMUM_PROVIDER_SIGN_OUTS = 100_000;
/** Life of the second step of a sign-in: time to find the telephone, or to set up an authenticator. */
export const SECOND_STEP_LIFETIME_MS = 15 * 60_000;
/** Life of a challenge to a passkey or a device's key: a sign-in page is left open for a while. */
export const KEY_CHALLENGE_LIFETIME_MS = 30 * 60_000;
/** Attempts to sign in at identity providers that one browser may have open: each cookie is about 1 kB of every request. */
export const MAXIMUM_PROVIDER_ATTEMPTS = 4;
/** Longest return target that goes along with an attempt at a provider; it is in the cookie. What is longer becomes `/`. */
export const MAXIMUM_PROVIDER_RETURN_LENGTH = 1_500;
/** Credentials that a browser is remembered for, the ones used last; they fit into a cookie. */
export const KNOWN_CREDENTIALS_MAX = 16;
/** How long a browser is remembered for a credential that it does not use. */
export const KNOWN_BROWSER_MS = 180 * 86_400_000;
