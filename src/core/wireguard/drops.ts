/** Why bytes were dropped, each reason counted. */
export const DROP_REASONS = [
  'not-wireguard', // no known type, or reserved bytes that are not zero
  'bad-length', // a length that its type cannot have
  'bad-mac1', // not meant for this device's key, or garbage
  'under-load', // no valid mac2 under load; a cookie was sent where the budget allows
  'source-limit', // too many handshakes from one source under load
  'handshake-limit', // the device computes no more handshakes this second
  'outbox-full', // no room for another answer
  'bad-handshake', // a Noise message that does not open
  'unknown-peer', // an initiation by a key that was not added
  'replayed-initiation', // a timestamp not newer than the peer's last
  'initiation-flood', // initiations of one peer too close together
  'unknown-index', // no session or handshake of that index
  'bad-cookie', // a cookie reply that does not open or was not asked for
  'session-expired', // a session beyond its time or its counters
  'replayed-counter', // a counter seen before, or older than the window
  'bad-tag', // a data message that does not open
  'queue-full', // a packet waiting for a session gave way
  'no-endpoint', // nowhere to send to
  'gave-up', // a packet waited for a session that did not come
] as const;

export type DropReason = (typeof DROP_REASONS)[number];
export type DropCounters = Record<DropReason, number>;

export function createDropCounters(): DropCounters {
  return Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as DropCounters;
}
