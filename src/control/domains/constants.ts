/** How often a domain that waits for its records is looked at: people sit in front of it. */
export const WAITING_LOOK_MS = 60_000;
/** After a day of waiting, nobody does. */
export const LONG_WAITING_LOOK_MS = 30 * 60_000;
/** When that day is over. */
export const WAITING_IS_LONG_MS = 86_400_000;
/** How often a verified domain is looked at. */
export const VERIFIED_LOOK_MS = 60 * 60_000;
/** How often one that was verified and is not any more. */
export const FAILING_LOOK_MS = 5 * 60_000;
/** What a place saw longer ago than this says nothing about now: three looks. */
export const LOOK_COUNTS_MS = 3 * VERIFIED_LOOK_MS;
/** How long `verify` waits for what PoPs see before it answers with what there is. */
export const VERIFY_WAIT_MS = 8_000;
/** For how long a domain whose proof is gone is kept from others that prove it: a slip in a zone file is mended by then. */
export const PROOF_GONE_MS = 7 * 86_400_000;
/** Domains that are looked at in one round of a control node. */
export const LOOKS_PER_ROUND_MAX = 100;
/** How often a control node sees which domains are due. */
export const LOOK_ROUND_MS = 15_000;
/** How often files of certificates are looked at: no notice of the system gets lost that way, on any file system. */
export const CERTIFICATE_FILES_LOOK_MS = 10_000;
/** How long before its end a certificate that was given is warned about. */
export const EXPIRY_WARNING_MS = 21 * 86_400_000;
