/** Longest header of version 1, its line ending included: the longest line of addresses and ports that section 2.1 allows. */
export const VERSION_1_MAX_BYTES = 107;
/** Longest header of version 2 that is taken, of 65,551 possible ones: addresses and what real proxies add fill a few hundred bytes. */
export const VERSION_2_MAX_BYTES = 4_096;
