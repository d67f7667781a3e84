/** Wrong codes of an authenticator for one account within the window of sign-ins: enough for a person. */
export const FACTOR_TRIES_PER_ACCOUNT = 5;
/** The same within a day: a guesser who has the password finds a code with a chance below 1 in 10,000 a day. */
export const FACTOR_TRIES_PER_ACCOUNT_AND_DAY = 30;
/** The window of that. */
export const FACTOR_DAY_MS = 86_400_000;
/** Second steps and passkeys from one address (IPv6: one /64) within the window of sign-ins; an office may share one. */
export const FACTOR_TRIES_PER_ADDRESS = 100;
/** How fresh the proof must be with which somebody changes what they sign in with. */
export const FACTOR_FRESH_MS = 15 * 60_000;
/** Time to scan the code of a new authenticator before another secret is made. */
export const TOTP_PENDING_MS = 15 * 60_000;
/** Authenticators, passkeys, known devices of one user, of each. */
export const FACTORS_MAX = 20;
/** How long a browser is remembered unless an organisation says otherwise. */
export const REMEMBER_BROWSER_MS = 30 * 86_400_000;
/** Sessions that the "my security" page lists. */
export const MY_SESSIONS_MAX = 50;
/** Longest time for which an organisation may remember a browser: as long as a session may live. */
export const REMEMBER_BROWSER_MAX_MS = 90 * 86_400_000;
/** Longest grace period before a factor is demanded: a year. */
export const GRACE_MAX_MS = 365 * 86_400_000;
