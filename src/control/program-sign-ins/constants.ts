/** Life of a code by which a program is signed in: time to find a browser and sign in there (RFC 8628 section 6.1). */
export const PROGRAM_CODE_LIFE_MS = 600_000;
/** How often a program may ask whether it was signed in (RFC 8628 section 3.2). */
export const PROGRAM_ASK_INTERVAL_MS = 2_000;
/** Programs that one client address (IPv6: one /64) may begin to sign in within the window of sign-ins; an office may share one. */
export const PROGRAM_SIGN_INS_PER_ADDRESS = 30;
/** The same of a network (IPv4: a /24, IPv6: a /48): whoever has a /48 has 65,536 addresses of the above. */
export const PROGRAM_SIGN_INS_PER_NETWORK = 120;
/** Codes that one account may type within the window, right ones included: of 25 billion, nobody guesses one that lives. */
export const PROGRAM_CODES_PER_ACCOUNT = 20;
/** Programs that may wait at once, of everybody: anybody may begin one. */
export const PROGRAM_SIGN_INS_MAX = 5_000;
/** Of them, so many at once make room where there is none, of whose network and region there are most: few looks at all of them. */
export const PROGRAM_SIGN_INS_CROWDED_OUT = 250;
/** A program that was not used for this long has to be signed in again. */
export const PROGRAM_TOKEN_IDLE_MS = 30 * 86_400_000;
/** Longest life of a program's sign-in, however much it is used. */
export const PROGRAM_TOKEN_LIFE_MAX_MS = 365 * 86_400_000;
