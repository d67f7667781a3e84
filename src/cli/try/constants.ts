/** How often control is told that the program lives; three of these fit into what it waits for. */
export const RENEW_MS = 45_000;
/** How long people wait for the first tunnel and the PoPs before they are told that it is not ready yet. */
export const READY_WAIT_MS = 30_000;
/** Between two looks whether it is. */
export const READY_POLL_MS = 250;
/** How long ending waits for what is open. */
export const DRAIN_MS = 1_000;
/** A folder of a `manis try` that died is removed after this; no quick tunnel lives longer. */
export const LEFT_BEHIND_MS = 8 * 86_400_000;
/** Longest path in a line about a request. */
export const PATH_CHARS_MAX = 60;
