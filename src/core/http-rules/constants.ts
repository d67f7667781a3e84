/** Most routes of one resource; they are looked at one after another, some 40 ns each. */
export const MAXIMUM_ROUTES = 200;
/** Most header rules of one direction of a resource or route. */
export const MAXIMUM_HEADER_RULES = 50;
/** Longest template of a header, path or redirect, in UTF-16 units: a content security policy fits. */
export const MAXIMUM_TEMPLATE_LENGTH = 4_096;
/** Longest value that a header template may become; backends refuse heads that grow beyond 8 KiB. */
export const MAXIMUM_EXPANDED_LENGTH = 8_192;
/** Longest body of a fixed answer or custom page: settings travel to every PoP with every change. */
export const MAXIMUM_PAGE_LENGTH = 65_536;
/** Longest text of a maintenance page. */
export const MAXIMUM_MESSAGE_LENGTH = 1_000;
/** Most entries of a list of types, origins, roles or addresses in the settings of a resource. */
export const MAXIMUM_SETTING_ENTRIES = 100;
/** Most groups of one regular expression whose text a rewrite may use. */
export const MAXIMUM_CAPTURES = 9;
/** Settings of one resource as JSON, custom pages included; every PoP holds them in memory. */
export const MAXIMUM_SETTINGS_BYTES = 262_144;
/** Smallest body that is worth compressing: below it the head outweighs what is saved. */
export const DEFAULT_COMPRESSION_MINIMUM_BYTES = 1_024;
/** Steps after which matching a path with groups is given up: about a millisecond. */
export const MAXIMUM_REWRITE_STEPS = 100_000;
/** Clients and users whose rate is remembered by one PoP, over all resources: some 15 MB at most. */
export const MAXIMUM_RATE_KEYS = 100_000;
/** Longest time that a public answer is kept: what lives longer is asked for once a day. */
export const LONGEST_KEPT_MS = 86_400_000;
