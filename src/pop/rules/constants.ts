/** Silence of a backend after which a compressor gives out what it holds: a person does not notice, and a burst is over. */
export const ENCODER_QUIET_MS = 20;
