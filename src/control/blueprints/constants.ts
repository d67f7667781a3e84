/** How long a resource stays whose container has stopped, if nothing else is said: an update of an image takes less. */
export const LABEL_GRACE_MS = 300_000;
/** Longest such time: after a day nobody remembers why the name still answers. */
export const LABEL_GRACE_MAX_MS = 86_400_000;
/** Longest text of a blueprint; the body of a request holds it with its secrets. */
export const BLUEPRINT_MAX_CHARS = 900_000;
/** Mistakes of one document that are told with their lines: each line is looked for, and nobody mends more at a time. */
export const BLUEPRINT_PROBLEMS_MAX = 100;
/** Secrets that come beside a blueprint. */
export const BLUEPRINT_SECRETS_MAX = 256;
/** News of one connector's documents that are kept: the first are those that people can act on. */
export const CONNECTOR_PROBLEMS_MAX = 100;
/** How often a connector's document is tried with another resource left out. */
export const CONNECTOR_TRIES_MAX = 20;
