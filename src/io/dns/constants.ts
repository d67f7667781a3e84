/** Bytes of queries that the kernel keeps while this program is busy. */
export const UDP_RECEIVE_BUFFER_BYTES = 1024 * 1024;
/** TCP connections at once; for another, the one that was answered longest ago goes. */
export const TCP_CONNECTIONS_MAX = 256;
/** TCP connections at once from one address (IPv6: one /64): a resolver needs few. */
export const TCP_CONNECTIONS_PER_ADDRESS_MAX = 16;
/** Time without an answer after which a TCP connection is closed (RFC 7766 section 6.2.3 wants a few seconds). */
export const TCP_IDLE_MS = 5_000;
/** Longest life of a TCP connection, however much it asks. */
export const TCP_LIFE_MAX_MS = 120_000;
/** Largest query over TCP; real ones have some hundred bytes. */
export const TCP_QUERY_MAX_BYTES = 4_096;
/** Bytes of answers that may wait for a client that does not read; beyond, it is cut. */
export const TCP_BACKLOG_MAX_BYTES = 256 * 1024;
