/** What holds where a setting is empty, to be shown in its place; a test compares it with what points of presence do. */
export const DEFAULTS = {
  answerMs: 60_000,
  headerBytes: 32_768,
  minimumBytes: 1_024,
  cacheAnswerBytes: 1_048_576,
  maintenanceRetryAfterMs: 60_000,
} as const;

/** Silence after which the session of a UDP port ends. */
export const USUAL_UDP_IDLE_MS = 120_000;

/** Put beside a number of requests, until somebody chooses another. */
export const USUAL_RATE_PER_MS = 60_000;
