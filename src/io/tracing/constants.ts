/** Spans that wait to be exported or are on their way: some seconds of a busy PoP; what comes on top is dropped and counted. */
export const SPAN_QUEUE_MAX = 4_096;
/** Spans in one request to a collector: the size that collectors and their limits are made for. */
export const SPAN_BATCH_MAX = 512;
/** How long spans gather before they are sent. */
export const SPAN_EXPORT_INTERVAL_MS = 5_000;
/** Time that a collector has to answer. */
export const SPAN_EXPORT_TIMEOUT_MS = 10_000;
/** Times that a batch is sent before it is given up: a collector that restarts is back by then. */
export const SPAN_EXPORT_TRIES = 4;
/** Between the first two of them; twice as long each time. */
export const SPAN_RETRY_MS = 1_000;
/** Longest that a collector may ask us to wait. */
export const SPAN_RETRY_MAX_MS = 30_000;
/** Longest answer of a collector that is read: it says how many spans it did not take. */
export const SPAN_ANSWER_BYTES = 64 * 1024;
