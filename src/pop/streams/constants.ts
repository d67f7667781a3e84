/** Connections of streams that are open at once, of all resources; each takes a socket and some buffers. */
export const MAXIMUM_STREAMS = 20_000;
/** Of one address (IPv6: one /64): an office behind one address works, and one host takes no more than this share. */
export const MAXIMUM_STREAMS_PER_ADDRESS = 1_000;
/** A trusted proxy sends its PROXY header with the first bytes; who is slower than this is no proxy. */
export const PROXY_HEADER_TIMEOUT_MS = 5_000;
/** A client says in its first bytes which name it wants; who is slower than this holds a connection for nothing. */
export const SERVER_NAME_TIMEOUT_MS = 10_000;
/** Ports that one PoP listens on for streams, on each of its addresses. */
export const MAXIMUM_STREAM_PORTS = 4_096;
/** A port that could not be had is tried again after this time: whoever had it may be gone. */
export const PORT_RETRY_MS = 5_000;
/** First port that resources may have where the settings do not say: lower ones belong to the machine. */
export const FIRST_USUAL_PORT = 1_024;
/** Sign-ins that are remembered, the newest of each user and address. */
export const MAXIMUM_SIGN_INS = 50_000;
/** Sign-ins from one address that are looked at for a connection: a large office. */
export const MAXIMUM_SIGN_INS_PER_ADDRESS = 500;
/** Between two writings of the sign-ins to disk: what came since is lost in a crash, and control tells it again. */
export const SIGN_INS_SAVE_MS = 10_000;
/** Sessions of datagrams that are open at once. */
export const MAXIMUM_UDP_SESSIONS = 16_384;
/** Of these, such as never answered: whoever forges addresses, at any rate, can take no more, and those that did answer keep their place. */
export const MAXIMUM_UNCONFIRMED_UDP_SESSIONS = 4_096;
/** Of one address (IPv6: one /64): a resolver asks each time from another port. */
export const MAXIMUM_UDP_SESSIONS_PER_ADDRESS = 1_024;
/** A session in which nothing moves for this long is over, where its resource does not say (RFC 4787 section 4.3 asks for two minutes). */
export const UDP_USUAL_IDLE_MS = 120_000;
