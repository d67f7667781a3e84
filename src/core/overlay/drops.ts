/** Why the overlay dropped a packet that WireGuard authenticated, or that its own stack made. */
export const DROP_REASONS = [
  /** Shorter than an IPv6 header, or another version. */
  'not-ipv6',
  /** A peer used an address that is not its own. */
  'source-not-allowed',
  /** For somebody else: this node forwards nothing. */
  'not-for-us',
  /** No tunnel leads there. */
  'no-route',
  /** Larger than what the path takes. */
  'too-big',
  /** For somebody else, and not sealed end to end. */
  'not-relayed-port',
  /** For somebody else whom we do not know. */
  'unknown-destination',
  /** Connectors do not reach one another. */
  'connector-to-connector',
  /** PoPs reach one another directly or not at all. */
  'pop-to-pop',
  /** For somebody else who is not attached to us directly: one relay at most. */
  'no-direct-path',
  /** It came too far. */
  'hop-limit',
  /** Too much waits to be sent on. */
  'relay-queue-full',
  /** Too much of one sender waits to be sent on. */
  'relay-queue-share',
  /** What came through a relay is malformed, or in another such packet. */
  'bad-relay-packet',
  /** What came through a relay is not from whom it names. */
  'relay-source',
  /** Between devices and us travel TCP and ICMP over IPv4, in whole packets. */
  'not-for-devices',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];
export type DropCounters = Record<DropReason, number>;

export function newDropCounters(): DropCounters {
  return Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as DropCounters;
}
