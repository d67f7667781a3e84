/** Memory for captured requests that are not sent yet, on their way in or over: a small part of what a PoP has. */
export const CAPTURE_ROOM_BYTES = 8 * 1024 * 1024;
/** Captured requests of a second and resource: webhooks, not a load test. */
export const CAPTURES_OF_RESOURCE_PER_SECOND = 20;
/** The same of all resources: control seals and writes so many at once. */
export const CAPTURES_PER_SECOND = 100;
/** What is sent of them in a second, in UTF-16 units: the link has more important things to carry. */
export const CAPTURE_CHARS_PER_SECOND = 1024 * 1024;
/** Longest message of several: half of what a frame may have; a larger one holds a single request. */
export const CAPTURE_MESSAGE_CHARS = 512 * 1024;
/** What one takes beside fields and bodies. */
export const CAPTURE_OVERHEAD_BYTES = 512;
/** Longest target of a captured request; a head may be as long. */
export const CAPTURED_TARGET_CHARS = 8 * 1024;
/** Replays under way at once: people press a button. */
export const REPLAYS_AT_ONCE = 8;
/** How long a replay may take; whoever asked waits for it. */
export const REPLAY_MS = 30_000;
/** Of an answer to a replay this much is read before it is cut: what is kept of it was captured on its way. */
export const REPLAY_ANSWER_BYTES = 1024 * 1024;
