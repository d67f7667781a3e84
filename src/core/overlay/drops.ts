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
] as const;

export type DropReason = (typeof DROP_REASONS)[number];
export type DropCounters = Record<DropReason, number>;

export function newDropCounters(): DropCounters {
  return { 'not-ipv6': 0, 'source-not-allowed': 0, 'not-for-us': 0, 'no-route': 0 };
}
