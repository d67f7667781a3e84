/** Time for a checkout to compile its programs: some seconds on a quiet machine. */
export const COMPILE_TIMEOUT_MS = 300_000;
