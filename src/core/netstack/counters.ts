/** Why a packet was dropped. The same names appear in counters, tests and metrics. */
export const DROP_REASONS = [
  'truncated',
  'bad-version',
  'not-for-us',
  'bad-source',
  'ipv4-bad-header',
  'ipv4-bad-checksum',
  'ipv4-options',
  'ipv4-fragment',
  'ipv6-extension-header',
  'ipv6-fragment',
  'unknown-protocol',
  'tcp-bad-header',
  'tcp-bad-checksum',
  'tcp-bad-flags',
  'tcp-no-connection',
  'tcp-attempt-pending',
  'tcp-backlog-full',
  'tcp-backlog-share',
  'tcp-connections-full',
  'tcp-paws',
  'tcp-out-of-window',
  'tcp-bad-ack',
  'tcp-unexpected-syn',
  'tcp-unproven-reset',
  'tcp-reassembly-full',
  'tcp-memory-full',
  'tcp-reset-by-peer',
  'tcp-after-close',
  'udp-bad-header',
  'udp-bad-checksum',
  'udp-no-socket',
  'udp-queue-full',
  'icmp-bad-header',
  'icmp-bad-checksum',
  'icmp-unknown-type',
  'icmp-unrelated',
  'icmp-rate-limited',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/** Counts what the stack saw. Plain numbers in one object, so that counting is one addition. */
export class Counters {
  readonly drops: Record<DropReason, number>;
  packetsReceived = 0;
  packetsSent = 0;
  bytesReceived = 0;
  bytesSent = 0;
  tcpRetransmissions = 0;
  tcpTimeouts = 0;
  tcpSpuriousRecoveries = 0;
  tcpTailLossProbes = 0;
  tcpChallengeAcks = 0;
  tcpDuplicatesReceived = 0;
  tcpResetsSent = 0;
  icmpErrorsSent = 0;
  controlPacketsDropped = 0;

  constructor() {
    this.drops = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
  }

  drop(reason: DropReason): DropReason {
    this.drops[reason]++;
    return reason;
  }

  /** A copy with one row per counter and one `drop.REASON` row per reason. */
  snapshot(): Record<string, number> {
    const { drops, ...rest } = this;
    const rows: Record<string, number> = {};
    for (const [name, value] of Object.entries(rest)) if (typeof value === 'number') rows[name] = value;
    for (const reason of DROP_REASONS) rows[`drop.${reason}`] = drops[reason];
    return rows;
  }
}
