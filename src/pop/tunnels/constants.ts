import { CONNECTOR_BLUEPRINT_PORT, CONNECTOR_DIAGNOSIS_PORT, CONNECTOR_LINK_PORT } from '../../core/link/index.ts';

/** Links of connectors and PoPs that may be opening at once. */
export const LINK_BACKLOG = 1_024;
/** Bytes that may wait for a connector or PoP that does not read its link before it is cut. */
export const LINK_UNSENT_MAX_BYTES = 4 * 1024 * 1024;
/** Targets of which the word of one connector is kept. */
export const MAXIMUM_TARGETS_PER_CONNECTOR = 10_000;
/** How often PoPs tell one another how they are. */
export const REPORT_INTERVAL_MS = 1_000;
/** Round trips to clients are told with every so manieth report: steering learns them over minutes. */
export const PREFIXES_EVERY_REPORTS = 4;
/** Wait before the link to a PoP is opened again, when its tunnel is up and the first try, at once, failed. */
export const MESH_RETRY_MS = 2_000;
/** How often names of PoPs whose tunnel is not up are looked up again. */
export const RESOLVE_AGAIN_MS = 10_000;
/** Changes of tunnels are gathered for this long before others are told of them. */
export const NEWS_DELAY_MS = 20;
/** Least time between two such tellings: in a start of everything changes come all the time, to each for every PoP. */
export const NEWS_SPACING_MS = 150;
/** The same for each other PoP, where that is more: each telling is a message to all of them, so many PoPs make no more. */
export const NEWS_SPACING_PER_POP_MS = 4;
/** Silence on a stream after which the other end is asked whether it lives. One that was started anew is asked as soon as it is back. */
export const STREAM_KEEP_ALIVE_MS = 30_000;
/** A connector whose link broke is taken to keep its tunnel for this long: it opens the link again after 2 s. */
export const LINK_REOPENS_WITHIN_MS = 10_000;
/** Open links of one connector that others replace within `RIVAL_WINDOW_MS` before it is said that two share a key. */
export const RIVAL_REPLACEMENTS = 3;
/** Time in which replacements are counted, and after which they are said again. */
export const RIVAL_WINDOW_MS = 60_000;
/** A connector without a path is lost after this long, unless its direct path is down: a handshake through a relay takes less. */
export const LOST_AFTER_MS = 1_500;
/** A PoP that asks for a stream to a device says so in its first packet; what comes later than this is no request. */
export const DEVICE_REQUEST_TIMEOUT_MS = 5_000;
/** Time to reach a target behind a device for another PoP, which gives up sooner where it has another way. */
export const DEVICE_DIAL_TIMEOUT_MS = 10_000;
/** Streams to devices that one other PoP may have open: a small part of what the TCP/IP of a PoP holds. */
export const MAXIMUM_DEVICE_STREAMS_PER_POP = 4_096;
/** How often it is written where devices are, if they moved; what a crash forgets costs a device two minutes at most. */
export const DEVICE_ENDPOINTS_SAVE_MS = 10_000;
/** While handshakes by unknown keys come, they are told of so often: whoever guesses keys is no reason to fill a disk. */
export const STRANGERS_NEWS_MS = 60_000;
/** What connectors may open streams to at a PoP: their link, and what they hand in for control. */
export const PORTS_OF_CONNECTORS: readonly number[] = [
  CONNECTOR_LINK_PORT,
  CONNECTOR_BLUEPRINT_PORT,
  CONNECTOR_DIAGNOSIS_PORT,
];
