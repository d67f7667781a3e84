/** Requests that one client may have open at once on a connection; browsers open about as many, gRPC clients keep to it. */
export const HTTP2_CONCURRENT_STREAMS = 100;
/** Window of one stream: what a client may send of a body before anybody reads it. 10 Mbit/s over 100 ms of round trip. */
export const HTTP2_STREAM_WINDOW_BYTES = 131_072;
/** Window of the connection: what all its streams may send before it is read; node reads it at once into theirs. */
export const HTTP2_CONNECTION_WINDOW_BYTES = 1_048_576;
/**
 * Body bytes of all connections that came and nobody read; beyond, the connection that holds the most of them is cut. One alone may
 * hold what its windows allow, HTTP2_CONCURRENT_STREAMS times HTTP2_STREAM_WINDOW_BYTES: its backend may be the slow one.
 */
export const HTTP2_UNREAD_BYTES_TOTAL = 268_435_456;
/** Memory of one connection within the HTTP/2 library, in megabytes: header tables, streams, what waits to be written. */
export const HTTP2_CONNECTION_MEGABYTES = 4;
/** Size of one request's fields as HTTP/2 counts it that the library takes: more than is admitted, so that the answer is 431. */
export const HTTP2_HEADER_LIST_BYTES = 65_536;
/** Fields of one request that the library takes: more than are admitted, and a Cookie may come in crumbs (RFC 9113 section 8.2.3). */
export const HTTP2_HEADER_PAIRS = 512;
/** What each field counts beyond its name and value (RFC 9113 section 6.5.2). */
export const HTTP2_FIELD_OVERHEAD_BYTES = 32;
/** Table of header compression, each way: the protocol's default, which is what an encoder of a client expects. */
export const HTTP2_HEADER_TABLE_BYTES = 4_096;
/** SETTINGS entries of one frame; there are eight kinds. */
export const HTTP2_SETTINGS_ENTRIES = 32;
/** Frames that break the protocol but not the connection, over its life; beyond, the library closes it. */
export const HTTP2_INVALID_FRAMES = 32;
/** Streams beyond HTTP2_CONCURRENT_STREAMS that are refused before the connection is closed: honest clients do not open them. */
export const HTTP2_REJECTED_STREAMS = 100;
/** Between two looks at the connections: how soon one that floods, or whose client does not move, is seen. */
export const HTTP2_LOOK_MS = 1_000;
/** Requests that a client takes back at once: a page that is left resets all of its own, some pages one after the other. */
export const HTTP2_RESETS_BURST = 256;
/** Requests that a client may take back in a second for ever (CVE-2023-44487: thousands). */
export const HTTP2_RESETS_PER_SECOND = 32;
/** PINGs at once; clients measure their round trip by them, and gRPC sends one for every flight that it receives. */
export const HTTP2_PINGS_BURST = 512;
/** PINGs a second for ever. */
export const HTTP2_PINGS_PER_SECOND = 64;
/** A client that was sent so many bytes since its last PING may send one more: an answer to a PING has 17. */
export const HTTP2_BYTES_PER_PING = 64;
/** SETTINGS frames at once; most clients send one in a connection's life. */
export const HTTP2_SETTINGS_BURST = 16;
/** SETTINGS frames a second for ever. */
export const HTTP2_SETTINGS_PER_SECOND = 1;
/** Time to acknowledge our SETTINGS; every client does with its first words. */
export const HTTP2_SETTINGS_TIMEOUT_MS = 15_000;
/**
 * Bytes that a connection may bring at once beyond what its requests, bodies and windows explain: empty DATA, PRIORITY,
 * WINDOW_UPDATE, CONTINUATION and unknown frames, padding, and whatever else costs work and asks for nothing.
 */
export const HTTP2_IDLE_BYTES_BURST = 1_048_576;
/** Such bytes a second for ever. */
export const HTTP2_IDLE_BYTES_PER_SECOND = 65_536;
/** What a request brings beside its fields and body: frame heads, and the records of TLS around them. */
export const HTTP2_REQUEST_OVERHEAD_BYTES = 512;
/** A byte that a client gets lets it send this part of one in windows: two WINDOW_UPDATEs in a record for each 2 KiB. */
export const HTTP2_WINDOW_BYTES_PER_BYTE = 1 / 32;
/** Between two looks whether a connection that is to end is quiet; a request on its way arrives in this time. */
export const HTTP2_QUIET_MS = 200;
/** Such looks before it ends although it is not: clients send what was not taken once more (RFC 9113 section 8.7). */
export const HTTP2_QUIET_LOOKS = 2;
/** Accept of a WebSocket is made with this (RFC 6455 section 1.3). */
export const WEB_SOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
