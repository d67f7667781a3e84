/** Specification constants: values that an RFC gives. */

/** Initial RTO before the first RTT sample (RFC 6298 section 2.1). */
export const RTO_INITIAL_MS = 1000;
/** Upper bound of a backed-off RTO (RFC 6298 section 2.4). */
export const RTO_MAX_MS = 60_000;
/** RTO for data after a SYN had to be sent again (RFC 6298 section 5.7). */
export const RTO_AFTER_LOST_SYN_MS = 3000;
/** Initial congestion window in segments (RFC 6928). */
export const INITIAL_WINDOW_SEGMENTS = 10;
/** Congestion window after a timeout, in segments (RFC 5681 section 3.1). */
export const LOSS_WINDOW_SEGMENTS = 1;
/** Duplicate acknowledgements that mean loss (RFC 5681 section 3.2). */
export const DUPLICATE_THRESHOLD = 3;
/** CUBIC's scaling constant (RFC 9438 section 5.1). */
export const CUBIC_C = 0.4;
/** CUBIC's multiplicative decrease (RFC 9438 section 4.6). */
export const CUBIC_BETA = 0.7;
/** HyStart++ bounds of the RTT increase that ends slow start (RFC 9406 section 4.3). */
export const HYSTART_MIN_RTT_THRESHOLD_MS = 4;
export const HYSTART_MAX_RTT_THRESHOLD_MS = 16;
/** RTT samples that a HyStart++ round needs (RFC 9406 section 4.3). */
export const HYSTART_SAMPLES = 8;
/** Growth divisor and rounds of conservative slow start (RFC 9406 section 4.3). */
export const HYSTART_CSS_DIVISOR = 4;
export const HYSTART_CSS_ROUNDS = 5;
/** Recoveries for which a widened RACK reordering window is kept (RFC 8985 section 3.2). */
export const RACK_WINDOW_PERSIST = 16;
/** MSS when the peer offers none (RFC 9293 section 3.7.1). */
export const DEFAULT_MSS_IPV4 = 536;
export const DEFAULT_MSS_IPV6 = 1220;
/** Window scale shifts above this are read as this (RFC 7323 section 2.3). */
export const MAX_WINDOW_SHIFT = 14;
/** A TS.Recent older than this no longer rejects segments (24 days, RFC 7323 section 5.5). */
export const PAWS_IDLE_MS = 24 * 24 * 3600 * 1000;
/** IPv6 minimum link MTU (RFC 8200 section 5). */
export const IPV6_MIN_MTU = 1280;

/** Implementation constants: our choice. */

/** Least distance between SRTT and RTO; the usual value of kernels. */
export const RTO_MIN_MS = 200;
/** A connection whose oldest segment stays unacknowledged for this long fails (R2 of RFC 1122 section 4.2.3.5 asks >= 100 s). */
export const UNACKNOWLEDGED_TIMEOUT_MS = 120_000;
/** How long `connectTcp` tries unless told otherwise. */
export const CONNECT_TIMEOUT_MS = 30_000;
/** How long an accepted connection waits for the third packet of the handshake. */
export const HANDSHAKE_TIMEOUT_MS = 20_000;
/** How long an inbound attempt may wait for the program's answer. */
export const ATTEMPT_TIMEOUT_MS = 60_000;
/** Delayed acknowledgement; RFC 9293 section 3.8.6.3 allows up to 500 ms. */
export const DELAYED_ACK_MS = 40;
/** The longest delay expected of a peer's acknowledgements, for tail loss probes (RFC 8985 section 7.2). */
export const PEER_DELAYED_ACK_MS = 60;
/** First segments of a connection that are acknowledged at once, so that the peer's slow start is not slowed. */
export const QUICK_ACK_SEGMENTS = 16;
/** Least tail loss probe timeout; below it timer noise would probe for nothing. */
export const TAIL_LOSS_PROBE_MIN_MS = 10;
/** TIME-WAIT: shorter than 2 MSL, because timestamps guard reuse (RFC 6191) and paths are tunnels, not the open Internet. */
export const TIME_WAIT_MS = 10_000;
/** Connections in TIME-WAIT; the oldest goes first. */
export const MAX_TIME_WAIT = 4096;
/** Keep-alive that guards FIN-WAIT-2 where the program set none: a vanished peer must not stay for ever. */
export const FIN_WAIT_KEEP_ALIVE = { idleMs: 60_000, intervalMs: 15_000, probes: 4 } as const;
/** Connections of all states. */
export const MAX_CONNECTIONS = 65_536;
/** Inbound attempts that wait, over all listeners. */
export const MAX_ATTEMPTS = 4096;
/** Attempts and half-open connections of one listener unless told otherwise; one source has half of them at most. */
export const DEFAULT_BACKLOG = 2048;
/** Of those, what one source may have however few are free: who comes late still gets some streams through. */
export const BACKLOG_SHARE_LEAST = 16;
/** Bytes queued over all connections. */
export const MEMORY_BYTES = 256 * 1024 * 1024;
/** Receive buffer at first and at most, per connection. */
export const RECEIVE_BUFFER_INITIAL_BYTES = 256 * 1024;
export const RECEIVE_BUFFER_MAX_BYTES = 4 * 1024 * 1024;
/** Send buffer at first and at most, per connection. */
export const SEND_BUFFER_INITIAL_BYTES = 256 * 1024;
export const SEND_BUFFER_MAX_BYTES = 4 * 1024 * 1024;
/** Cap of the congestion window: more than any window a peer can offer us in practice. */
export const CONGESTION_WINDOW_MAX_BYTES = 64 * 1024 * 1024;
/** Received payload is copied into blocks, so that reads are few and large: size of the first after a pause, and the largest. */
export const RECEIVE_BLOCK_MIN_BYTES = 4096;
export const RECEIVE_BLOCK_MAX_BYTES = 65_536;
/** Most of a packet that an ICMP error could quote. */
export const QUOTABLE_BYTES = 1024;
/** Separate runs of out-of-order bytes per connection. */
export const MAX_REASSEMBLY_RANGES = 256;
/** Out-of-order pieces per connection. */
export const MAX_REASSEMBLY_PIECES = 8192;
/** Records of sent segments kept for reuse, per stack. */
export const SEGMENT_POOL_SIZE = 8192;
/** Segments a connection may send before the next one's turn. */
export const SEND_QUANTUM_SEGMENTS = 16;
/** Prebuilt packets (RST, ICMP, UDP) waiting to be polled; more are dropped. */
export const MAX_CONTROL_PACKETS = 1024;
/** Challenge and other unsolicited ACKs of one connection: one per this time (RFC 5961 section 7). */
export const CHALLENGE_ACK_INTERVAL_MS = 250;
/** RST answers to packets without a connection, per second, and burst. */
export const RESETS_PER_SECOND = 1000;
/** ICMP errors sent, per second, and burst (RFC 4443 section 2.4 f). */
export const ICMP_ERRORS_PER_SECOND = 100;
/** Echo replies sent, per second, and burst. */
export const ECHO_REPLIES_PER_SECOND = 1000;
/** Received datagrams waiting per UDP socket, in datagrams and bytes. */
export const UDP_QUEUE_DATAGRAMS = 512;
export const UDP_QUEUE_BYTES = 1024 * 1024;
/** Echo replies waiting to be pulled as events. */
export const MAX_ECHO_EVENTS = 64;
/** Smallest path MTU believed from ICMP over IPv4: a forged tiny value would make sending needlessly dear (RFC 5927 section 7). */
export const MIN_PATH_MTU_IPV4 = 576;
/** Destinations whose path MTU is remembered for new connections; the oldest is forgotten. */
export const MAX_PATH_MTUS = 4096;
/** Hop limit and TTL of what we send. */
export const HOP_LIMIT = 64;
/** Ephemeral ports (RFC 6056 section 3.2 wants a wide range). */
export const EPHEMERAL_PORT_FIRST = 16_384;
export const EPHEMERAL_PORT_LAST = 65_535;
/** After a change of path, connections that heard their peer within this time send an acknowledgement of their own accord. */
export const PATH_CHANGE_ACK_MS = 5_000;
