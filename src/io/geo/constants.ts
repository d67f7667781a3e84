/** Rows of the table of autonomous systems that are read before requests have a turn: some 10 ms of work. */
export const ASN_ROWS_PER_TURN = 20_000;
