/** Path of a carrier on the HTTPS port of a PoP, on every host name that it serves. No resource ever sees it. */
export const CARRIER_PATH = '/.well-known/manis/carrier';
/** Largest frame: what one batch of the driver fills. Bounds what a carrier's other end can make us hold. */
export const MAXIMUM_FRAME_BYTES = 65_536;

/** A connector opens a carrier when UDP got no answer within this time of starting. */
export const UDP_PATIENCE_MS = 1_000;
/** UDP that was up is taken for lost when it was not up for this long, or is down. */
export const LOST_PATIENCE_MS = 500;
/** A UDP path that loses this share of its heartbeats is worth less than TCP inside TCP, ... */
export const HOPELESS_LOSS = 0.2;
/** ... once it did so for this long. */
export const HOPELESS_FOR_MS = 10_000;
/** After this time with UDP its loss is known, and no longer that of the blackout before. */
export const LOSS_KNOWN_MS = 60_000;
/** What was left for its loss is trusted again below this share. */
export const CLIMBED_LOSS = 0.05;
/** UDP is to blame for a fall when TLS gets through for this long and UDP does not: longer than a PoP takes to start both. */
export const BLAME_UDP_MS = 3_000;
/** UDP is trusted again when it was up for this long; doubled with each fall. */
export const TRUST_UDP_MS = 10_000;
/** However often UDP fell, it is tried again after being up for this long. */
export const TRUST_UDP_AT_MOST_MS = 600_000;
/** Falls are forgiven when UDP held for this long. */
export const FALLS_FORGIVEN_MS = 1_800_000;
/** The carrier stays open for this long after traffic went back to UDP, so that a relapse costs nothing. */
export const CARRIER_LINGER_MS = 60_000;
