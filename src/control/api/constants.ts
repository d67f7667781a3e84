/** How long the answer to a request that named itself is kept (draft-ietf-httpapi-idempotency-key-header section 2.3). */
export const IDEMPOTENCY_LIFE_MS = 86_400_000;
/** Names of requests that one caller may have within that: one every ten seconds, all day. */
export const IDEMPOTENCY_KEYS_MAX = 10_000;
/** Longest name of a request: a UUID and whatever is put before it. */
export const IDEMPOTENCY_KEY_CHARS_MAX = 255;
/** Longest answer that is kept; what is longer is done, and cannot be answered again. */
export const IDEMPOTENCY_ANSWER_MAX_BYTES = 262_144;
/** A request that is under way for this long belongs to a node that died; its name may be used anew. */
export const IDEMPOTENCY_RUNNING_MS = 120_000;
/** An answer up to this length is kept whatever else is: most are a row of a list. */
export const IDEMPOTENCY_ANSWER_SHORT_BYTES = 4_096;
/** What longer answers of one caller may take together within the day. */
export const IDEMPOTENCY_ANSWERS_MAX_BYTES = 4 * 1024 * 1024;
