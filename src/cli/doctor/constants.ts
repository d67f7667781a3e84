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
/** A clock that is wrong by more than this makes certificates and tokens look unborn or dead. */
export const CLOCK_WRONG_MS = 5 * 60_000;
/** A clock that is wrong by more than this is worth a word. */
export const CLOCK_OFF_MS = 30_000;
/** Share of lost probes that is worth a word. */
export const LOSS_NOTED = 0.05;
/** What WireGuard and the inner IPv6 need at the least: 1280 bytes inside, 32 around. */
export const SMALLEST_USEFUL_BYTES = 1_280 + 32;
/** What the usual tunnel MTU of 1420 needs. */
export const USUAL_BYTES = 1_420 + 32;
/** Throughput that is worth a word: a page of a megabyte takes longer than four seconds. */
export const SLOW_BYTES_PER_SECOND = 250_000;
/** Long answers that are asked for to measure the speed of a carrier: three quarters of a megabyte. */
export const DOCTOR_BULK_PROBES = 48;
/** Longest time to wait for them; what has come by then is what counts. */
export const DOCTOR_BULK_WAIT_MS = 4_000;
