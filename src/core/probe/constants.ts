/** Shortest probe that is answered: longer than the answer, so that nobody can be flooded by way of a PoP. */
export const PROBE_MINIMUM_BYTES = 64;
/** Longest answer that a probe may ask for over a carrier, where the asker cannot lie about its address. */
export const PROBE_BULK_MAXIMUM_BYTES = 16_384;
/** Probes of one address (IPv6: one /64) that are answered within a second. */
export const PROBES_PER_ADDRESS = 200;
/** Probes that a node answers within a second. */
export const PROBES_PER_SECOND = 2_000;
