import type { Endpoint, IpAddress } from '../../../base/index.ts';
import type { ConnectionFailure, KeepAlive, TcpState } from '../api.ts';
import { RECEIVE_BUFFER_INITIAL_BYTES, SEND_BUFFER_INITIAL_BYTES } from '../constants.ts';
import type { StackResources } from '../stack-resources.ts';
import { Cubic } from './cubic.ts';
import { Delivery } from './delivery.ts';
import { Rack } from './rack.ts';
import { Reassembly } from './reassembly.ts';
import { ReceiveQueue } from './receive-queue.ts';
import { Recovery } from './recovery.ts';
import { RoundTripTime } from './round-trip-time.ts';
import { Scoreboard } from './scoreboard.ts';
import { SendBuffer } from './send-buffer.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Send sequence variables (RFC 9293 section 3.3.1). */
export class SendSequence {
  iss = 0;
  una = 0;
  nxt = 0;
  /** Scaled. */
  wnd = 0;
  wl1 = 0;
  wl2 = 0;
  /** Largest window the peer ever offered. */
  maxWnd = 0;
  windowShift = 0;
  /** Payload bytes of a full segment: the peer's MSS, the MTU and the timestamps considered. */
  mss = 0;
  /** What the peer's SYN and the current path allow, before options. */
  peerMss = 0;
  pathMtu = 0;
  finQueued = false;
  finSent = false;
  /** Position in the send buffer of the byte at snd.una. */
  unaPosition = 0;
  /** -1 before the first segment. */
  lastSentAtMs = -1;
}

/** Receive sequence variables (RFC 9293 section 3.3.1). */
export class ReceiveSequence {
  irs = 0;
  nxt = 0;
  /** Right edge of the window as last advertised; it never moves back. */
  edge = 0;
  windowShift = 0;
  /** Last.ACK.sent of RFC 7323 section 4.3. */
  lastAckSent = 0;
  finKnown = false;
  finAt = 0;
  finConsumed = false;
  capacityBytes = RECEIVE_BUFFER_INITIAL_BYTES;
  lastReceivedAtMs = 0;
}

/** Timestamps option state (RFC 7323). */
export class Timestamps {
  enabled = false;
  /** Added to the clock, so that connections do not reveal a common clock. */
  offset = 0;
  /** TS.Recent and when it was set. */
  recent = 0;
  recentAtMs = 0;

  /** TSval for now: milliseconds, wrapping. */
  valueAt(nowMs: number): number {
    return (Math.floor(nowMs) + this.offset) | 0;
  }
}

/** What kind of acknowledgement is owed. */
export class AckState {
  /** An ACK is to be sent at once. */
  isDue = false;
  /** Bytes in order since the last ACK. */
  unackedBytes = 0;
  delayedAtMs = NEVER;
  /** Segments that are still acknowledged at once. */
  quickLeft = 0;
  /** Peer's full segment, as seen. */
  largestSegment = 0;
  /** Duplicate range to report first (RFC 2883). */
  hasDuplicate = false;
  duplicateStart = 0;
  duplicateEnd = 0;
  /** Duplicate ACKs owed to a peer without SACK, which counts them. */
  duplicatesDue = 0;
  lastChallengeAtMs = Number.NEGATIVE_INFINITY;
}

/** What the one retransmission timer is for. */
export type RetransmitTimer = 'off' | 'rto' | 'probe' | 'reorder' | 'persist';

/** Deadlines. Infinity is off. */
export class Timers {
  retransmit: RetransmitTimer = 'off';
  retransmitAtMs = NEVER;
  keepAliveAtMs = NEVER;
  /** Handshake timeout or the end of TIME-WAIT. */
  expiresAtMs = NEVER;
  /** Transmissions of SYN or SYN-ACK. */
  synTransmissions = 0;
  /** Unanswered window or keep-alive probes. */
  persistProbes = 0;
  keepAliveProbes = 0;
  /** When snd.una last moved, or sending began. */
  progressAtMs = 0;
}

/** Tail loss probe (RFC 8985 section 7). */
export class TailLossProbe {
  /** One is due to be sent. */
  isDue = false;
  /** One was sent and its outcome is open until `end` is acknowledged. */
  isOutstanding = false;
  end = 0;
  isRetransmission = false;
}

/** Receive buffer auto-tuning. */
export class ReceiveTuning {
  rttMs = NEVER;
  spaceStartMs = -1;
  bytesRead = 0;
}

export class Tally {
  bytesReceived = 0;
  segmentsSent = 0;
  segmentsReceived = 0;
  retransmissions = 0;
  timeouts = 0;
  spuriousRecoveries = 0;
  softErrors = 0;
}

export const EVENT_CONNECTED = 1;
export const EVENT_READABLE = 2;
export const EVENT_WRITABLE = 4;
export const EVENT_PEER_FINISHED = 8;
export const EVENT_CLOSED = 16;
export const EVENT_FAILED = 32;

/** All state of one connection (the TCB of RFC 9293). The steps of section 3.10 are functions over it. */
export class ControlBlock {
  readonly id: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly stack: StackResources<ControlBlock>;
  state: TcpState = 'closed';
  isActiveOpen = false;
  readonly snd = new SendSequence();
  readonly rcv = new ReceiveSequence();
  readonly timestamps = new Timestamps();
  readonly ackState = new AckState();
  readonly timers = new Timers();
  readonly probe = new TailLossProbe();
  readonly tuning = new ReceiveTuning();
  readonly tally = new Tally();
  readonly rtt = new RoundTripTime();
  readonly rack = new Rack();
  readonly congestion = new Cubic();
  readonly recovery = new Recovery();
  readonly delivery = new Delivery();
  readonly sendBuffer = new SendBuffer();
  readonly receiveQueue = new ReceiveQueue();
  readonly reassembly = new Reassembly();
  readonly scoreboard: Scoreboard;
  sackPermitted = false;
  windowScaling = false;
  noDelay = true;
  keepAlive: KeepAlive | undefined = undefined;
  /** SYN or SYN-ACK is to be sent (again). */
  synDue = false;
  /** A window probe or keep-alive probe is to be sent. */
  probeDue = false;
  /** The last attempt to send stopped at the congestion window. */
  cwndLimited = false;
  duplicateAcks = 0;
  sendBufferBytes = SEND_BUFFER_INITIAL_BYTES;
  writeWasShort = false;
  readableRaised = false;
  failure: ConnectionFailure | undefined = undefined;
  /** Bytes charged to the stack's memory. */
  chargedBytes = 0;
  /** Once out of the connection table nothing is sent, charged or raised again. */
  isForgotten = false;
  /** Backlog slot that is given back when the handshake ends. */
  backlog: { release(source: IpAddress): void } | undefined = undefined;
  /** IP header, ports: what all segments share. And the part of the checksums that never changes. */
  template = new Uint8Array(0);
  pseudoSum = 0;
  // Links of the stack's structures.
  isReady = false;
  readyNext: ControlBlock | undefined = undefined;
  heapIndex = -1;
  heapMs = Number.POSITIVE_INFINITY;
  tableNext: ControlBlock | undefined = undefined;
  tableHash = 0;
  pendingEvents = 0;
  isEventQueued = false;

  constructor(id: number, local: Endpoint, remote: Endpoint, stack: StackResources<ControlBlock>) {
    this.id = id;
    this.local = local;
    this.remote = remote;
    this.stack = stack;
    this.scoreboard = new Scoreboard(stack.pool);
  }
}
