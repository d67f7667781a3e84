/** How long a backend's address may be silent before the next one is tried beside it (RFC 8305 section 8). */
export const DIAL_NEXT_ADDRESS_MS = 250;
/** Addresses of one name that are tried for one connection: enough for two families of a few machines. */
export const MAXIMUM_DIALLED_ADDRESSES = 8;
/** Silence of a backend's connection after which the system asks whether it is there. */
export const BACKEND_KEEP_ALIVE_MS = 60_000;
