/** Largest answer over UDP: what passes the smallest IPv6 path without fragments (DNS flag day 2020). */
export const UDP_ANSWER_MAX_BYTES = 1232;
/** Largest answer over UDP to a client that does not speak EDNS (RFC 1035 section 4.2.1). */
export const PLAIN_UDP_ANSWER_MAX_BYTES = 512;
/** Largest message over TCP: its length has 16 bits (RFC 1035 section 4.2.2). */
export const TCP_MESSAGE_MAX_BYTES = 65_535;
/** Records beside the question that a query may have: an OPT, a signature and what an old client adds. */
export const QUERY_RECORDS_MAX = 4;
/** Records that are read of an answer of somebody else's server; the largest of honest ones have some dozen. */
export const ANSWER_RECORDS_MAX = 512;
/** Pointers that are followed for one name: a name has at most 127 labels. */
export const NAME_POINTERS_MAX = 127;
/** Life of records that change when a PoP is added or removed: name servers and their addresses, SOA, CAA. */
export const ZONE_TTL_SECONDS = 300;
/** Life of the answer that a name is not there: short, so that a new resource is found at once. */
export const NEGATIVE_TTL_SECONDS = 20;
/** Life of a text that proves something to an authority. */
export const TEXT_TTL_SECONDS = 20;
/** Name servers that a zone names: more would not fit into an answer with their addresses. */
export const NAMESERVERS_MAX = 8;
/** Answers a second to one block of addresses (/24, /56): a busy public resolver needs some hundred. */
export const ANSWERS_PER_SECOND = 500;
/** Answers to it that may come at once. */
export const ANSWERS_BURST = 1_000;
/** Of those beyond, every so manyth is answered as truncated: a real client comes again over TCP, a forged one gains nothing. */
export const SLIP = 2;
/** Buckets of the rate limiter, for all blocks of addresses together: its memory does not depend on who asks. */
export const RATE_BUCKETS = 65_536;
/** SOA timers for secondaries, of which there are none: every PoP has the zone from its snapshot. */
export const SOA_REFRESH_SECONDS = 3_600;
export const SOA_RETRY_SECONDS = 600;
export const SOA_EXPIRE_SECONDS = 604_800;
/** How far the clocks of who signs and who verifies may be apart (RFC 8945 section 10 recommends it). */
export const TSIG_FUDGE_SECONDS = 300;
