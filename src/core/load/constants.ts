/** Beyond this mean wait of what is ready to run, people notice; with a processor to itself a PoP is far below it. */
export const OVERLOAD_DELAY_MS = 120;
/** Below this it is calm again; the room between the two keeps the level from going up and down. */
export const CALM_DELAY_MS = 40;
/** A program that uses less of its core than this waits for others, and shedding its own work would not help. */
export const OVERLOAD_CPU_SHARE = 0.6;
/** Readings above before more is shed, and below before less is: one reading may be one large thing. */
export const OVERLOAD_READINGS = 2;
/** Calm readings before a level is let go. */
export const CALM_READINGS = 3;
