/** Seventh and eighth step of section 3.10.7.4: the segment text and the FIN. */
import { DELAYED_ACK_MS, FIN_WAIT_KEEP_ALIVE } from '../constants.ts';
import type { DropReason } from '../counters.ts';
import { distance, isAtOrBefore, isBefore, plus } from '../sequence.ts';
import { FIN, type Segment } from '../wire/tcp.ts';
import { reportDuplicate, sendAckNow } from './arrives-checks.ts';
import { type ControlBlock, EVENT_PEER_FINISHED, EVENT_READABLE } from './control-block.ts';
import { armKeepAlive, enterTimeWait, raise } from './lifecycle.ts';
import { sampleReceiverRtt } from './receive-window.ts';

/** Whether the peer may still send text in this state. */
function takesText(block: ControlBlock): boolean {
  return block.state === 'established' || block.state === 'finWait1' || block.state === 'finWait2';
}

export function textArrives(block: ControlBlock, segment: Segment, nowMs: number): DropReason | undefined {
  if (!takesText(block)) return 'tcp-after-close';
  const { rcv, receiveQueue } = block;
  let start = segment.seq;
  let offset = segment.payloadOffset;
  let end = plus(start, segment.payloadLength);
  if (isBefore(start, rcv.nxt)) {
    reportDuplicate(block, start, isBefore(rcv.nxt, end) ? rcv.nxt : end);
    offset += distance(start, rcv.nxt);
    start = rcv.nxt;
  }
  const limit = rcv.finKnown && isBefore(rcv.finAt, rcv.edge) ? rcv.finAt : rcv.edge;
  if (isBefore(limit, end)) end = limit;
  if (isAtOrBefore(end, start)) {
    sendAckNow(block);
    return 'tcp-out-of-window';
  }
  if (block.stack.memory.isExhausted && receiveQueue.sizeBytes > 0) return 'tcp-memory-full';
  if (segment.payloadLength > block.ackState.largestSegment) block.ackState.largestSegment = segment.payloadLength;
  if (start !== rcv.nxt) return outOfOrderTextArrives(block, start, end, segment, offset);
  const length = distance(start, end);
  receiveQueue.append(segment.bytes, offset, length, false);
  rcv.nxt = end;
  if (segment.hasTimestamps) sampleReceiverRtt(block, segment.tsEcr, nowMs);
  inOrderTextArrived(block, length, nowMs);
  return undefined;
}

function outOfOrderTextArrives(
  block: ControlBlock,
  start: number,
  end: number,
  segment: Segment,
  offset: number,
): DropReason | undefined {
  const result = block.reassembly.insert(start, end, segment.bytes, offset);
  if (result === 'duplicate') reportDuplicate(block, start, end);
  // At once, so that the sender learns of the gap (RFC 5681 section 4.2).
  if (!block.sackPermitted) block.ackState.duplicatesDue = Math.min(8, block.ackState.duplicatesDue + 1);
  sendAckNow(block);
  return result === 'full' ? 'tcp-reassembly-full' : undefined;
}

function inOrderTextArrived(block: ControlBlock, length: number, nowMs: number): void {
  const { ackState, rcv, reassembly } = block;
  const before = rcv.nxt;
  if (!reassembly.isEmpty) {
    rcv.nxt = reassembly.drainTo(block.receiveQueue, rcv.nxt);
    sendAckNow(block);
  }
  block.tally.bytesReceived += length + distance(before, rcv.nxt);
  if (!block.readableRaised) {
    block.readableRaised = true;
    raise(block, EVENT_READABLE);
  }
  ackState.unackedBytes += length;
  if (rcv.finKnown) takeFin(block, nowMs);
  if (ackState.isDue) return;
  if (ackState.quickLeft > 0) {
    ackState.quickLeft--;
    sendAckNow(block);
  } else if (ackState.unackedBytes >= 2 * ackState.largestSegment) {
    // Every second full segment; a burst that arrives before the next poll gets one ACK for all.
    sendAckNow(block);
  } else if (ackState.delayedAtMs === Number.POSITIVE_INFINITY) {
    ackState.delayedAtMs = nowMs + DELAYED_ACK_MS;
  }
}

/** A FIN at `finAt` was seen; it counts once all text before it is there. */
export function finArrives(block: ControlBlock, finAt: number, nowMs: number): void {
  const { rcv } = block;
  if (rcv.finConsumed) {
    sendAckNow(block);
    return;
  }
  if (!takesText(block)) return;
  // A second FIN elsewhere is nonsense; so is one before bytes already received.
  if (!rcv.finKnown && !isBefore(finAt, rcv.nxt)) {
    rcv.finKnown = true;
    rcv.finAt = finAt;
  }
  takeFin(block, nowMs);
  sendAckNow(block);
}

function takeFin(block: ControlBlock, nowMs: number): void {
  const { rcv } = block;
  if (rcv.finConsumed || !rcv.finKnown || rcv.finAt !== rcv.nxt) return;
  rcv.finConsumed = true;
  rcv.nxt = plus(rcv.nxt, 1);
  if (isBefore(rcv.edge, rcv.nxt)) rcv.edge = rcv.nxt;
  block.reassembly.clear();
  sendAckNow(block);
  raise(block, EVENT_PEER_FINISHED);
  if (block.state === 'established') block.state = 'closeWait';
  else if (block.state === 'finWait1') block.state = 'closing';
  else if (block.state === 'finWait2') enterTimeWait(block, nowMs);
}

/** Our FIN is acknowledged but the peer's has not come. A peer that vanished is found by keep-alive. */
export function enterFinWait2(block: ControlBlock, nowMs: number): void {
  block.state = 'finWait2';
  block.keepAlive ??= FIN_WAIT_KEEP_ALIVE;
  armKeepAlive(block, nowMs);
}

/** Text or FIN on a SYN-ACK is legal and rare. */
export function contentAfterHandshake(block: ControlBlock, segment: Segment, nowMs: number): void {
  if (segment.payloadLength === 0 && (segment.flags & FIN) === 0) return;
  segment.seq = plus(segment.seq, 1);
  if (segment.payloadLength > 0) textArrives(block, segment, nowMs);
  if ((segment.flags & FIN) !== 0) finArrives(block, plus(segment.seq, segment.payloadLength), nowMs);
}
