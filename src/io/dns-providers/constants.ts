/** How often a provider that asks for patience is asked again. */
export const PROVIDER_TRIES = 5;
/** Before the second try; twice as long before each later one. */
export const PROVIDER_PAUSE_MS = 1_000;
/** Longest pause that a provider may ask for; beyond, the order fails and comes again later by itself. */
export const PROVIDER_PAUSE_MAX_MS = 30_000;
/** How often it is asked whether a change is everywhere: Amazon says within a minute. */
export const CHANGE_LOOKS_MAX = 24;
/** Between those. */
export const CHANGE_LOOK_MS = 5_000;
/** Life of a proof in a zone, the least that all three take. */
export const PROOF_TTL_SECONDS = 60;
/** Pages of zones or records that are read to find one. */
export const PROVIDER_PAGES_MAX = 20;
