/** First to fourth step of section 3.10.7.4: timestamps, sequence number, RST, SYN, with RFC 5961's care. */
import { CHALLENGE_ACK_INTERVAL_MS, PAWS_IDLE_MS, TIME_WAIT_MS } from '../constants.ts';
import type { DropReason } from '../counters.ts';
import { distance, isAtOrBefore, isBefore, plus } from '../sequence.ts';
import { FIN, RST, type Segment, SYN } from '../wire/tcp.ts';
import type { ControlBlock } from './control-block.ts';
import { close, fail, makeReady } from './lifecycle.ts';

/** Protection against wrapped sequence numbers (RFC 7323 section 5.3 R1). RST is exempt. */
export function checkTimestamps(block: ControlBlock, segment: Segment, nowMs: number): DropReason | undefined {
  const { timestamps } = block;
  if (!timestamps.enabled || (segment.flags & RST) !== 0) return undefined;
  if (!segment.hasTimestamps) return 'tcp-paws';
  if (!isBefore(segment.tsVal, timestamps.recent)) return undefined;
  if (nowMs - timestamps.recentAtMs > PAWS_IDLE_MS) return undefined;
  if (segment.payloadLength > 0) sendAckNow(block);
  else sendChallengeAck(block, nowMs);
  return 'tcp-paws';
}

/** R3 of RFC 7323 section 4.3: TS.Recent follows segments at the left edge. */
export function noteTimestamp(block: ControlBlock, segment: Segment, nowMs: number): void {
  const { timestamps } = block;
  if (!timestamps.enabled || !segment.hasTimestamps) return;
  if (!isAtOrBefore(segment.seq, block.rcv.lastAckSent)) return;
  if (isBefore(segment.tsVal, timestamps.recent) && nowMs - timestamps.recentAtMs <= PAWS_IDLE_MS) return;
  timestamps.recent = segment.tsVal;
  timestamps.recentAtMs = nowMs;
}

/** First step: is some of the segment in the window? (The table in RFC 9293 section 3.4.) */
export function checkSequence(block: ControlBlock, segment: Segment, nowMs: number): DropReason | undefined {
  const { rcv } = block;
  const { seq } = segment;
  let length = segment.payloadLength;
  if ((segment.flags & (SYN | FIN)) !== 0) length++;
  const window = distance(rcv.nxt, rcv.edge);
  const fromNext = distance(rcv.nxt, seq);
  if (length === 0) {
    if (fromNext === 0 || (fromNext > 0 && fromNext < window)) return undefined;
  } else if (window > 0) {
    if (fromNext < window && fromNext + length > 0) return undefined;
  } else if (fromNext === 0) {
    // A shut window takes no text, but the acknowledgment counts, and a FIN in order.
    return undefined;
  }
  if ((segment.flags & RST) !== 0) return 'tcp-unproven-reset';
  return answerUnacceptable(block, segment, length, nowMs);
}

function answerUnacceptable(block: ControlBlock, segment: Segment, length: number, nowMs: number): DropReason {
  if (block.state === 'synReceived' && (segment.flags & SYN) !== 0 && segment.seq === block.rcv.irs) {
    // Our SYN-ACK was lost or late; the timer would send it again, but the peer asks now.
    block.synDue = true;
    makeReady(block);
    return 'tcp-attempt-pending';
  }
  const { rcv } = block;
  if (length > 0 && isBefore(segment.seq, rcv.nxt)) {
    const end = plus(segment.seq, segment.payloadLength);
    if (segment.payloadLength > 0) reportDuplicate(block, segment.seq, isBefore(rcv.nxt, end) ? rcv.nxt : end);
    sendAckNow(block);
    if (block.state === 'timeWait') restartTimeWait(block, nowMs);
  } else if (length > 0 && distance(rcv.nxt, rcv.edge) === 0) {
    // A window probe with data.
    sendAckNow(block);
  } else {
    sendChallengeAck(block, nowMs);
  }
  return 'tcp-out-of-window';
}

/** A FIN came again: our last ACK was lost, so the wait begins anew (section 3.10.7.4, TIME-WAIT). */
function restartTimeWait(block: ControlBlock, nowMs: number): void {
  block.timers.expiresAtMs = nowMs + TIME_WAIT_MS;
}

/** The peer sent bytes twice; it is told which (RFC 2883). */
export function reportDuplicate(block: ControlBlock, start: number, end: number): void {
  block.stack.counters.tcpDuplicatesReceived++;
  if (!block.sackPermitted) return;
  block.ackState.hasDuplicate = true;
  block.ackState.duplicateStart = start;
  block.ackState.duplicateEnd = end;
}

/** Second step: only the exact next sequence number resets (RFC 5961 section 3.2). */
export function checkReset(block: ControlBlock, segment: Segment, nowMs: number): DropReason | undefined {
  if ((segment.flags & RST) === 0) return undefined;
  if (segment.seq !== block.rcv.nxt) {
    sendChallengeAck(block, nowMs);
    return 'tcp-unproven-reset';
  }
  if (block.state === 'timeWait') {
    // Ignored: TIME-WAIT must not be assassinated (RFC 1337).
    return 'tcp-unproven-reset';
  }
  const isDone = block.state === 'lastAck' || block.state === 'closing';
  if (isDone && block.scoreboard.segmentCount <= 1 && block.sendBuffer.sizeBytes === 0) close(block);
  else fail(block, block.state === 'synReceived' && block.isActiveOpen ? 'refused' : 'reset');
  return 'tcp-reset-by-peer';
}

/** Fourth step: a SYN never resets a synchronized connection (RFC 5961 section 4.2). */
export function checkSyn(block: ControlBlock, segment: Segment, nowMs: number): DropReason | undefined {
  if ((segment.flags & SYN) === 0) return undefined;
  sendChallengeAck(block, nowMs);
  return 'tcp-unexpected-syn';
}

export function sendAckNow(block: ControlBlock): void {
  block.ackState.isDue = true;
  makeReady(block);
}

/** An ACK that asks the peer to prove itself; at most one per interval, so that no two hosts can answer each other for ever. */
export function sendChallengeAck(block: ControlBlock, nowMs: number): void {
  if (nowMs - block.ackState.lastChallengeAtMs < CHALLENGE_ACK_INTERVAL_MS) return;
  block.ackState.lastChallengeAtMs = nowMs;
  block.stack.counters.tcpChallengeAcks++;
  sendAckNow(block);
}
