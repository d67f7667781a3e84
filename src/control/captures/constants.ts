/** Captured requests a second that one PoP may have kept, over a while; PoPs send as many of one second at most. */
export const CAPTURES_PER_SECOND_PER_POP = 100;
/** Captured requests that wait for the store, of all PoPs; more are lost rather than filling memory. */
export const CAPTURES_WAITING_MAX = 400;
/** How often it is logged that captured requests found no room: a flood is one line. */
export const CAPTURES_LOST_LOG_MS = 60_000;
/** Resources of which it is remembered how many were lost; beyond that the numbers begin anew. */
export const CAPTURES_LOST_RESOURCES_MAX = 1_000;
/** What a row takes beside what is sealed in it: ids, times and indexes, about. */
export const CAPTURE_ROW_BYTES = 200;
/** How often those that have ended are deleted; they are not shown from the moment that they end. */
export const CAPTURE_TRIM_MS = 60_000;
/** How long the session of a replay is good for: until the PoP has it. */
export const REPLAY_SESSION_MS = 60_000;
/** How long control waits for a PoP to say what came of a replay: a little longer than the PoP takes. */
export const REPLAY_ANSWER_MS = 35_000;
/** Replays that wait for an answer at once, on one node. */
export const REPLAYS_WAITING_MAX = 100;
/** Longest body that is given for a replay, in UTF-16 units or as base64. */
export const REPLAY_BODY_CHARS = 384 * 1024;
