/** Time between heartbeats while a tunnel carries traffic. */
export const HEARTBEAT_BUSY_MS = 500;
/** Time between heartbeats while it does not. */
export const HEARTBEAT_IDLE_MS = 5_000;
/** Time between heartbeats once one went unanswered: find out quickly. */
export const HEARTBEAT_DOUBT_MS = 100;
/** A tunnel counts as busy for this long after a packet. */
export const BUSY_FOR_MS = 2_000;
/** An answer may take this long before it is missed, on top of four round trips. */
export const ANSWER_GRACE_MS = 150;
/** Missed answers in a row that make a tunnel suspect: new streams avoid it. */
export const SUSPECT_AFTER_MISSES = 2;
/** Missed answers in a row that make a tunnel down. */
export const DOWN_AFTER_MISSES = 5;
/** Time between heartbeats of a tunnel that is down. */
export const HEARTBEAT_DOWN_MS = 1_000;
/** Heartbeats whose sending time is remembered, to measure the round trip of late answers. */
export const REMEMBERED_HEARTBEATS = 16;
/** Weight of a new sample in the smoothed round-trip time. */
export const RTT_WEIGHT = 0.125;
/** Weight of a new sample in the smoothed loss. */
export const LOSS_WEIGHT = 0.05;
/** Peers that may be added to one node; each costs memory whether it talks or not. */
export const MAXIMUM_PEERS = 65_536;
/** Datagrams in one receive-offload run. */
export const SEGMENTS_AT_MOST = 1_024;
/** Heartbeat deadlines are met to this precision, so that many peers are gone over together. */
export const HEARTBEAT_TICK_MS = 5;
/** What a peer that we dial gets: quick retries, never giving up, and the NAT kept open. */
export const DIALLING = {
  retryScheduleMs: [250, 500, 1_000, 1_000, 1_000, 2_000, 2_000, 2_000],
  slowRetryMs: 5_000,
  persistentKeepaliveMs: 25_000,
} as const;
