/** Lease on a certificate whose order a node works on; it is renewed with each step. Longer than the longest step. */
export const CERTIFICATE_LEASE_MS = 60_000;
/** Certificates that one control node works on at once. */
export const CERTIFICATES_AT_ONCE = 8;
/** How often a node looks for what is due, whatever the store said last: others write it, too. */
export const CERTIFICATES_POLL_MS = 15_000;
/** Shortest pause between two looks. */
export const CERTIFICATES_LOOK_MIN_MS = 200;
/** Pause where everything that is due is another node's. */
export const CERTIFICATES_OTHERS_MS = 2_000;
/** Between two looks at whether every PoP has the answers to challenges. */
export const PUBLISHED_LOOK_MS = 200;
/** How long after the beginning of an order PoPs that are up have for that. A link that is dead is found out in a fraction of it. */
export const PUBLISHED_WAIT_MS = 60_000;
/** How long a record is left alone after a provider of DNS has taken it, until all of its servers have it. */
export const PROVIDER_SETTLE_MS = 15_000;
/** Steps of one order in a row, after which others have their turn. */
export const ORDER_STEPS_MAX = 12;
/** Leaves of the local authority that are written at once: a tenth of a second of signing, and a statement of 3,500 values. */
export const LEAVES_A_COMMIT = 500;
/** Leaves that are signed in a row, after which others have their turn: some 10 ms. */
export const LEAVES_A_TURN = 50;
