/** Memory of one password hash, in KiB (OWASP's choice for two passes). */
export const ARGON2_MEMORY_KIB = 19_456;
/** Passes of one password hash. */
export const ARGON2_PASSES = 2;
/** Hashes computed at the same time: 40 MiB and two threads of the pool at the most. */
export const ARGON2_CONCURRENCY = 2;
/** Hashes that wait; beyond this sign-in says that it is busy. */
export const ARGON2_QUEUE_MAX = 64;
/** Shortest password, in characters. */
export const PASSWORD_MIN_CHARS = 10;
/** Longest password, in characters; more is work for nothing. */
export const PASSWORD_MAX_CHARS = 512;
