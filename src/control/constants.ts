/** Longest body of an API request. */
export const API_BODY_MAX_BYTES = 1024 * 1024;
/** Time for a client to send a whole request. */
export const API_REQUEST_TIMEOUT_MS = 30_000;
/** Life of an enrolment token unless the request says otherwise, and the longest it may ask for. */
export const ENROLMENT_TOKEN_LIFETIME_MS = 24 * 3_600_000;
export const ENROLMENT_TOKEN_LIFETIME_MAX_MS = 30 * 86_400_000;
/** Random bytes of tokens and set-up links. */
export const SECRET_BYTES = 32;
/** How long committed changes gather before they are published; promised are 100 ms. */
export const PUBLISH_DELAY_MS = 10;
/** Published states that are remembered, so that a PoP that comes back gets a delta. */
export const PUBLISHED_STATES_KEPT = 64;
/** Pause between two whole snapshots for one PoP that asks again and again. */
export const RESYNC_PAUSE_MS = 1_000;
/** Shortest life of a snapshot's word, whatever the staleness setting. */
export const SNAPSHOT_LIFETIME_MIN_MS = 5 * 60_000;
/** Longest time between two renewals of that word; a quarter of its life where that is shorter. */
export const SNAPSHOT_RENEWAL_MAX_MS = 3_600_000;
/** Life of the root key's delegation to this node, and what may be left of it when it is made anew. */
export const DELEGATION_LIFETIME_MS = 180 * 86_400_000;
export const DELEGATION_RENEW_BEFORE_MS = 90 * 86_400_000;
/** How often certificates, delegation and ended rows are looked after. */
export const UPKEEP_INTERVAL_MS = 3_600_000;
/** Sessions of the organisation that is made at first start. */
export const SESSION_IDLE_MS = 12 * 3_600_000;
export const SESSION_ABSOLUTE_MS = 7 * 86_400_000;
/** For how long PoPs serve without control, unless set otherwise. */
export const STALENESS_MS = 24 * 3_600_000;
/** Tries to sign in within the window, by account and by client address (IPv6: by /64). */
export const SIGN_IN_WINDOW_MS = 15 * 60_000;
export const SIGN_IN_TRIES_PER_ACCOUNT = 10;
export const SIGN_IN_TRIES_PER_ADDRESS = 50;
/** Refused tries that are read back after a restart. */
export const SIGN_IN_TRIES_RESTORED_MAX = 10_000;
/** Between two notes of when an API token was last used. */
export const TOKEN_TOUCH_INTERVAL_MS = 60_000;
/** Longest user agent that is kept. */
export const USER_AGENT_MAX_CHARS = 256;
/** Ended sessions stay visible to the audit for this long. */
export const ENDED_SESSION_KEPT_MS = 30 * 86_400_000;
/** Role whose members may manage everything. */
export const ADMIN_ROLE = 'admin';
export const FIRST_ADMIN_EMAIL = 'admin@manis.localhost';
