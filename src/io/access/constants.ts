/** How long a PoP may take to open a connection to a target: it tries several ways, and may wait for one. */
export const TUNNEL_OPEN_TIMEOUT_MS = 30_000;
/** Of an answer that is no agreement: a problem document is small. */
export const REFUSAL_BYTES_MAX = 16_384;
/** How long somebody may take to sign in. */
export const SIGN_IN_WAIT_MS = 600_000;
/** Requests of the browser that brings the code, before it is taken for somebody else's. */
export const CALLBACK_REQUESTS_MAX = 100;
