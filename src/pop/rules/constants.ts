/** Silence of a backend after which a compressor gives out what it holds: a person does not notice, and a burst is over. */
export const ENCODER_QUIET_MS = 20;
/** Public answers that one PoP keeps in memory, over all resources. */
export const MAXIMUM_KEPT_BYTES = 67_108_864;
/** Answers that are collected while they pass, all together: clients that read slowly make no more of them. */
export const MAXIMUM_COLLECTED_BYTES = 33_554_432;
/** Largest answer that is kept where a resource does not say: scripts and pictures are smaller, films are not for a memory. */
export const DEFAULT_KEPT_ANSWER_BYTES = 1_048_576;
/** What an answer that is kept costs beside its bytes: objects, keys, and strings of two bytes a letter. */
export const KEPT_ANSWER_OVERHEAD_BYTES = 1_024;
/** Variants of one address (by Accept-Language and the like); more is a field that nobody should vary by. */
export const KEPT_VARIANTS_MAX = 8;
/** What the time of a target to answer is longer in io than the resource says: timers there count in half seconds. */
export const ANSWER_MARGIN_MS = 2_000;
/** Public answers that one PoP renews at once while nobody waits for them; whoever comes then waits for the target, as without. */
export const RENEWALS_AT_ONCE = 64;
/** Longest time that such a renewal takes, body and all: what is slower is left to somebody who wants it. */
export const RENEWAL_MS = 30_000;
