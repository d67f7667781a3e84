/** Connections that wait to be accepted on one port: what comes in a burst while the program is busy. */
export const STREAM_BACKLOG = 512;
/** Silence after which it is asked whether a client still lives; the kernel gives up some minutes later. */
export const STREAM_KEEP_ALIVE_MS = 60_000;
/** How often a WebSocket that carries bytes asks for a sign of life: well below what routers take for idle. */
export const BYTES_PING_MS = 25_000;
/** How long nothing may be heard of its other end: three pings without an answer. */
export const BYTES_SILENCE_MAX_MS = 75_000;
/** How long the other end may take to end a connection after both ways have ended. */
export const BYTES_CLOSE_MS = 5_000;
