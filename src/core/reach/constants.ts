/**
 * Destinations that one neighbour may name although we do not know them (our snapshot may be a moment behind its own);
 * beyond, what it says is no news but a flood.
 */
export const MAXIMUM_UNKNOWN_DESTINATIONS = 1_024;
/** Entries of one `attached` message: well below what a line between nodes may hold. */
export const ATTACHED_BATCH_ENTRIES = 4_096;
/** A round-trip time is told again when it changed by this share, so that noise makes no traffic. */
export const RTT_NEWS_SHARE = 0.25;
/** And by this much. */
export const RTT_NEWS_MS = 5;
/** How often connectors are told of round trips and load among PoPs, at most. */
export const HEARD_POPS_INTERVAL_MS = 15_000;
