/**
 * Destinations that one neighbour may name although we do not know them (our snapshot may be a moment behind its own);
 * beyond, what it says is no news but a flood.
 */
export const MAXIMUM_UNKNOWN_DESTINATIONS = 1_024;
/** Entries of one `attached` message: well below what a line between nodes may hold. */
export const ATTACHED_BATCH_ENTRIES = 4_096;
/** A round-trip time is told again when it changed by this share, so that noise makes no traffic. */
export const RTT_NEWS_SHARE = 0.25;
/** And by this much. */
export const RTT_NEWS_MS = 5;
/** How often connectors are told of round trips and load among PoPs, at most. */
export const HEARD_POPS_INTERVAL_MS = 15_000;
/** A load is told again when it changed by this much. */
export const UTILISATION_NEWS = 0.05;
/** PoPs that are few enough to measure all of them. */
export const FEW_POPS = 8;
/** Of many PoPs, how many near ones a round measures; the rest up to `FEW_POPS` are drawn. */
export const NEAR_SAMPLE = 6;
/** PoPs around a connector that these near ones are taken from. */
export const NEIGHBOURHOOD = 16;
/** How much more a short round trip says of where a connector is than a long one: its weight falls with this power. */
export const PLACE_EXPONENT = 3;
/** Time between two rounds of measurements, in the long run. */
export const ROUND_INTERVAL_MS = 300_000;
/** Share by which times between measurements vary, so that connectors do not measure in step. */
export const JITTER_SHARE = 0.2;
/** The first rounds follow one another faster: each looks nearer to the best PoP of the one before. */
export const EARLY_ROUNDS_MS = [3_000, 4_000, 8_000, 15_000, 25_000] as const;
/** Time between the starts of two measurements. */
export const PROBE_STAGGER_MS = 150;
/** Measurements under way at once. */
export const PROBES_AT_ONCE = 4;
/** The same while too few tunnels work: whoever answers first is taken. */
export const PROBES_WHEN_ALARMED = 8;
/** While too few tunnels work: after this time a PoP that was asked holds nobody up any more, though it may still answer. */
export const PROBE_HOLDS_UP_MS = 800;
/** Measurements under way in all then: so many handshakes to nowhere a connector may have open. */
export const PROBES_IN_ALL = 40;
/** How long the tunnel of a measurement is up before it counts: a few heartbeats. */
export const PROBE_UP_MS = 1_000;
/** How long a PoP may take to answer a measurement. */
export const PROBE_TIMEOUT_MS = 8_000;
/** Time after the start in which a better PoP is taken at its first measurement. */
export const SETTLING_MS = 60_000;
/** A challenger has to be better by this much... */
export const BETTER_BY_MS = 10;
/** ...and by this share, */
export const BETTER_BY_SHARE = 0.2;
/** in this many measurements in a row, */
export const BETTER_TIMES = 3;
/** which follow one another after this time. */
export const CONFIRM_INTERVAL_MS = 30_000;
/** Round trips that a second location may cost; beyond, two PoPs of one location are better. */
export const FAR_AWAY_MS = 400;
/** How much a lost packet counts: a round trip with loss p costs (1 + this * p) times as much. */
export const LOSS_WEIGHT = 10;
/** A PoP this full is left for one that is not, where their cost is about the same. */
export const FULL_UTILISATION = 0.9;
/** A PoP that is at most this full is worth moving to from a full one. */
export const ROOMY_UTILISATION = 0.6;
/** Of PoPs that are about as near, one with so much fewer tunnels is worth moving to while a connector settles, */
export const EMPTIER_SHARE = 0.05;
/** and later, when streams run: so much. */
export const MUCH_EMPTIER_SHARE = 0.1;
/** And by so many: small numbers are even by chance alone. */
export const EMPTIER_TUNNELS = 3;
/** Share of the difference to the PoPs around it that moves at once: from 2 on it would swing, and with numbers that are 15 s old sooner. */
export const EVENING_SHARE = 1;
/** How often a connector thinks of moving while it settles: once for each news of the numbers, */
export const EVENING_INTERVAL_MS = 15_000;
/** and later. */
export const EVENING_LATER_INTERVAL_MS = 60_000;
/** After a start numbers of tunnels say nothing until most connectors have theirs, and were told of it. */
export const EVENING_AFTER_MS = 10_000;
/** A number of tunnels is told again when it changed by this share. */
export const TUNNELS_NEWS_SHARE = 0.1;
/** A tunnel that is down for longer than this is replaced: a carrier over TLS has had its chance where UDP fails. */
export const REPLACE_AFTER_MS = 6_000;
/** A tunnel that is silent for longer than this gets another beside it, until it is back or replaced. */
export const DOUBT_MS = 400;
/** A PoP that was taken is waited for this long before another that answers is preferred: a handshake takes less. */
export const PROMISING_MS = 700;
/** A tunnel that was never up has this long: UDP may be blocked, and a carrier go through a slow proxy. */
export const FIRST_UP_WITHIN_MS = 10_000;
/** The same where a PoP that answered is there to take its place. */
export const FIRST_UP_OR_ANOTHER_MS = 3_000;
/** First wait before a PoP that did not answer is tried again; doubled for each further failure. */
export const BACKOFF_MS = 5_000;
/** Longest such wait. */
export const MAXIMUM_BACKOFF_MS = 600_000;
/** Failures that are counted, at most: so many measurements it takes to be trusted again. */
export const MAXIMUM_FAILURES = 10;
/** Failures that it counts as when a PoP goes silent that streams ran through. */
export const KEPT_FAILURE = 3;
/** First such wait while no tunnel is up at all. */
export const LONELY_BACKOFF_MS = 1_000;
/** Longest such wait while no tunnel is up at all: service comes back this soon after the first PoP. */
export const MAXIMUM_LONELY_BACKOFF_MS = 15_000;
/** Connectors that hear that a PoP is back, or that it drains, act within this time, each at a moment of its own. */
export const NEWS_SPREAD_MS = 5_000;
/** A tunnel that was replaced is given up when it was quiet for this long, */
export const LEAVING_QUIET_MS = 10_000;
/** and at the latest after this time; what is left goes through a relay then. */
export const LEAVING_MAX_MS = 600_000;
/** Time in which a first tunnel to a PoP comes up where nothing is in its way. */
export const FIRST_TUNNEL_MS = 5_000;
