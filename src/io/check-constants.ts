/** Largest head of an answer to a check; as much as a PoP takes from a target. */
export const CHECK_ANSWER_HEADER_BYTES = 65_536;
