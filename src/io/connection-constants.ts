/** Clients, and as many networks, whose new connections are counted; of those who came longest ago nothing is known any more. */
export const RATED_SOURCES_MAX = 65_536;
