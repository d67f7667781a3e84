/** Probes that measure round trip and loss to one endpoint. */
export const DOCTOR_PROBES = 20;
/** Time between them. */
export const DOCTOR_PROBE_INTERVAL_MS = 20;
/** Wait for the last answers. */
export const DOCTOR_PROBE_WAIT_MS = 1_000;
/** Tries of one size while the largest datagram is looked for; one lost probe must not look like a wall. */
export const DOCTOR_SIZE_TRIES = 3;
/** Largest UDP payload that is tried: Ethernet's 1500 without the headers of IPv4 and UDP. */
export const DOCTOR_LARGEST_BYTES = 1_472;
/** Long answers that are asked for to measure the speed of a carrier: three quarters of a megabyte. */
export const DOCTOR_BULK_PROBES = 48;
/** Longest time to wait for them; what has come by then is what counts. */
export const DOCTOR_BULK_WAIT_MS = 4_000;
