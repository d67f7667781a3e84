/**
 * routing: from a host name to a backend. The host table, the choice among targets, health, retries, and what is
 * done to header fields on the way.
 *
 * Read first: `target.ts` (what is chosen among), `health.ts` (the states of one target).
 * Sources: RFC 9110 section 7.6 (forwarding), RFC 9112, RFC 7239 (Forwarded).
 */
export type { Balancing, Health, Target } from './target.ts';
