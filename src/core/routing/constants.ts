/** Successful checks in a row that make an unhealthy target healthy. */
export const HEALTHY_THRESHOLD = 2;
/** Failed checks in a row that make a target unhealthy. */
export const UNHEALTHY_THRESHOLD = 3;
/** Time from one check to the next of a target that is well. */
export const CHECK_INTERVAL_MS = 5_000;
/** The same of a target that is not well: news of it matters more. */
export const CHECK_UNHEALTHY_INTERVAL_MS = 2_000;
/** Time for one check; below the interval, so that one target never runs two. */
export const CHECK_TIMEOUT_MS = 3_000;
/** Share of an interval by which checks vary, so that they do not march in step. */
export const CHECK_JITTER = 0.1;
/** First checks of a new grant are spread over this time. */
export const FIRST_CHECKS_SPREAD_MS = 1_000;
/** Checks of one connector that run at once. */
export const MAXIMUM_CHECKS_AT_ONCE = 64;
/** Failed requests in a row, seen by the PoP, that eject a way to a target. */
export const EJECTION_THRESHOLD = 5;
/** First time that an ejected way stays out; doubled for each further ejection. */
export const EJECTION_MS = 10_000;
/** Longest time that an ejected way stays out. */
export const MAXIMUM_EJECTION_MS = 300_000;
/** Time constant of the moving average of latency. */
export const LATENCY_DECAY_MS = 10_000;
/** Latency that a target without measurements is taken to have: low, so that it is tried. */
export const INITIAL_LATENCY_MS = 5;
/** Latency charged for a request that failed, so that quick failures do not look like speed. */
export const FAILURE_LATENCY_MS = 2_000;
/** Retries that each request earns. */
export const RETRY_RATIO = 0.2;
/** Retries that may be saved up. */
export const RETRY_BURST = 100;
/** Retries a second that are earned without requests, so that a quiet resource can retry too. */
export const RETRY_PER_SECOND = 1;
/** Tries of one request, and targets that it may choose from. */
export const MAXIMUM_TRIES = 3;
/** Labels of a host name are at most this long (RFC 1035 section 2.3.4). */
export const MAXIMUM_LABEL_LENGTH = 63;
/** Longest host name (RFC 1035 section 2.3.4, in text without the trailing dot). */
export const MAXIMUM_HOST_LENGTH = 253;
/** Longest path of a unix socket; the address of one has 108 bytes on Linux, 104 elsewhere, with a zero at the end. */
export const MAXIMUM_SOCKET_PATH_BYTES = 103;
/** Longest identity value that is written to a backend, in octets. */
export const MAXIMUM_IDENTITY_VALUE_LENGTH = 4_096;
/** Addresses of an X-Forwarded-For chain from trusted proxies that are kept. */
export const MAXIMUM_FORWARDED_HOPS = 20;
