/** Time for one answer of a directory: a busy authority takes seconds to sign. */
export const ACME_TIMEOUT_MS = 20_000;
/** Longest answer that is read: a chain of certificates is a few thousand bytes. */
export const ACME_ANSWER_MAX_BYTES = 1024 * 1024;
/** Longest text of a directory that is kept for people. */
export const ACME_TEXT_MAX_CHARS = 500;
/** Longest wait that a directory may ask for; a week of rate limits, and no typing error of ten years. */
export const RETRY_AFTER_MAX_MS = 8 * 86_400_000;
