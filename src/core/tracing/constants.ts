/** Traces a second that are recorded because a client asks for it: enough for whoever looks for a fault, no lever for strangers. */
export const ASKED_TRACES_A_SECOND = 10;
