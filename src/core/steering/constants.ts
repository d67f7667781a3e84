/** Life of an address in a resolver's cache: after an outage most clients ask anew within it. A drain waits at least twice. */
export const ANSWER_TTL_SECONDS = 20;
/** Fewest PoPs of an answer, where there are as many: a client whose first does not answer tries the second. */
export const ANSWER_POPS_MIN = 2;
/** Most PoPs of an answer. Resolvers may shuffle them, so a third is there only if it is about as near as the first. */
export const ANSWER_POPS_MAX = 3;
/** A PoP is about as near as another if its round trip is longer by no more than this. */
export const ABOUT_AS_NEAR_MS = 8;
/** PoPs whose round trips differ by no more than this are the same to a person: clients are spread over them. */
export const EQUALLY_NEAR_MS = 3;
/** Round trip that even a client next door has: its access network. */
export const RTT_BASE_MS = 4;
/** Round trip for each km of great circle: light in fibre does 100 km a millisecond there and back, and cables take detours of 1.5. */
export const RTT_PER_KM_MS = 0.015;
/** Most of a measurement that is put down to the client's access network; what is more may be distance, so others are worth a try. */
export const ACCESS_MAX_MS = 25;
/** Round trip between a PoP and a client of whom nothing is known. */
export const RTT_UNKNOWN_MS = 100;
/** What a PoP claims to have measured is believed down to this part of the estimate, so that a liar cannot attract the world. */
export const CLAIM_FLOOR_SHARE = 0.3;
/** Share of answers that put another PoP first to learn its round trip: about 1 %. */
export const EXPLORE_SHARE = 1 / 128;
/** A PoP is worth a try only if it may be as near as this much behind the best. */
export const EXPLORE_EXCESS_MS = 40;
/** An unmeasured PoP may be this much nearer than its estimate; where that beats the best, it is the second of the answer. */
export const HOPEFUL_SHARE = 0.8;
/** The second of an answer may be farther than the next best by this share of its round trip: it is drawn from those, ... */
export const STAND_IN_SHARE = 0.5;
/** ... and by this much at most. */
export const STAND_IN_EXCESS_MS = 40;
/** Share of its capacity that a PoP which sheds clients is led to: room below 90 % for what is on its way. */
export const SHED_TARGET = 0.7;
/** Share of its capacity from which on a PoP sheds clients; above the target, so that it does not begin and end all the time. */
export const SHED_START = 0.76;
/** Least share of its capacity that a PoP is taken to have free, when it is drawn for the second place of an answer. */
export const ROOM_MIN = 0.05;
/** Time constant of the average of a PoP's load: shorter peaks move nobody. */
export const LOAD_AVERAGE_MS = 2_000;
/** Time constant of the slower average beside it: how far they are apart tells how fast the load grows. */
export const LOAD_TREND_MS = 10_000;
/** How much of that growth is taken to go on: about as long as the caches that nobody reaches any more. */
export const TREND_WEIGHT = 1.8;
/** Time constant with which a PoP that is too full keeps fewer clients. */
export const SHED_MS = 1_500;
/** Time constant with which it takes them back: slower, so that there is no swing. */
export const TAKE_BACK_MS = 20_000;
/** How long a change of answers takes to be seen in the load: caches of resolvers and open connections. */
export const SHED_EFFECT_MS = 12_000;
/** Least share of its clients that a PoP keeps, so that no claim of load puts it out of the answers. */
export const SHARE_MIN = 0.02;
/** A load is believed up to this multiple of the capacity. */
export const UTILISATION_MAX = 2;
/** A report older than this tells nothing: PoPs report every few seconds. */
export const REPORT_FRESH_MS = 10_000;
/** How long the others must hear a PoP again before it is up: a link that flaps does not move clients. */
export const RECOVERY_MS = 3_000;
/** Prefixes of clients that a PoP remembers a round trip to; the least recently used goes. */
export const PREFIXES_MAX = 10_000;
/** Prefixes that a PoP remembers of what its peers measured, over all peers. */
export const PEER_PREFIXES_MAX = 20_000;
/** Prefixes in one report; the next report goes on where it ended, so that the reports stay small. */
export const PREFIXES_PER_REPORT = 32;
/** Measurements that make a round trip known: a single one may have met a busy client, and would not be made again. */
export const SAMPLES_MIN = 4;
/** Weight of a shorter round trip in the average: the shortest one seen is nearly the truth. */
export const SHORTER_RTT_WEIGHT = 0.7;
/** Weight of a longer round trip in the average: mostly a busy client, seldom a new route. */
export const LONGER_RTT_WEIGHT = 0.06;
/** A round trip above this is a client that was asleep, no measurement. */
export const RTT_MAX_MS = 3_000;
