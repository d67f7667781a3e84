/** Share of its life after which a certificate is renewed: a third is left for whatever goes wrong. */
export const RENEW_AT_SHARE = 2 / 3;
/** A certificate that lives no longer is short-lived. */
export const SHORT_LIVED_MS = 10 * 86_400_000;
/** The same share for those: days count more than orders. */
export const RENEW_SHORT_LIVED_AT_SHARE = 1 / 2;
/** Share of its life over which renewals are spread, so that those that were issued together do not come together again. */
export const RENEWAL_SPREAD_SHARE = 0.05;
/** Share of its life that is left at the least, whatever window the directory suggests. */
export const LAST_SHARE = 0.05;
/** How often a directory is asked for its window where it does not say: RFC 9773 section 4.3 leaves it to us. */
export const WINDOW_CHECK_MS = 6 * 3_600_000;
/** No more often than this, whatever it says (RFC 9773 section 4.3.1). */
export const WINDOW_CHECK_MIN_MS = 60_000;
/** And no less often. */
export const WINDOW_CHECK_MAX_MS = 86_400_000;
/** Pauses after tries that failed since the directory could not be reached; the last one goes on. */
export const UNREACHABLE_DELAYS_MS = [30_000, 60_000, 300_000, 900_000, 3_600_000];
/** The same after refusals: authorities allow five failed proofs of a name an hour. */
export const REFUSED_DELAYS_MS = [300_000, 900_000, 3_600_000, 10_800_000, 43_200_000, 86_400_000];
/** The same where there were too many orders, unless the directory says how long. */
export const RATE_LIMITED_DELAYS_MS = [3_600_000, 10_800_000, 43_200_000, 86_400_000];
/** A pause is longer by up to this share of it, so that many that failed together do not come back together. */
export const RETRY_SPREAD_SHARE = 0.25;
/** First look at an order after the directory was told that it can look. */
export const ORDER_LOOK_MS = 500;
/** Longest pause between two looks at an order, unless the directory asks for more. */
export const ORDER_LOOK_MAX_MS = 10_000;
/** Longest life of an order: authorities validate within seconds, and a proof that takes longer is begun anew. */
export const ORDER_LIFETIME_MS = 1_800_000;
