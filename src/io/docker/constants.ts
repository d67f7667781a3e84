/** Longest wait for the engine's list; it is on the same machine. */
export const ENGINE_TIMEOUT_MS = 10_000;
/** Longest list: ten thousand containers. */
export const ENGINE_ANSWER_BYTES = 64 * 1024 * 1024;
/** Longest event that is waited for. */
export const ENGINE_EVENT_CHARS = 1024 * 1024;
/** Events that come together (a whole compose project) are looked at once. */
export const ENGINE_SETTLE_MS = 500;
/** How long after the engine was lost it is asked again. */
export const ENGINE_RETRY_MS = 5_000;
