/** How often what was used is told to control. */
export const USE_REPORT_MS = 10_000;
/** Credentials that one report tells of. */
export const USES_PER_REPORT = 1_000;
/** Uses that wait to be told while control is away; beyond, more credentials are not counted. */
export const USES_WAITING_MAX = 20_000;
/** Verified HTTP Basic values that are remembered: argon2 on every request would take milliseconds. */
export const VERIFIED_BASIC_MAX = 10_000;
/** Longest Authorization value that is looked at. */
export const AUTHORIZATION_MAX_CHARS = 1_024;
/** Time between a share link and its button. */
export const SHARE_BUTTON_MS = 15 * 60_000;
/** For how long one description of a token's holder serves: each request proves the secret anew, policies may ask how long ago. */
export const HOLDER_KEPT_MS = 5_000;
/** Hosts and resources for which one credential's holder is remembered. */
export const HOLDER_PLACES_MAX = 256;
