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
/** After a start the tunnels come first. */
export const EXAMINE_AFTER_START_MS = 5_000;
/** What changed in a network changes again a moment later. */
export const EXAMINE_AFTER_CHANGE_MS = 10_000;
/** Connectors that lost the same thing at once do not look at the PoPs at once. */
export const EXAMINE_SPREAD_MS = 60_000;
/** Nobody looks more often than this unasked: a network that flaps is not made worse. */
export const EXAMINE_UNASKED_PAUSE_MS = 10 * 60_000;
/** Nor, when asked, more often than this. */
export const EXAMINE_ASKED_PAUSE_MS = 10_000;
/** PoPs that are looked at unasked: those of the tunnels, and some that could stand in. */
export const EXAMINED_POPS_UNASKED = 4;
/** PoPs that are looked at when somebody asks; more would take minutes. */
export const EXAMINED_POPS_ASKED = 12;
