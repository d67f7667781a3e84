/** How often facts about PoPs are taken up for the answers. */
export const STEERING_INTERVAL_MS = 1_000;
/** Control's word on whom it hears counts for this long; it is said every 4 s. */
export const CONTROL_WORD_MS = 12_000;
/** Addresses of one PoP in an answer: one that is reached by several is not to crowd out the others. */
export const ADDRESSES_PER_POP = 2;
/** A flood is told to the log this often while it lasts. */
export const LIMITED_NEWS_MS = 60_000;
/** Bits by which the epoch of a snapshot stands above its revision in the zone's serial number. */
export const SERIAL_EPOCH_SHIFT = 24;
