/** Segments in SYN-SENT (RFC 9293 section 3.10.7.3) and the acknowledgment in SYN-RECEIVED. */
import { DEFAULT_MSS_IPV4, DEFAULT_MSS_IPV6 } from '../constants.ts';
import type { DropReason } from '../counters.ts';
import { distance, isAtOrBefore, isBefore, plus } from '../sequence.ts';
import { ACK, RST, type Segment, SYN } from '../wire/tcp.ts';
import { sendAckNow } from './arrives-checks.ts';
import { contentAfterHandshake } from './arrives-text.ts';
import type { ControlBlock } from './control-block.ts';
import { becomeEstablished, fail, makeReady, updateMss } from './lifecycle.ts';
import { handshakeDone } from './retransmit-timer.ts';

/** What a SYN says about its sender. */
export interface PeerOffer {
  readonly seq: number;
  readonly window: number;
  /** 0 when absent. */
  readonly mss: number;
  /** -1 when absent. */
  readonly windowShift: number;
  readonly sackPermitted: boolean;
  readonly hasTimestamps: boolean;
  readonly tsVal: number;
}

/** Takes over the options of the peer's SYN. An option is in force when both sides sent it. */
export function takeOffer(block: ControlBlock, offer: PeerOffer, nowMs: number): void {
  const { rcv, snd, timestamps } = block;
  rcv.irs = offer.seq;
  rcv.nxt = plus(offer.seq, 1);
  rcv.edge = plus(rcv.nxt, Math.min(0xffff, rcv.capacityBytes));
  rcv.lastAckSent = rcv.nxt;
  rcv.lastReceivedAtMs = nowMs;
  block.sackPermitted = block.sackPermitted && offer.sackPermitted;
  block.windowScaling = block.windowScaling && offer.windowShift >= 0;
  if (block.windowScaling) snd.windowShift = offer.windowShift;
  else rcv.windowShift = 0;
  timestamps.enabled = timestamps.enabled && offer.hasTimestamps;
  timestamps.recent = offer.tsVal;
  timestamps.recentAtMs = nowMs;
  const defaultMss = block.local.address.version === 4 ? DEFAULT_MSS_IPV4 : DEFAULT_MSS_IPV6;
  snd.peerMss = Math.max(64, offer.mss || defaultMss);
  // The window of a SYN is never scaled (RFC 7323 section 2.2).
  snd.wnd = offer.window;
  snd.maxWnd = offer.window;
  snd.wl1 = offer.seq;
  updateMss(block);
  // A first guess at the peer's segments, until one is seen.
  block.ackState.largestSegment = 0;
}

export function segmentArrivesInSynSent(block: ControlBlock, segment: Segment, nowMs: number): DropReason | undefined {
  const hasAck = (segment.flags & ACK) !== 0;
  const { snd } = block;
  if (hasAck && (isAtOrBefore(segment.ack, snd.iss) || isBefore(snd.nxt, segment.ack))) return 'tcp-bad-ack';
  if ((segment.flags & RST) !== 0) {
    if (!hasAck) return 'tcp-unproven-reset';
    fail(block, 'refused');
    return undefined;
  }
  if ((segment.flags & SYN) === 0) return 'tcp-bad-flags';
  takeOffer(block, segment, nowMs);
  if (!hasAck) {
    simultaneousOpen(block);
    return undefined;
  }
  snd.una = segment.ack;
  snd.wl2 = segment.ack;
  sampleHandshake(block, segment, nowMs);
  becomeEstablished(block, nowMs);
  sendAckNow(block);
  contentAfterHandshake(block, segment, nowMs);
  return undefined;
}

/** Both sides sent SYN at once (section 3.5, figure 7). */
function simultaneousOpen(block: ControlBlock): void {
  block.state = 'synReceived';
  block.synDue = true;
  makeReady(block);
}

/** SYN-RECEIVED, fifth step: only the acknowledgment of our SYN completes the handshake. */
export function segmentArrivesInSynReceived(
  block: ControlBlock,
  segment: Segment,
  nowMs: number,
): DropReason | undefined {
  const { snd } = block;
  if (segment.ack !== plus(snd.iss, 1)) return 'tcp-bad-ack';
  snd.una = segment.ack;
  snd.nxt = segment.ack;
  snd.wnd = segment.window << snd.windowShift;
  snd.maxWnd = Math.max(snd.maxWnd, snd.wnd);
  snd.wl1 = segment.seq;
  snd.wl2 = segment.ack;
  sampleHandshake(block, segment, nowMs);
  becomeEstablished(block, nowMs);
  return undefined;
}

/** The handshake gives the first RTT sample: by timestamp, or when the SYN was sent once. */
function sampleHandshake(block: ControlBlock, segment: Segment, nowMs: number): void {
  const { timers, timestamps, rtt } = block;
  const isEchoed = timestamps.enabled && segment.hasTimestamps && segment.tsEcr !== 0;
  const echoMs = isEchoed ? distance(segment.tsEcr, timestamps.valueAt(nowMs)) : -1;
  if (timers.synTransmissions <= 1 && block.snd.lastSentAtMs >= 0) rtt.sample(nowMs - block.snd.lastSentAtMs);
  else if (echoMs >= 0) rtt.sample(echoMs);
  handshakeDone(block);
}
