/** Life of a quick tunnel where nothing else is said: a day at work. */
export const QUICK_TUNNEL_LIFE_MS = 8 * 3_600_000;
/** Longest life of a quick tunnel; what lives longer is kept, and then has a name and an owner. */
export const QUICK_TUNNEL_LIFE_MAX_MS = 7 * 86_400_000;
/** Shortest life of a quick tunnel: connecting takes some of it. */
export const QUICK_TUNNEL_LIFE_MIN_MS = 60_000;
/** A quick tunnel whose program has been silent for this long is over: its machine died, or sleeps. */
export const QUICK_TUNNEL_LEASE_MS = 180_000;
/** How often control looks for quick tunnels that are over. */
export const QUICK_TUNNEL_SWEEP_MS = 15_000;
/** Applications of one quick tunnel: more is a site of its own. */
export const QUICK_TUNNEL_APPLICATIONS_MAX = 16;
