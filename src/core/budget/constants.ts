/** The span over which tries are counted: fewer than 100 wrong PINs within any hour. */
export const TRY_WINDOW_MS = 3_600_000;
/** Tries that control hands out at once: a PoP asks seldom, and little is lost where it needs them no more. */
export const TRIES_PER_LEASE = 4;
/** Life of such a lease; what was handed out before an hour began may be spent in it, so it is short. */
export const TRY_LEASE_MS = 5 * 60_000;
/** Pause before control is asked again after it had nothing: a flood of refused tries asks seldom. */
export const LEASE_REFUSED_MS = 10_000;
/** PoPs that are gone and still count where shares are split; beyond, the first of them is forgotten. */
export const GONE_POPS_MAX = 256;
/** Addresses that are remembered to have signed in with a credential. */
export const KNOWN_ADDRESSES_MAX = 256;
/** For how long an address is remembered: those who come every month stay known. */
export const KNOWN_ADDRESS_MS = 40 * 86_400_000;
/** Wrong tries of single addresses and browsers that are remembered; beyond, the oldest are forgotten. */
export const TRY_SOURCES_MAX = 20_000;
/** A share link with fewer uses is counted by control alone; of others the PoPs keep a part for times without it. */
export const SHARED_USES_MIN = 8;
/** The part of a link's uses that PoPs keep, as a divisor: a quarter. */
export const SHARED_USES_DIVISOR = 4;
/** Credentials of which a PoP remembers tries; beyond, those without a recent one are refused. */
export const BUDGETS_MAX = 20_000;
/** Of places that several organisations take, this part (one in so many) is kept for those who have less than an equal share. */
export const RESERVED_PLACES_DIVISOR = 4;
