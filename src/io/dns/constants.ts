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
/** Time for one server to answer a question of ours, each time it is asked. */
export const LOOKUP_TIMEOUT_MS = 2_000;
/** How often one server is asked: datagrams get lost. */
export const LOOKUP_TRIES = 3;
/** Before the length of an answer over TCP is there, no more than this is waited for. */
export const LOOKUP_TCP_MAX_BYTES = 65_537;
/** Questions about one domain that are on their way at once. */
export const LOOKUP_AT_ONCE = 8;
/** Servers of a zone that are asked: they all have the same, or will. */
export const LOOKUP_SERVERS_MAX = 4;
/** Values of one answer that are kept: a name that has more is not one that leads here. */
export const LOOKUP_FOUND_MAX = 32;
/** Longest text of an answer that is kept: our proofs have some fifty characters. */
export const LOOKUP_TEXT_MAX_CHARS = 300;
