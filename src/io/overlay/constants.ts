/** Slab of one outgoing batch; what one segmentation-offload call can carry. */
export const BATCH_BYTES = 65_536;
/** Datagrams in one batch. */
export const BATCH_DATAGRAMS = 128;
/** Batches sent before incoming datagrams and timers get their turn. */
export const BATCHES_A_TURN = 16;
/** Longest sleep without looking at the deadline again; bounds the harm of a lost wake-up. */
export const LONGEST_SLEEP_MS = 10_000;
/** Bytes a tunnel socket holds for its reader before the receive window closes. */
export const READ_HIGH_WATER_BYTES = 256 * 1024;
/** Bytes a tunnel socket takes from its writer before it says "wait". */
export const WRITE_HIGH_WATER_BYTES = 256 * 1024;
/** Silence on a tunnel socket with keep-alive before the first probe, where the caller names none. */
export const KEEP_ALIVE_IDLE_MS = 60_000;
/** Time between two such probes. */
export const KEEP_ALIVE_INTERVAL_MS = 10_000;
/** Unanswered probes after which the stream fails. */
export const KEEP_ALIVE_PROBES = 6;
/** Silence before the first probe on the link inside a tunnel, at both its ends. */
export const LINK_KEEP_ALIVE_IDLE_MS = 30_000;
/** Time to connect through the overlay where the caller names none. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** How often the newest handshake timestamp is written to disk, at most. */
export const TIMESTAMP_SAVE_MS = 60_000;
