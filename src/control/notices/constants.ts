/** How often it is looked for what is bad: news are of tens of seconds, and a look reads a few tables. */
export const NOTICE_LOOK_MS = 10_000;
/** Right of one node to look: longer than a look takes, so that it goes on, and short, so that another takes over. */
export const NOTICE_LEASE_MS = 60_000;
/** How long something is bad before events tell of it: what is back by then was a restart. */
export const EVENT_SETTLE_MS = 30_000;
/** Shortest time before an alert. */
export const ALERT_HOLD_MIN_MS = 10_000;
/** Longest time before one. */
export const ALERT_HOLD_MAX_MS = 86_400_000;
/** How long something has to be bad unless a rule says otherwise. */
export const ALERT_HOLD_MS = 120_000;
/** A certificate that ends sooner than this is about to end: renewal began long before and has failed. */
export const CERTIFICATE_ENDS_SOON_MS = 7 * 86_400_000;
/** Failed orders in a row after which a certificate fails; the first is often a record that was not there yet. */
export const CERTIFICATE_FAILURES = 2;
/** Refused sign-ins within the window that are a burst; people who mistype make a few. */
export const REFUSED_SIGN_INS_BURST = 30;
/** The window in which they are counted. */
export const REFUSED_SIGN_INS_WINDOW_MS = 600_000;
/** Events that wait for one webhook: a receiver that is away for a day loses the newest of more than that. */
export const DELIVERIES_WAITING_MAX = 1_000;
/** Events that are over and kept for each webhook to be looked at. */
export const DELIVERIES_KEPT = 200;
/** Events that are sent at once by a node. */
export const DELIVERIES_AT_ONCE = 16;
/** How long a node that tries an event keeps others from it: longer than a try may take. */
export const DELIVERY_CLAIM_MS = 60_000;
/** Waits between tries, as the Standard Webhooks have it, in all about a day; then an event is dead. */
export const DELIVERY_RETRY_DELAYS_MS = [5_000, 60_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000] as const;
/** Longest wait for a look at what another node left behind. */
export const DELIVERY_POLL_MS = 30_000;
/** Shortest wait between looks. */
export const DELIVERY_LOOK_MIN_MS = 50;
/** Longest text that is kept of why a try failed. */
export const DELIVERY_ERROR_CHARS = 300;
/** Webhooks and addresses that one rule may tell. */
export const ALERT_RECIPIENTS_MAX = 20;
/** Test events that somebody may send within the window of the limits. */
export const WEBHOOK_TESTS_MAX = 20;
