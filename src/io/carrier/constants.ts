/** Bytes that may wait in one carrier; beyond, datagrams are dropped as a full link would. A turn of the driver makes so many. */
export const FULL_BYTES = 1_048_576;
/** Bytes that may stand in a carrier for longer than STANDING_MS: a long queue on a slow line makes everybody wait. */
export const STANDING_BYTES = 65_536;
/** How long a queue may stand; longer than what the TCP below needs to get over a lost segment. */
export const STANDING_MS = 250;
/** A queue that was found standing must still stand after this time: a process that was held up says nothing of the line. */
export const STANDING_DOUBT_MS = 50;
/** First buffer of a frame; one full-sized datagram. It doubles while a frame needs more. */
export const FIRST_FRAME_BYTES = 2_048;
/** Time in which a new carrier must bring an authenticated handshake; anybody can open one. */
export const PROOF_MS = 10_000;
/** How often carriers are gone over for those without proof and those that nobody uses. */
export const SWEEP_MS = 1_000;
/** A carrier that no peer uses any more is cut after this time; its peer has another one, or is gone. */
export const UNUSED_MS = 60_000;
/** Open carriers of one PoP. */
export const MAXIMUM_CARRIERS = 16_384;
/** Open carriers of one IPv4 address or IPv6 /64: as many connectors as one office may have behind its NAT. */
export const MAXIMUM_CARRIERS_PER_ADDRESS = 128;
/** Carriers without proof; one more cuts the oldest of them, so that a flood cannot keep out those that prove themselves. */
export const MAXIMUM_UNPROVEN_CARRIERS = 1_024;
/** Time for a carrier to open: proxy, TCP, TLS and upgrade. */
export const OPEN_TIMEOUT_MS = 10_000;
/** Wait before a carrier that did not open, or was cut, is tried again; doubled with each failure in a row. */
export const RETRY_FIRST_MS = 250;
/** However often a carrier failed, it is tried again after this time. */
export const RETRY_MAX_MS = 30_000;
/** A carrier that lived this long was no failure. */
export const STABLE_MS = 10_000;
/** An open carrier whose path is down for this long is cut and made anew: TCP may not notice for minutes. */
export const DEAD_MS = 5_000;
/** What was said at the end has this long to leave. */
export const LEAVE_MS = 1_000;
/** Pieces of one frame, as WebSocket fragments: nobody has a reason to cut frames finer, and each piece costs memory. */
export const MAXIMUM_FRAGMENTS = 64;
/** Pieces in which one frame arrives from TLS. */
export const MAXIMUM_CHUNKS = 512;
