// Heartbeats.
/** Time between heartbeats while a path carries traffic. */
export const HEARTBEAT_BUSY_MS = 500;
/** Time between heartbeats of one end while it does not; the two ends take turns, half of it apart. */
export const HEARTBEAT_IDLE_MS = 5_000;
/** Time between heartbeats once one is late: find out quickly. */
export const HEARTBEAT_DOUBT_MS = 100;
/** Time between heartbeats of a path that nothing was heard on yet. */
export const HEARTBEAT_FIRST_MS = 250;
/** Time between heartbeats of a path that is down. */
export const HEARTBEAT_DOWN_MS = 1_000;
/** Heartbeats over a path that is down, until an end that does not dial leaves it to the other end. */
export const DOWN_ASKS = 10;
/** A path counts as busy for this long after a packet. */
export const BUSY_FOR_MS = 2_000;
/** An answer is late after the usual round trip and four deviations (RFC 6298), but never sooner after the round trip than this. */
export const LATE_AT_LEAST_MS = 60;
/** When an answer is late while no round trip was measured. */
export const LATE_UNMEASURED_MS = 300;
/** However much the round trips vary, an answer is late after this. */
export const LATE_AT_MOST_MS = 1_500;
/** No path is suspect before a heartbeat was unanswered for this long: a busy process at the other end answers late. */
export const SUSPECT_SILENCE_MS = 450;
/** The same counted from when the answer was late, for long round trips. */
export const SUSPECT_AFTER_LATE_MS = 300;
/** A relay that was never tried answers within this time, handshake included, or is suspect. */
export const ASSUMED_SILENCE_MS = 800;
/** A heartbeat unanswered for this long makes a path down. */
export const DOWN_SILENCE_MS = 2_000;
/** Unanswered heartbeats that it takes as well. */
export const DOWN_AFTER_ASKS = 5;
/** Heartbeats whose sending time is remembered, to measure the round trip of late answers. */
export const REMEMBERED_HEARTBEATS = 16;
/** Weight of a new sample in the smoothed loss. */
export const LOSS_WEIGHT = 0.05;
/** Heartbeat deadlines are met to this precision, so that many peers are gone over together. */
export const HEARTBEAT_TICK_MS = 5;
/** Our own turn came this much too late: answers may wait in the socket. */
export const OWN_STALL_MS = 40;
/** After that, no answer is taken for missing during this time, so that the socket is read first. */
export const OWN_STALL_GRACE_MS = 25;

// Paths.
/** A better path must have been up for this long before it takes over again; doubled with each failure. */
export const STEADY_MS = 3_000;
/** However often a path failed, it is tried again after being up for this long. */
export const STEADY_AT_MOST_MS = 60_000;
/** Failures of a path are forgotten after this time without another. */
export const FAILURES_FORGOTTEN_MS = 300_000;
/** A new direct path is preferred to a relay for this long before anything was heard on it. */
export const FIRST_TRY_MS = 1_000;
/** A relay takes over from another only if its round trip is this much of the other's at most, ... */
export const RELAY_BETTER_FACTOR = 0.7;
/** ... and this much shorter, ... */
export const RELAY_BETTER_MS = 10;
/** ... and the other was used for this long. */
export const RELAY_KEPT_MS = 10_000;
/** A relay gets heartbeats for this long after the last packet; then it rests until it is needed again. */
export const RELAY_USED_FOR_MS = 15_000;
/** A relay that failed is put aside for this long; doubled with each failure. */
export const RELAY_ASIDE_MS = 5_000;
/** However often a relay failed, it is tried again after this long. */
export const RELAY_ASIDE_AT_MOST_MS = 60_000;
/** Relays of one peer. */
export const RELAYS_AT_MOST = 8;

/** A path that loses this share of its heartbeats gives way to one that is not known to, ... */
export const LOSSY_FROM = 0.2;
/** ... until it loses less than this. */
export const LOSSY_UNTIL = 0.05;

// Search for the MTU of a path.
/** A probe is lost when a heartbeat sent after it is answered and it is not; or else after this time. */
export const MTU_PROBE_WAIT_MS = 3_000;
/** Probes of one size that are lost before it counts as too large (RFC 8899 section 5.1.2, MAX_PROBES). */
export const MTU_PROBES = 3;
/** The search ends when what is left to find is smaller than this. */
export const MTU_SEARCH_STEP_BYTES = 8;
/** After a search that found less than the most, search again after this time (section 5.1.1, PMTU_RAISE_TIMER). */
export const MTU_RAISE_MS = 600_000;
/** What was found is confirmed at this interval while there is traffic: a black hole may open later. */
export const MTU_CONFIRM_MS = 10_000;
/** Signs of a black hole ask for confirmation no more often than this. */
export const MTU_DOUBT_MS = 500;

// Packets.
/** Smallest MTU that IPv6 allows (RFC 8200 section 5): every path is taken to carry it inside. */
export const BASE_MTU = 1_280;
/** IPv6 and UDP header of what travels through a relay. */
export const RELAY_HEADER_BYTES = 48;
/** Inner MTU over a relay: wrapped, sealed and padded it is no larger than the smallest MTU. */
export const RELAYED_MTU = 1_200;
/** Bytes of packets of others that wait to be sent on. */
export const FORWARD_QUEUE_BYTES = 4 * 1024 * 1024;
/** Packets of others that wait to be sent on. */
export const FORWARD_QUEUE_PACKETS = 4_096;
/** Peers that may be added to one node; each costs memory whether it talks or not. */
export const MAXIMUM_PEERS = 65_536;
/** Datagrams in one receive-offload run. */
export const SEGMENTS_AT_MOST = 1_024;
/** Times between handshakes without an answer, to every peer: a relay is given up within a second. */
export const RETRY_SCHEDULE_MS = [250, 500, 1_000, 1_000, 1_000, 2_000, 2_000, 2_000] as const;
/** What a peer that we dial gets besides: never giving up, and the NAT kept open. */
export const DIALLING = { slowRetryMs: 5_000, persistentKeepaliveMs: 25_000 } as const;

// Plain WireGuard devices.
/** A device that made no handshake for this long has no session that counts (REJECT_AFTER_TIME of the WireGuard paper). */
export const DEVICE_HANDSHAKE_MS = 180_000;
/**
 * A session that we began is renewed when something comes after this time: later than a device renews its own (by 145 s),
 * and at least one keepalive before it ends.
 */
export const DEVICE_RENEW_MS = 150_000;
/** What we sent a device is answered after 10 s at the latest, by a keepalive; later than this it is in doubt. */
export const DEVICE_SUSPECT_MS = 15_000;
/** Not even the keepalive came that its configuration asks for every 25 s. */
export const DEVICE_DOWN_MS = 30_000;
