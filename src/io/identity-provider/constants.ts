/** Longest wait for one answer of an identity provider: a person is waiting, and nothing else helps them. */
export const PROVIDER_TIMEOUT_MS = 8_000;
/** Largest answer of a provider; a token with hundreds of groups is a tenth of it. */
export const PROVIDER_ANSWER_MAX_BYTES = 512 * 1024;
/** For how long a discovery document is used. */
export const DISCOVERY_FRESH_MS = 60 * 60_000;
/** For how long an old discovery document goes on where a new one cannot be had. */
export const DISCOVERY_STALE_MS = 24 * 60 * 60_000;
/** After a failure to read the discovery document it is not asked for again: sign-ins must not become a flood. */
export const DISCOVERY_RETRY_MS = 5_000;
/** For how long a set of keys is used; providers announce new keys days before. */
export const JWKS_FRESH_MS = 60 * 60_000;
/** Between two readings of the keys because a token names an unknown one: anybody can make such tokens. */
export const JWKS_COOLDOWN_MS = 5_000;
/** How far clocks of provider and node may be apart. */
export const PROVIDER_CLOCK_SKEW_S = 60;
/** Claims that are mapped, as JSON; mapping takes time in proportion. */
export const CLAIMS_MAX_CHARS = 128 * 1024;
/** How deep claims nest at most. */
export const CLAIMS_MAX_DEPTH = 16;
/** Longest expression of a mapping. */
export const EXPRESSION_MAX_CHARS = 500;
/** Nodes of an expression's tree; each looks at the claims once. */
export const EXPRESSION_MAX_NODES = 100;
/** How deep an expression nests. */
export const EXPRESSION_MAX_DEPTH = 20;
/** How many copies of its input an expression can make: `[@, @] | [@, @]` makes four, and so on. */
export const EXPRESSION_MAX_COPIES = 16;
/** Names (roles, groups) that one expression gives; the rest is left out. */
export const MAPPED_NAMES_MAX = 500;
/** Longest name that a mapping gives. */
export const MAPPED_NAME_MAX_CHARS = 128;
/** Pages of organisations and teams that GitHub is asked for, a hundred each. */
export const GITHUB_PAGES_MAX = 5;
/** For how long a logout token is taken after it was made (OpenID Connect Back-Channel Logout 1.0 section 2.4 wants it short). */
export const LOGOUT_TOKEN_MAX_AGE_S = 300;
