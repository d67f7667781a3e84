/** Links of connectors that may be opening at once. */
export const LINK_BACKLOG = 1_024;
/** Bytes that may wait for a connector that does not read its link before it is cut. */
export const LINK_UNSENT_MAX_BYTES = 4 * 1024 * 1024;
