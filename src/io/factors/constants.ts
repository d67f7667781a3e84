/** Length of a TOTP secret in bytes: that of SHA-1's output, as RFC 4226 section 4 recommends. */
export const TOTP_SECRET_BYTES = 20;
/** One code's time (RFC 6238 section 5.2). */
export const TOTP_PERIOD_MS = 30_000;
/** Steps before and after the present one whose codes are taken: clocks of telephones differ, and typing takes time. */
export const TOTP_WINDOW_STEPS = 1;
/** Recovery codes of one set. */
export const RECOVERY_CODES = 10;
/** Random characters of a recovery code: 80 bits, which nobody guesses and a plain hash keeps. */
export const RECOVERY_CODE_CHARACTERS = 16;
/** Longest answer of a passkey that is looked at; with attestation left out they have about 1 kB. */
export const PASSKEY_ANSWER_MAX_CHARS = 12_000;
