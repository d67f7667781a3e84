/** Life of the local authority's certificate. */
export const CA_LIFETIME_MS = 3650 * 86_400_000;
/** Life of a leaf that the local authority signs. */
export const LEAF_LIFETIME_MS = 90 * 86_400_000;
/** What is left of a leaf when it is made anew. */
export const LEAF_RENEW_BEFORE_MS = 30 * 86_400_000;
/** Certificates begin this long in the past, for clocks that are slow. */
export const CERTIFICATE_BACKDATE_MS = 3_600_000;
