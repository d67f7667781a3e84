/** Path of the PoP's link on control's HTTPS listener. */
export const LINK_PATH = '/link/v1/pop';
/** How often control pings. */
export const LINK_PING_INTERVAL_MS = 2_000;
/** Silence after which either end gives the link up: three pings and a busy moment. */
export const LINK_SILENCE_MS = 7_000;
/** Time for challenge, prove and welcome. */
export const LINK_HANDSHAKE_TIMEOUT_MS = 5_000;
/** Connections that have not proved themselves yet; beyond, the oldest goes: a PoP proves itself within a round trip. */
export const LINK_UNPROVEN_MAX = 64;
/** The same from one address (IPv6: one /64), so that nobody pushes the others' out from a single place. */
export const LINK_UNPROVEN_PER_ADDRESS_MAX = 8;
/** Bytes that may wait for a PoP when another message is due; a slower PoP is cut and comes back for the whole. */
export const LINK_BACKLOG_MAX_BYTES = 16 * 1024 * 1024;
/** First pause before the PoP connects again; it doubles, and each is drawn from its upper half (jitter). */
export const LINK_RETRY_FIRST_MS = 250;
/** Longest pause before the PoP connects again. */
export const LINK_RETRY_MAX_MS = 10_000;
/** PoPs whose control node is gone go to the others within this time, each at a moment of chance. */
export const LINK_SPREAD_MS = 200;
/** A link that lived this long makes the next pause the first again. */
export const LINK_STABLE_MS = 10_000;
/** Bytes that may wait for control: audit events and status are dropped beyond, and counted. */
export const LINK_CLIENT_BACKLOG_MAX_BYTES = 4 * 1024 * 1024;
/** Difference between this machine's clock and that of the other end of a link that is told of; the way is far below. */
export const CLOCK_SKEW_MAX_MS = 30_000;
