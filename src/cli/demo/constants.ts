/** Server-sent events of the demo's clock: once a second shows that they stream and costs nothing. */
export const CLOCK_PERIOD_MS = 1_000;
/** Longest download that the demo makes up: enough to see that memory stays flat. */
export const DOWNLOAD_MAX_BYTES = 4 * 1024 ** 3;
/** Longest message that the demo's WebSocket echoes. */
export const ECHO_MESSAGE_BYTES = 1024 ** 2;
