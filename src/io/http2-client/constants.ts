/** Connections to one target of one connector: one is enough until more streams are open than it may have. */
export const HTTP2_CONNECTIONS = 8;
/** The same for WebSockets, which have connections of their own, so that those that are open keep no request waiting. */
export const HTTP2_WEB_SOCKET_CONNECTIONS = 256;
/** Streams on one connection, where the target allows as many: about what servers allow by default. */
export const HTTP2_STREAMS_A_CONNECTION = 100;
/** What may come on one stream before it is read: a tunnel of 50 ms carries 10 MB/s with it, and no more is held for a slow client. */
export const HTTP2_STREAM_WINDOW_BYTES = 524_288;
/** The same for all streams of a connection. What a stream takes from it is given back at once. */
export const HTTP2_CONNECTION_WINDOW_BYTES = 4_194_304;
/** Memory of one connection's session, in MB: its streams' windows, with room for heads. */
export const HTTP2_SESSION_MEGABYTES = 64;
/** Fields of one head or trailer of an answer. */
export const HTTP2_FIELDS = 256;
/** How long a connection without streams is kept. Longer than for HTTP/1.1: servers say goodbye (GOAWAY) before they close. */
export const HTTP2_IDLE_MS = 60_000;
/** Silence after which a target is asked whether it is there. gRPC servers send away clients that ask more often than every five minutes. */
export const HTTP2_PING_AFTER_MS = 330_000;
/** How long it may take to say so. */
export const HTTP2_PING_TIMEOUT_MS = 20_000;
/** Of a body whose length is not told: what is kept until an answer comes, so that the request can be made again. */
export const HTTP2_KEPT_BODY_BYTES = 65_536;
