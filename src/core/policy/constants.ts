/** Longest request target that is normalised; longer ones are refused. As long as the whole head that Node's HTTP parser takes. */
export const MAXIMUM_TARGET_LENGTH = 16_384;
/** Most rules of one policy: more than a person can oversee; at some 40 ns for an ordinary rule still cheap. */
export const MAXIMUM_RULES = 500;
/** Deepest nesting of all / any / not; more cannot be read by a person. */
export const MAXIMUM_CONDITION_DEPTH = 16;
/** Most conditions in one rule, leaves and combinations counted. */
export const MAXIMUM_CONDITIONS_PER_RULE = 200;
/** Most entries of one list (users, roles, addresses). */
export const MAXIMUM_LIST_ENTRIES = 10_000;
/** Longest id, name, pattern or list entry, in UTF-16 units. */
export const MAXIMUM_TEXT_LENGTH = 256;
/** Problems that one parse reports before it stops; enough for a person, bounded for a hostile file. */
export const MAXIMUM_PROBLEMS = 50;
/** Most states of one glob or regular expression as an automaton: some hundred characters with a few repetitions. */
export const MAXIMUM_PATTERN_STATES = 1_000;
/** Deepest nesting of groups in a regular expression. */
export const MAXIMUM_REGEX_NESTING = 20;
/** Highest bound of a repetition, such as {2,100}. */
export const MAXIMUM_REGEX_REPEAT = 100;
/** Steps after which a path is given up and unknown to all patterns: one or two milliseconds, at most once a request. */
export const MAXIMUM_PATTERN_STEPS = 250_000;
/** How much of a User-Agent is read; browsers send some 120 characters. */
export const MAXIMUM_USER_AGENT_LENGTH = 512;
/** Farthest back that a policy may ask who signed in from an address: it is kept for as long on every PoP. */
export const MAXIMUM_SIGN_IN_AGE_MS = 72 * 3_600_000;
