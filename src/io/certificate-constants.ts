/** Life of the local authority's certificate. */
export const CA_LIFETIME_MS = 3650 * 86_400_000;
/** Life of a leaf that the local authority signs. */
export const LEAF_LIFETIME_MS = 90 * 86_400_000;
/** What is left of a leaf when it is made anew. */
export const LEAF_RENEW_BEFORE_MS = 30 * 86_400_000;
/** Certificates begin this long in the past, for clocks that are slow. */
export const CERTIFICATE_BACKDATE_MS = 3_600_000;
/** Certificates of a chain that somebody gives; real ones have two or three. */
export const CERTIFICATE_CHAIN_MAX = 10;
/** Names of such a certificate: what public authorities put into one at most. */
export const CERTIFICATE_NAMES_MAX = 100;
/** A certificate may begin so far ahead: the clock of who signed it may be fast. */
export const CERTIFICATE_START_SKEW_MS = 5 * 60_000;
/** The shortest RSA key that browsers and authorities take. */
export const RSA_BITS_MIN = 2_048;
/** Largest file of a certificate or key. */
export const CERTIFICATE_FILE_BYTES_MAX = 262_144;
