/** Largest piece that goes into one packet of any path of the overlay: 1280 bytes less the headers of IPv6 and UDP (RFC 8200 section 5). */
export const PIECE_MAX_BYTES = 1_232;
/** Largest datagram that is carried: the most that UDP over IPv4 holds. */
export const DATAGRAM_MAX_BYTES = 65_507;
/** Datagrams of a session that wait for pieces at once; of more the oldest is given up. */
export const PARTIAL_DATAGRAMS = 4;
/** A datagram whose pieces are not there after this time is given up. */
export const PARTIAL_MAX_AGE_MS = 2_000;
/**
 * What a client gets that has answered nothing yet: three times what it sent (RFC 9000 section 8.1), and this on top, so
 * that the answer to one DNS query fits (RFC 6891 section 6.2.5). Whoever forged its address gains no more.
 */
export const UNCONFIRMED_BYTES = 4_096;
/** See above. */
export const UNCONFIRMED_FACTOR = 3;
/** What all unconfirmed sessions of one address get in a second: a busy resolver asks each time from another port. */
export const UNCONFIRMED_BYTES_PER_ADDRESS_A_SECOND = 1_048_576;
/** An unconfirmed session is over after this silence: the client has its answer, or was never there. */
export const UNCONFIRMED_IDLE_MS = 10_000;
/** How long an unconfirmed session is left its place to wait for its answer, whoever else wants it: longer than targets usually take. */
export const ANSWER_WINDOW_MS = 2_000;
/** Of the places for unconfirmed sessions, what addresses of one network (IPv4 /24, IPv6 /48) may have: one in so many. */
export const NETWORK_SHARE_DIVISOR = 8;
